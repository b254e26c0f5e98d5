"""Export results as CSV for spreadsheets, or as JSON Lines for programs."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from rest_framework.renderers import BaseRenderer

# A spreadsheet reads a cell that begins with one of these as a formula, and a formula can send data
# away (OWASP, "CSV Injection"). An apostrophe before it makes the cell text.
FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class CsvRenderer(BaseRenderer):
    """Offer CSV in content negotiation; the view writes it."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"


class JsonLinesRenderer(BaseRenderer):
    """Offer JSON Lines in content negotiation; the view writes them."""

    media_type = "application/jsonl"
    format = "jsonl"
    charset = "utf-8"


def as_csv(rows: Sequence[dict[str, Any]], fields: Sequence[str] = ()) -> bytes:
    """Return `rows` as CSV with a header; `channels` becomes each channel's rank."""
    file = io.StringIO(newline="")
    names = list(fields) or list(rows[0] if rows else ["id"])
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([[_cell(row.get(name)) for name in names] for row in rows])
    return file.getvalue().encode()


def as_json_lines(rows: Sequence[dict[str, Any]]) -> bytes:
    """Return one JSON object a line."""
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def _cell(value: Any) -> Any:
    if isinstance(value, dict) and "passage" in value:
        return _cell((value["passage"] or {}).get("text"))
    if isinstance(value, dict):
        return " ".join(f"{name}:{place['rank']}" for name, place in value.items())
    if isinstance(value, bool):
        return str(value).lower()
    # Numbers are not typed by people, and a negative number is no formula.
    if isinstance(value, str) and value.startswith(FORMULA_PREFIXES):
        return f"'{value}"
    return value
