"""The figures in `EmbeddingModel.metrics` as tables: whatever measured rows of shares. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FigureTable:
    """What was measured: a row for each thing measured, a column for each measure (or None)."""

    name: str
    columns: list[str]
    rows: list[tuple[str, list[float | None]]]


def tables(metrics: Mapping[str, Any]) -> list[FigureTable]:
    """Return a table for each entry that is {row: {measure: number from 0 to 1}}.

    Other numbers in a row (how many queries) belong to its name; all else is left out.
    """
    found = []
    for name, rows in metrics.items():
        if not isinstance(rows, Mapping):
            continue
        shares = {row: _shares(said) for row, said in rows.items() if isinstance(said, Mapping)}
        columns = list(dict.fromkeys(measure for said in shares.values() for measure in said))
        if columns:
            table = [
                (_named(row, rows[row]), [said.get(column) for column in columns])
                for row, said in shares.items()
                if said
            ]
            found.append(FigureTable(name, columns, table))
    return found


def _shares(said: Mapping[str, Any]) -> dict[str, float]:
    return {
        measure: float(value)
        for measure, value in said.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
    }


def _named(row: str, said: Mapping[str, Any]) -> str:
    queries = said.get("queries")
    return f"{row}, {queries} queries" if isinstance(queries, int) else row
