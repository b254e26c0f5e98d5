"""Bars for charts that a page draws by itself, as SVG: no script, no style of their own. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

BAR, GAP = 10, 2
HEIGHT = 60


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
