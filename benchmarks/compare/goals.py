"""What must hold: each claim about varve as a measured ratio and its bound."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

MEBIBYTE = 1 << 20
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "<": operator.lt,
}


@dataclass(frozen=True)
class Goal:
    """A claim on one contest: a measure of varve and one peer, divided round by round.

    With `peer_first` the ratio is peer / varve ("so many times as fast"), else varve / peer.
    """

    claim: str
    contest: str
    peer: str
    measure: str
    peer_first: bool
    comparison: str
    bound: float


FASTER, SHARE = True, False
UMOCI, BUILDAH, OPENSSL, SKOPEO = "umoci", "buildah", "openssl dgst", "skopeo copy"
PLAIN, UNPACK = "varve pack -o oci:", "umoci raw unpack"
PIGZ_6, PIGZ_1, IGZIP = "tar | pigz -6", "tar | pigz -1", "tar | igzip -1"

GOALS = [
    Goal("debian: times as fast as umoci", "debian/gzip", UMOCI, "wall", FASTER, ">=", 3.0),
    Goal("debian: CPU time, share of umoci's", "debian/gzip", UMOCI, "cpu", SHARE, "<=", 0.55),
    Goal("debian: layer, share of umoci's", "debian/gzip", UMOCI, "layer", SHARE, "<", 1.0),
    Goal("debian: times as fast as buildah", "debian/gzip", BUILDAH, "wall", FASTER, ">=", 6.0),
    Goal("debian: times as fast as tar, pigz -6", "debian/gzip", PIGZ_6, "wall", FASTER, ">=", 4.0),
    Goal(
        "debian, fastest: times as fast as tar, igzip -1",
        "debian/fastest",
        IGZIP,
        "wall",
        FASTER,
        ">=",
        2.5,
    ),
    Goal("debian, none: time, share of openssl's", "debian/none", OPENSSL, "wall", SHARE, "<=", 1.25),
    Goal("one 2 GiB file, none: time, share of openssl's", "single/none", OPENSSL, "wall", SHARE, "<=", 1.25),
    Goal("digest of one file: time, share of openssl's", "single/digest", OPENSSL, "wall", SHARE, "<=", 1.03),
    Goal(
        "digest of two files: times openssl's throughput",
        "single/digest-two",
        OPENSSL,
        "wall",
        FASTER,
        ">=",
        1.9,
    ),
    Goal("small: times as fast as tar, pigz -1", "small/gzip", PIGZ_1, "wall", FASTER, ">=", 1.4),
    Goal("small: layer, share of that of tar, pigz -1", "small/gzip", PIGZ_1, "layer", SHARE, "<=", 0.95),
    Goal("archive: time, share of a layout's", "debian/archive", PLAIN, "wall", SHARE, "<=", 1.2),
    Goal("layout and both archives: time, share of a layout's", "debian/all-forms", PLAIN, "wall", SHARE, "<=", 1.5),
    Goal("unpack umoci's image: times as fast as umoci", "debian/unpack-umoci", UNPACK, "wall", FASTER, ">=", 2.0),
    Goal("unpack varve's image: times as fast as umoci", "debian/unpack-varve", UNPACK, "wall", FASTER, ">=", 3.0),
    Goal(
        "check of two images of 1 GiB: times openssl's throughput", "halves.plain/check", OPENSSL, "wall", FASTER,
        ">=", 1.9,
    ),
    Goal("push: time, share of curl's", "halves.plain/push", "curl -T", "wall", SHARE, "<=", 1.1),
    Goal("push: CPU time, share of skopeo's", "halves.plain/push", SKOPEO, "cpu", SHARE, "<=", 0.4),
    Goal("push again: time, share of skopeo's", "halves.plain/push-again", SKOPEO, "wall", SHARE, "<=", 0.5),
    Goal("pull: time, share of curl's with sha256sum", "halves.plain/pull", "curl | sha256sum", "wall", SHARE, "<=", 1.1),
    Goal("pull: CPU time, share of skopeo's", "halves.plain/pull", SKOPEO, "cpu", SHARE, "<=", 0.4),
]

BUILDS = {
    "build": ("buildah bud, push", 6.0),
    "build-again": ("buildah bud --layers, push, again", 8.0),
}
PLANS = {"plan": ("find, sha256sum", 2.0), "plan-again": ("find -printf", 1.5)}
GOALS += [
    Goal(f"{theme}: times as fast as buildah", f"debian.context/{theme}", peer, "wall", FASTER, ">=", bound)
    for theme, (peer, bound) in BUILDS.items()
]
GOALS += [
    Goal(f"{theme}: time, share of find's", f"debian.context/{theme}", peer, "wall", SHARE, "<=", bound)
    for theme, (peer, bound) in PLANS.items()
]

PEAK_BOUND = 96
BUILD_PEAK_BOUND = 128
SIZE_BOUND = 1.04


def judged(contests: list[dict], references: dict[str, int]) -> list[dict]:
    """The table of claims: claim, comparison, bound, unit, median, minimum, maximum, met.

    `references` has, per tree, the bytes that `pigz -6` makes of varve's own tar. A claim whose contest
    was not run has None for its figures.
    """
    by_name = {contest["name"]: contest for contest in contests}
    rows = [_ratio_row(goal, by_name.get(goal.contest)) for goal in GOALS]
    for tree in ("debian", "binaries", "small", "single"):
        rows.append(_size_row(tree, by_name.get(f"{tree}/gzip"), references.get(tree)))
    builds = [contest for contest in contests if contest["name"].startswith("debian.context/")]
    others = [contest for contest in contests if contest not in builds]
    rows.append(_peak_row("everywhere", others, PEAK_BOUND))
    rows.append(_peak_row("builds", builds, BUILD_PEAK_BOUND))
    return rows


def spread(values: list[float]) -> dict[str, float]:
    return {"median": median(values), "minimum": min(values), "maximum": max(values)}


def ratios(above: list[dict], below: list[dict], measure: str) -> list[float] | None:
    """`measure` of `above` divided by that of `below`, round by round; None where it is not measured."""
    pairs = [(over[measure], under[measure]) for over, under in zip(above, below, strict=True)]
    if any(over is None or not under for over, under in pairs):
        return None
    return [over / under for over, under in pairs]


def _ratio_row(goal: Goal, contest: dict | None) -> dict:
    values = None
    peers = [] if contest is None else [c for c in contest["contenders"] if c["name"] == goal.peer]
    if peers:
        varve, peer = contest["contenders"][0]["runs"], peers[0]["runs"]
        values = ratios(peer, varve, goal.measure) if goal.peer_first else ratios(varve, peer, goal.measure)
    return _row(goal.claim, goal.comparison, goal.bound, "×", values)


def _size_row(tree: str, contest: dict | None, reference: int | None) -> dict:
    values = None
    if contest is not None and reference:
        values = [run["layer"] / reference for run in contest["contenders"][0]["runs"]]
    return _row(f"{tree}: layer, share of pigz -6 of the same tar", "<=", SIZE_BOUND, "×", values)


def _peak_row(place: str, contests: list[dict], bound: int) -> dict:
    # "Everywhere" is no median: the worst run of the worst contest has to hold.
    peaks = [run["peak"] for contest in contests for run in contest["contenders"][0]["runs"]]
    values = [max(peaks) / MEBIBYTE] if peaks else None
    return _row(f"{place}: peak memory of varve, worst run", "<=", bound, " MiB", values)


def _row(claim: str, comparison: str, bound: float, unit: str, values: list[float] | None) -> dict:
    row = {"claim": claim, "comparison": comparison, "bound": bound, "unit": unit}
    if values is None:
        return row | {"median": None, "minimum": None, "maximum": None, "met": None}
    figures = spread(values)
    return row | figures | {"met": COMPARISONS[comparison](figures["median"], bound)}
