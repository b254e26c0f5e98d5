"""Captions of a folder of pictures: a table (CSV), or a line of JSON for each picture.

Both have the same columns; only `file` is required. In a table `|` separates several values of one
cell, and commas, semicolons or tabs separate the columns, as in the first line.
"""

import csv
import difflib
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ingest.http.errors import SourceError
from ingest.sources.base import Rejected

MAX_YEAR = 9999
Caption = dict[str, Any]


class _ColumnError(Exception):
    """A value that its column cannot take; the message says what the column takes."""


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _ColumnError("expected a text")
    return value.strip()


def _year(value: Any) -> int:
    try:
        year = int(value) if isinstance(value, str | int) else None
    except ValueError:
        year = None
    if year is None or isinstance(value, bool) or abs(year) > MAX_YEAR:
        raise _ColumnError("expected a year such as 1888, or -500 for 500 BCE")
    return year


def _flag(value: Any) -> bool:
    flags = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    flag = value if isinstance(value, bool) else flags.get(str(value).strip().lower())
    if flag is None:
        raise _ColumnError("expected true or false")
    return flag


def _names(value: Any) -> list[str]:
    parts = value.split("|") if isinstance(value, str) else value
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise _ColumnError("expected texts separated by | (in JSON: a list of texts)")
    return [part.strip() for part in parts if part.strip()]


COLUMNS: dict[str, Callable[[Any], Any]] = {
    "file": _text,
    "title": _text,
    "alt_titles": _names,
    "artist": _text,
    "date": _text,
    "date_start": _year,
    "date_end": _year,
    "place": _text,
    "medium": _text,
    "dimensions": _text,
    "description": _text,
    "alt_text": _text,
    "department": _text,
    "type": _text,
    "classifications": _names,
    "styles": _names,
    "subjects": _names,
    "materials": _names,
    "techniques": _names,
    "terms": _names,
    "accession_number": _text,
    "credit": _text,
    "copyright": _text,
    "inscriptions": _text,
    "gallery": _text,
    "public_domain": _flag,
    "on_view": _flag,
}


class Captions:
    """The valid captions, by file name.

    An invalid line is rejected, with its column, and reading goes on. `files` names the file of
    each rejected caption, where it has one. Raises `SourceError` if the whole file is unusable.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rejected: list[Rejected] = []
        self.by_file: dict[str, Caption] = {}
        self.files: dict[Rejected, str] = {}
        self._lines: dict[str, int] = {}
        text = _content(path)
        rows = (
            self._of_json(text)
            if path.suffix.lower() in {".jsonl", ".json"}
            else self._of_csv(text)
        )
        for line, row in rows:
            self._take(line, row)

    def place(self, file: str) -> str:
        """Return where the caption of `file` is."""
        return f"{self.path}, line {self._lines[file]}"

    def _of_csv(self, text: str) -> Iterator[tuple[int, Caption]]:
        first = text.partition("\n")[0]
        delimiter = max(",;\t", key=first.count)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        header: list[str] = []
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader, None)
            except csv.Error as error:
                # What follows an unfinished quotation is nobody's column any more.
                raise SourceError(f"{self.path}, line {line}: {error}", "captions") from error
            if cells is None:
                break
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = [self._column(cell, n, line) for n, cell in enumerate(cells, 1)]
                self._check(header, line)
            elif len(cells) > len(header):
                why = f"it has {len(cells)} cells, and the first line {len(header)} columns"
                self._reject(
                    line, "", f"{why}; put quotation marks around a text with {delimiter!r}"
                )
            else:
                yield line, {k: v for k, v in zip(header, cells, strict=False) if v.strip()}
        if not header:
            raise SourceError(f"{self.path} is empty", "captions")

    def _check(self, header: list[str], line: int) -> None:
        twice = next((name for name in header if header.count(name) > 1), None)
        if "file" not in header or twice:
            what = f"column {twice!r} comes twice" if twice else "there is no column 'file'"
            raise SourceError(f"{self.path}, line {line}: {what}", "captions")

    def _column(self, cell: str, number: int, line: int) -> str:
        name = cell.strip().lower().replace(" ", "_")
        if name in COLUMNS:
            return name
        near = difflib.get_close_matches(name, COLUMNS, 1)
        advice = f"did you mean {near[0]!r}?" if near else f"the columns are {', '.join(COLUMNS)}"
        raise SourceError(
            f"{self.path}, line {line}, column {number}: unknown column {cell!r}; {advice}",
            "captions",
        )

    def _of_json(self, text: str) -> Iterator[tuple[int, Caption]]:
        # Not splitlines(): a JSON text may hold other line ends than \n as they are.
        for line, content in enumerate(text.split("\n"), 1):
            if not content.strip():
                continue
            try:
                value = json.loads(content)
            except (ValueError, RecursionError) as error:
                self._reject(line, "", f"no JSON ({error})")
                continue
            if not isinstance(value, dict):
                self._reject(line, "", "no JSON object")
                continue
            unknown = next((name for name in value if name not in COLUMNS), None)
            if unknown is not None:
                self._column(unknown, list(value).index(unknown) + 1, line)
            yield line, {name: v for name, v in value.items() if v is not None}

    def _take(self, line: int, row: Caption) -> None:
        caption: Caption = {}
        file = str(row.get("file", "")).strip().removeprefix("./")
        for name, value in row.items():
            try:
                caption[name] = COLUMNS[name](value)
            except _ColumnError as error:
                self._reject(line, name, f"{json.dumps(value, ensure_ascii=False)[:80]}; {error}")
                self.files[self.rejected[-1]] = file
                return
        caption.pop("file", None)
        if not file:
            self._reject(line, "file", "it names no file")
        elif file in self.by_file:
            why = f"{file} has a caption already in line {self._lines[file]}"
            self._reject(line, "file", why, "duplicate")
        else:
            self.by_file[file], self._lines[file] = caption, line

    def _reject(self, line: int, column: str, why: str, code: str = "caption") -> None:
        place = f"{self.path}, line {line}" + (f", column {column}" if column else "")
        self.rejected.append(Rejected(place, code, f"{place}: {why}"))


def _content(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise SourceError(f"{path} cannot be read ({error.strerror})", "captions") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SourceError(
            f"{path}, line {line}: it is not in UTF-8; save it as “CSV UTF-8”", "captions"
        ) from error
