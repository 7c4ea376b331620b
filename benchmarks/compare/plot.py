"""The results as a picture: wall time of each command in multiples of varve's, as an SVG."""

from __future__ import annotations

import math
from xml.sax.saxutils import escape

WIDTH = 960
LEFT, RIGHT = 300, 150
BAR, GAP, HEADING, BETWEEN = 16, 6, 26, 16
TOP, BOTTOM = 96, 52

PAPER, INK, FAINT, GRID = "#ffffff", "#1f2328", "#59636e", "#d9dee3"
VARVE, PEER, WHISKER = "#0a7d5a", "#8fa3bd", "#34424f"
STEPS = (0.25, 0.5, 1, 2)
# One slow peer must not press all others into the first centimetre: longer bars are cut, and marked.
LONGEST = 12


def drawing(results: dict, titles: dict[str, str]) -> str:
    """An SVG document; `titles` names each contest's theme."""
    contests = results["contests"]
    everyone = [contender for contest in contests for contender in contest["contenders"]]
    scale = Scale(max(contender["relative"]["wall"]["maximum"] for contender in everyone))
    body, top = [], TOP
    for contest in contests:
        heading = f"{contest['input']}: {titles[contest['theme']]}"
        body.append(_text(24, top + 14, heading, size=14, weight=600, halo=True))
        top += HEADING
        for number, contender in enumerate(contest["contenders"]):
            body += _bar(contender, top, scale, is_varve=number == 0)
            top += BAR + GAP
        top += BETWEEN
    floor = top - BETWEEN + 4
    height = floor + BOTTOM
    frame = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}"'
        f' viewBox="0 0 {WIDTH} {height}" font-family="DejaVu Sans, Verdana, Helvetica, Arial, sans-serif"'
        ' role="img" aria-label="Wall time of each command relative to varve">',
        # A background of its own: the page behind it may be dark.
        f'<rect width="{WIDTH}" height="{height}" rx="8" fill="{PAPER}"/>',
        *_header(results),
        *scale.grid(TOP - 8, floor),
    ]
    return "\n".join([*frame, *body, "</svg>"]) + "\n"


class Scale:
    """Multiples of varve's time to pixels, from 0 to a round number at or above `largest`, or LONGEST."""

    def __init__(self, largest: float):
        reach = min(largest, LONGEST)
        self.step = next(step for step in STEPS if reach / step <= 8)
        self.end = math.ceil(reach / self.step) * self.step

    def x(self, multiple: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * min(multiple, self.end) / self.end

    def grid(self, top: float, floor: float) -> list[str]:
        parts = []
        for number in range(round(self.end / self.step) + 1):
            multiple = number * self.step
            parts.append(_line(self.x(multiple), top, self.x(multiple), floor, GRID))
            parts.append(_text(self.x(multiple), floor + 18, f"{multiple:g}×", anchor="middle", fill=FAINT))
        middle = (LEFT + WIDTH - RIGHT) / 2
        note = "wall time, varve = 1 (less is faster)"
        parts.append(_text(middle, floor + 38, note, anchor="middle", fill=FAINT))
        # The line every peer is held against.
        parts.append(_line(self.x(1), top, self.x(1), floor, VARVE, dashes="4 3"))
        return parts


def _header(results: dict) -> list[str]:
    facts = results["machine"]
    rounds = "1 round" if results["rounds"] == 1 else f"{results['rounds']} rounds"
    shown = "median" if results["rounds"] == 1 else "median, smallest and largest"
    circumstances = f"{facts['processor']}, {facts['processors']} processors, {facts['kernel']}"
    kind = ", quick run on small inputs" if results["quick"] else ""
    return [
        _text(24, 32, "Wall time relative to varve", size=18, weight=700),
        _text(24, 52, circumstances, fill=FAINT),
        _text(24, 70, f"{results['date']}, {rounds} ({shown}){kind}", fill=FAINT),
    ]


def _bar(contender: dict, top: float, scale: Scale, is_varve: bool) -> list[str]:
    relative, seconds = contender["relative"]["wall"], contender["figures"]["wall"]["median"]
    baseline = top + BAR - 4
    start, end = scale.x(0), scale.x(relative["median"])
    parts = [
        _text(LEFT - 10, baseline, contender["name"], anchor="end", weight=600 if is_varve else 400),
        f'<rect x="{start:.1f}" y="{top}" width="{end - start:.1f}" height="{BAR}" rx="2"'
        f' fill="{VARVE if is_varve else PEER}"/>',
    ]
    if relative["median"] > scale.end:
        parts += _cut(end - 14, top)
    low, high = scale.x(relative["minimum"]), scale.x(relative["maximum"])
    # A spread that leaves the scale would be drawn too short: the tables have it.
    if high - low >= 1 and relative["maximum"] <= scale.end:
        middle = top + BAR / 2
        parts.append(_line(low, middle, high, middle, WHISKER, width=1.5))
        parts += [_line(x, middle - 4, x, middle + 4, WHISKER, width=1.5) for x in (low, high)]
    label = f"{seconds:.2f} s" if is_varve else f"{relative['median']:.2f}×  ({seconds:.2f} s)"
    # A halo of paper keeps the label legible where it crosses a line of the grid.
    parts.append(_text(max(end, high) + 8, baseline, label, halo=True))
    return parts


def _cut(x: float, top: float) -> list[str]:
    """Two slanting strokes of paper through a bar that goes on beyond the end of the scale."""
    return [_line(at, top + BAR + 1, at + 5, top - 1, PAPER, width=2.5) for at in (x, x + 5)]


def _text(
    x: float,
    y: float,
    words: str,
    *,
    size: int = 12,
    weight: int = 400,
    anchor: str = "start",
    fill: str = INK,
    halo: bool = False,
) -> str:
    outline = f' stroke="{PAPER}" stroke-width="4" paint-order="stroke"' if halo else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}"'
        f' fill="{fill}"{outline}>{escape(words)}</text>'
    )


def _line(
    x1: float, y1: float, x2: float, y2: float, stroke: str, *, width: float = 1, dashes: str = ""
) -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
        f' stroke="{stroke}" stroke-width="{width}"{dashed}/>'
    )
