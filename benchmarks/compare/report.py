"""The results as JSON and as Markdown tables; the picture is drawn by plot."""

from __future__ import annotations

import json
from pathlib import Path

import plot

TITLES = {
    "gzip": "gzip, default level",
    "fastest": "gzip, level fastest",
    "zstd": "zstd, default level",
    "none": "no compression, onto a tmpfs",
    "digest": "digest of one file",
    "digest-two": "digests of two files, half as large each",
    "archive": "an archive in place of a layout",
    "all-forms": "a layout and both archives at once",
    "unpack-umoci": "unpack umoci's image, onto a tmpfs",
    "unpack-varve": "unpack varve's image, onto a tmpfs",
    "check": "check of a layout with two images",
    "push": "an image to a registry on this machine",
    "push-again": "an image to a registry that has it",
    "pull": "an image from a registry on this machine",
    "destination": "packed into a registry",
    "build": "FROM, COPY of the tree, into a layout; no cache yet",
    "build-again": "the same once more",
    "plan": "planned with 40 ignore patterns, nothing hashed before",
    "plan-again": "planned once more",
}

# Measure, heading, divisor, decimals.
COLUMNS = [
    ("wall", "wall, s", 1, 2),
    ("cpu", "CPU, s", 1, 2),
    ("peak", "peak memory, MiB", 1 << 20, 1),
    ("layer", "layer, MB", 1_000_000, 2),
]


def write(results: dict, folder: Path) -> None:
    """Write latest.json, latest.md and latest.svg into `folder`, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "latest.json").write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n")
    (folder / "latest.md").write_text(markdown(results))
    (folder / "latest.svg").write_text(plot.drawing(results, TITLES))


def markdown(results: dict) -> str:
    """The whole report."""
    parts = [
        "# varve and its peers",
        _circumstances(results),
        "![Wall time relative to varve](latest.svg)",
        "## What must hold",
        f"Ratios are taken round by round ({_rounds(results)}); the figure is their median, with the smallest"
        " and the largest in parentheses.",
        _goal_table(results["goals"]),
    ]
    for tree, description in results["inputs"].items():
        parts.append(f"## {tree}")
        parts.append(
            f"{description['maker']}: {_count(description['files'], 'file')},"
            f" {description['bytes'] / 1e6:,.0f} MB."
        )
        for contest in results["contests"]:
            if contest["input"] == tree:
                parts += [f"### {tree}: {TITLES[contest['theme']]}", _contest_table(contest)]
        reference = results["references"].get(tree)
        if reference:
            parts.append(f"`pigz -6` of varve's own tar: {reference / 1e6:.2f} MB.")
    parts += ["## Versions", _versions(results["versions"]), "## Commands", _commands(results["contests"])]
    return "\n\n".join(parts) + "\n"


def goal_lines(goals: list[dict]) -> str:
    """The claims for a terminal, one a line."""
    width = max(len(goal["claim"]) for goal in goals)
    return "\n".join(
        f"{goal['claim']:{width}}  {_bound(goal):>9}  {_measured(goal):26}  {_verdict(goal).strip('*')}"
        for goal in goals
    )


def _circumstances(results: dict) -> str:
    facts = results["machine"]
    lines = [
        f"{results['date']}. {facts['processor']}, {_count(facts['processors'], 'processor')},"
        f" {facts['memory'] / 1024:.0f} GiB of memory; {facts['distribution']}, {facts['kernel']},"
        f" {facts['file_system']}. Load average at the start: {results['load']}."
    ]
    if results["quick"]:
        lines.append("**A quick run: one round, small inputs. The figures show that it works, no more.**")
    if results["only"]:
        lines.append(f"**A partial run: {', '.join(results['only'])} only.**")
    return "\n\n".join(lines)


def _goal_table(goals: list[dict]) -> str:
    rows = [[goal["claim"], _bound(goal), _measured(goal), _verdict(goal)] for goal in goals]
    return _table(["claim", "bound", "measured", ""], rows)


def _bound(goal: dict) -> str:
    sign = {">=": "≥", "<=": "≤", "<": "<"}[goal["comparison"]]
    return f"{sign} {goal['bound']:g}{goal['unit']}"


def _measured(goal: dict) -> str:
    if goal["median"] is None:
        return "–"
    decimals = 1 if goal["unit"] == " MiB" else 3 if goal["bound"] < 2 else 2
    return _spread(goal, 1, decimals) + goal["unit"]


def _verdict(goal: dict) -> str:
    return {True: "met", False: "**not met**", None: "not measured"}[goal["met"]]


def _contest_table(contest: dict) -> str:
    columns = [column for column in COLUMNS if contest["contenders"][0]["figures"][column[0]] is not None]
    rows = []
    for contender in contest["contenders"]:
        row = [f"`{contender['name']}`".replace("|", "\\|")]
        for measure, _, divisor, decimals in columns:
            figure, relative = contender["figures"][measure], contender["relative"][measure]
            row.append("–" if figure is None else _spread(figure, divisor, decimals))
            row.append("–" if relative is None else _spread(relative, 1, 2))
        rows.append(row)
    headings = [heading for _, name, _, _ in columns for heading in (name, "of varve's")]
    return _table(["command", *headings], rows)


def _spread(figures: dict, divisor: float, decimals: int) -> str:
    """The median, and the smallest and largest where they differ from it as printed."""
    shown = [f"{figures[key] / divisor:.{decimals}f}" for key in ("median", "minimum", "maximum")]
    if shown[0] == shown[1] == shown[2]:
        return shown[0]
    return f"{shown[0]} ({shown[1]}–{shown[2]})"


def _versions(versions: dict[str, str]) -> str:
    return "\n".join(f"- {tool}: {version}" for tool, version in versions.items())


def _commands(contests: list[dict]) -> str:
    """Every distinct command once, under the name of its contender."""
    shown: dict[str, str] = {}
    for contest in contests:
        for contender in contest["contenders"]:
            shown.setdefault(contender["name"], _text(contender["command"]))
            if contender.get("before"):
                shown.setdefault(f"{contender['name']}, not measured, before it", _text(contender["before"]))
    return "\n\n".join(f"{name}:\n\n```sh\n{text}\n```" for name, text in shown.items())


def _text(command: list[str]) -> str:
    return command[2].strip() if command[:2] == ["bash", "-c"] else " ".join(command)


def _table(headings: list[str], rows: list[list[str]]) -> str:
    lines = [headings, ["---"] + ["--:"] * (len(headings) - 1), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _rounds(results: dict) -> str:
    return _count(results["rounds"], "round")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
