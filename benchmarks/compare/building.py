"""Builds from a Dockerfile: varve beside buildah, and planning beside find."""

from __future__ import annotations

from collections.abc import Callable

# Base and context are in the input `debian.context`: `base` an image layout, `files` what is copied, and two Dockerfiles
# that copy it, `ignoring` with an ignore file of 40 patterns.

# The base lies in its storage, and buildah is not made to remove what it leaves there. The storage driver is the faster
# of the two that need no further program.
BUILDAH = """set -euo pipefail
tree=$1 out=$2
own_buildah() {
  STORAGE_DRIVER=overlay buildah --root "$out/storage" --runroot "$out/run" "$@"
}
"""

BUILDAH_BASE = 'own_buildah pull --quiet "oci:$tree/base:base" > "$out/id"\nown_buildah tag "$(< "$out/id")" localhost/base\n'

BUILDAH_BUILD = """own_buildah bud --quiet --isolation chroot LAYERS -f "$tree/plain" -t localhost/app "$tree/files" > "$out/built"
"""

# varve flushes what it writes; buildah's layout is therefore flushed by `sync`.
BUILDAH_PUSH = """own_buildah push --quiet localhost/app "oci:$out/layout:bench"
find "$out/layout" -exec sync {} +
"""

Words = Callable[[list[str], str], list[str]]


def commands(varve: str) -> dict[str, list[tuple[str, Words, Words | None, tuple[str, ...], str]]]:
    """Name, words, words of what goes before and is not measured, tools, result: for each theme varve's first."""
    return {
        "build": [
            ("varve build", _build(varve), None, (), "layout"),
            _buildah("buildah bud, push", "--layers=false", is_again=False),
        ],
        "build-again": [
            ("varve build, again", _build(varve), _build(varve, "OUT/first"), (), "layout"),
            _buildah("buildah bud --layers, push, again", "--layers", is_again=True),
        ],
        "plan": [
            ("varve build --plan, nothing known", _plan(varve), None, (), "nothing"),
            ("find, sha256sum", _find("-type", "f", "-exec", "sha256sum", "{}", "+"), None, ("find",), "nothing"),
        ],
        "plan-again": [
            ("varve build --plan, again", _plan(varve), _build(varve, "OUT/first", "ignoring"), (), "nothing"),
            ("find -printf", _find("-printf", r"%p %y %m %s %T@ %C@ %i\n"), None, ("find",), "nothing"),
        ],
    }


def _build(varve: str, layout: str = "OUT/layout", dockerfile: str = "plain") -> Words:
    return lambda paths, out: [
        *_words(varve, dockerfile, paths, out),
        *("-o", f"oci:{layout.replace('OUT', out)}:bench", "--quiet"),
    ]


def _plan(varve: str) -> Words:
    return lambda paths, out: [*_words(varve, "ignoring", paths, out), "--plan"]


def _words(varve: str, dockerfile: str, paths: list[str], out: str) -> list[str]:
    tree = paths[0]
    return [
        *(varve, "build", f"{tree}/files", "-f", f"{tree}/{dockerfile}"),
        *("--build-context", f"base=oci:{tree}/base:base", "--cache-dir", f"{out}/cache"),
    ]


def _find(*words: str) -> Words:
    return lambda paths, out: ["find", f"{paths[0]}/files", *words]


def _buildah(
    name: str, layers: str, is_again: bool
) -> tuple[str, Words, Words | None, tuple[str, ...], str]:
    build = BUILDAH_BUILD.replace("LAYERS", layers)
    before = BUILDAH + BUILDAH_BASE + (build if is_again else "")
    return (
        name, _script(BUILDAH + build + BUILDAH_PUSH), _script(before), ("bash", "buildah"), "layout",
    )  # fmt: skip


def _script(text: str) -> Words:
    return lambda paths, out: ["bash", "-c", text, "bash", paths[0], out]
