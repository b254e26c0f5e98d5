"""Geometry of bar and line charts that templates draw as inline SVG, without scripts. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# Units of the SVG's viewBox.
BAR_WIDTH, BAR_GAP = 10, 2
CHART_HEIGHT = 60
LINE_CHART_WIDTH = 160


@dataclass(frozen=True)
class Column:
    """An upright bar and its marked part; positions and heights in SVG units."""

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
    """A bar chart; `most` is the highest value."""

    columns: list[Column]
    most: int

    @property
    def width(self) -> int:
        """Return the width in SVG units."""
        return max(len(self.columns) * (BAR_WIDTH + BAR_GAP) - BAR_GAP, 1)


def columns(values: Sequence[tuple[str, int, int]]) -> Columns:
    """Return the bar chart of (label, value, marked part of the value)."""
    most = max((value for _, value, _ in values), default=0)
    scale = CHART_HEIGHT / most if most else 0.0
    bars = []
    for place, (label, value, marked) in enumerate(values):
        height, part = round(scale * value, 2), round(scale * marked, 2)
        x, y, marked_y = (
            place * (BAR_WIDTH + BAR_GAP),
            round(CHART_HEIGHT - height, 2),
            round(CHART_HEIGHT - part, 2),
        )
        bars.append(Column(label, value, marked, x, y, height, marked_y, part))
    return Columns(bars, most)


@dataclass(frozen=True)
class Line:
    """One series: its name, and its points as the "x,y x,y" of an SVG polyline."""

    name: str
    points: str


@dataclass(frozen=True)
class Lines:
    """A line chart: the ends of both axes, and `marked`, the x of a chosen value in SVG units."""

    lines: list[Line]
    first: float
    last: float
    least: float
    most: float
    marked: float


def lines(series: Mapping[str, Sequence[tuple[float, float]]], marked: float) -> Lines:
    """Return the line chart of series of (x, y) on one scale; at least one point is required."""
    all_points = [point for points in series.values() for point in points]
    (first, last), (least, most) = (
        (min(each), max(each)) for each in zip(*all_points, strict=True)
    )

    def across(x: float) -> float:
        return round(LINE_CHART_WIDTH * (x - first) / ((last - first) or 1), 2)

    def down(y: float) -> float:
        return round(CHART_HEIGHT * (most - y) / ((most - least) or 1), 2)

    polylines = [
        Line(name, " ".join(f"{across(x)},{down(y)}" for x, y in points))
        for name, points in series.items()
    ]
    return Lines(polylines, first, last, least, most, across(marked))
