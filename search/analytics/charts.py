"""Bars and lines of charts that a page draws by itself, as SVG: no script, no style of their own.
Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

BAR, GAP = 10, 2
HEIGHT = 60
WIDTH = 160  # of a chart of lines


@dataclass(frozen=True)
class Column:
    """An upright bar and the part of it that is marked, in the chart's own units."""

    label: str
    value: int
    marked: int
    x: int
    y: float
    height: float
    marked_y: float
    marked_height: float


@dataclass(frozen=True)
class Columns:
    """A chart of columns."""

    columns: list[Column]
    most: int

    @property
    def width(self) -> int:
        """In its own units."""
        return max(len(self.columns) * (BAR + GAP) - GAP, 1)


def columns(values: Sequence[tuple[str, int, int]]) -> Columns:
    """Return the columns for (label, value, marked part of it)."""
    most = max((value for _, value, _ in values), default=0)
    scale = HEIGHT / most if most else 0.0
    made = []
    for place, (label, value, marked) in enumerate(values):
        height, part = round(scale * value, 2), round(scale * marked, 2)
        x, y, marked_y = place * (BAR + GAP), round(HEIGHT - height, 2), round(HEIGHT - part, 2)
        made.append(Column(label, value, marked, x, y, height, marked_y, part))
    return Columns(made, most)


@dataclass(frozen=True)
class Line:
    """One series: its name, and "x,y x,y" as an SVG polyline takes it."""

    name: str
    points: str


@dataclass(frozen=True)
class Lines:
    """A chart of lines between its first and last x, and its least and most y; `marked` is where
    a chosen x lies."""

    lines: list[Line]
    first: float
    last: float
    least: float
    most: float
    marked: float


def lines(series: Mapping[str, Sequence[tuple[float, float]]], marked: float) -> Lines:
    """Return the lines for series of (x, y), all on one scale; there must be a point."""
    every = [point for points in series.values() for point in points]
    (first, last), (least, most) = ((min(each), max(each)) for each in zip(*every, strict=True))

    def across(x: float) -> float:
        return round(WIDTH * (x - first) / ((last - first) or 1), 2)

    def down(y: float) -> float:
        return round(HEIGHT * (most - y) / ((most - least) or 1), 2)

    made = [
        Line(name, " ".join(f"{across(x)},{down(y)}" for x, y in points))
        for name, points in series.items()
    ]
    return Lines(made, first, last, least, most, across(marked))
