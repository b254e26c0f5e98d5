"""Show the figures in `EmbeddingModel.metrics` as tables. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FigureTable:
    """A table of figures: a row for each subject, a column for each measure; None if missing."""

    name: str
    columns: list[str]
    rows: list[tuple[str, list[float | None]]]


def tables(metrics: Mapping[str, Any]) -> list[FigureTable]:
    """Return a table for each entry that is {row: {measure: number from 0 to 1}}.

    The number of queries of a row becomes part of its name; other values are left out.
    """
    found = []
    for name, rows in metrics.items():
        if not isinstance(rows, Mapping):
            continue
        shares = {
            row: _shares(measures)
            for row, measures in rows.items()
            if isinstance(measures, Mapping)
        }
        columns = list(
            dict.fromkeys(measure for measures in shares.values() for measure in measures)
        )
        if columns:
            table = [
                (_named(row, rows[row]), [measures.get(column) for column in columns])
                for row, measures in shares.items()
                if measures
            ]
            found.append(FigureTable(name, columns, table))
    return found


def _shares(measures: Mapping[str, Any]) -> dict[str, float]:
    return {
        measure: float(value)
        for measure, value in measures.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
    }


def _named(row: str, measures: Mapping[str, Any]) -> str:
    queries = measures.get("queries")
    return f"{row}, {queries} queries" if isinstance(queries, int) else row
