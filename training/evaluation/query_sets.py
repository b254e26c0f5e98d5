"""What evaluation asks: texts about held-out works, and queries that people judged."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from training.datasets import captions
from training.datasets.dataset import DatasetError, Item
from training.evaluation.metrics import ASKED_FOR, Grades

CAPTIONS, FIRST, FULL, ALT = "captions", "first sentence", "full description", "alt text"


@dataclass(frozen=True)
class QuerySet:
    """Queries over a gallery whose works are `keys`.

    `relevant` gives the judged works of each query by their columns, `groups` what its work
    belongs to. For texts about works `texts` are those of the whole gallery, work by work, and
    `of` the column of each query's work; queries that people wrote have neither. `documents` is
    what full text may read of each work: all but the texts that the queries were taken from.
    """

    name: str
    keys: Sequence[str]
    queries: Sequence[str]
    relevant: Sequence[Grades]
    groups: Sequence[str]
    documents: Sequence[str]
    texts: Sequence[tuple[str, ...]] = ()
    of: Sequence[int] = ()
    is_graded: bool = False


def held_out(
    items: Sequence[Item], parts: Mapping[str, str], groups: Sequence[str], part: str, most: int
) -> list[QuerySet]:
    """Return the sets of texts about the items of `part`, at most `most` queries each by chance."""
    several = sum(len(item.captions) > 1 for item in items) > len(items) / 2
    kinds: dict[str, Callable[[Item], tuple[str, ...]]] = {
        ALT: lambda item: _said(item).alt_texts[:1]
    }
    if several:
        kinds[CAPTIONS] = lambda item: tuple(map(captions.plain, item.captions))
    else:
        kinds |= {
            FIRST: _first_sentence,
            FULL: lambda item: tuple(map(captions.plain, item.captions[:1])),
        }
    found = []
    for name, read in kinds.items():
        said = [read(item) for item in items]
        asked = [
            (column, text)
            for column, item in enumerate(items)
            if parts[item.key] == part
            for text in said[column]
        ]
        if not asked:
            continue
        if len(asked) > most:
            asked = sorted(random.Random(0).sample(asked, most))
        found.append(
            QuerySet(
                name=name,
                keys=[item.key for item in items],
                queries=[text for _, text in asked],
                relevant=[{column: ASKED_FOR} for column, _ in asked],
                groups=[groups[column] for column, _ in asked],
                documents=[_rest(item, name) for item in items],
                texts=said,
                of=[column for column, _ in asked],
            )
        )
    if any(each.name == FULL for each in found) and _same(found):
        found = [each for each in found if each.name != FULL]
    return found


def _same(found: Sequence[QuerySet]) -> bool:
    first, full = (next(e.queries for e in found if e.name == name) for name in (FIRST, FULL))
    return list(first) == list(full)


def _said(item: Item) -> captions.ItemTexts:
    """Clean the texts of `item` as training does, but cut none: models differ in what they read."""
    return captions.item_texts(item, lambda text: True)


def _first_sentence(item: Item) -> tuple[str, ...]:
    first = _said(item).first
    return (first,) if first else ()


def _rest(item: Item, asked: str) -> str:
    """Return what is written of `item` but not asked with in the set `asked`."""
    written = {ALT: item.captions, CAPTIONS: ()}.get(asked, item.captions[1:])
    alt_texts = item.alt_texts[1:] if asked == ALT else item.alt_texts
    return " ".join((item.title, item.artist, *item.facts, *written, *alt_texts)).strip()


def reverse(asked: QuerySet) -> QuerySet:
    """Return picture to text: the same works' pictures, over the different texts of the gallery.

    The queries are the keys of the works. A text that several works share is one.
    """
    columns: dict[str, int] = {}
    for said in asked.texts:
        for text in said:
            columns.setdefault(text, len(columns))
    works = list(dict.fromkeys(asked.of))
    group = dict(zip(asked.of, asked.groups, strict=True))
    return replace(
        asked,
        keys=list(columns),
        queries=[asked.keys[work] for work in works],
        relevant=[{columns[text]: ASKED_FOR for text in asked.texts[work]} for work in works],
        groups=[group[work] for work in works],
        documents=(),
        of=works,
    )


def judged(
    name: str, items: Sequence[Item], asked: Sequence[tuple[str, Mapping[str, int]]]
) -> QuerySet:
    """Return queries with judgments by the keys of works, each query a group of its own.

    Works that the gallery lacks are passed over, and queries that it cannot answer. Raises
    `DatasetError` if none is left.
    """
    column = {item.key: number for number, item in enumerate(items)}
    graded = [
        (words, {column[key]: grade for key, grade in grades.items() if key in column and grade})
        for words, grades in asked
    ]
    kept = [
        (words, grades) for words, grades in graded if max(grades.values(), default=0) >= ASKED_FOR
    ]
    if not kept:
        raise DatasetError(
            f"none of the {len(asked)} queries of {name} asks for a work of this gallery: grade "
            f"{ASKED_FOR} is for works asked for, and works go by their ids, such as {items[0].key}"
        )
    return QuerySet(
        name=name,
        keys=list(column),
        queries=[words for words, _ in kept],
        relevant=[grades for _, grades in kept],
        groups=[f"query {number}" for number in range(len(kept))],
        documents=[_rest(item, "") + " ".join(("", *item.captions[:1])) for item in items],
        is_graded=True,
    )


def read(path: Path) -> list[tuple[str, dict[str, int]]]:
    """Read {"query": ..., "relevant": {id: grade}} lines. Raises `DatasetError`."""
    asked = []
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path} cannot be read: {error}") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            grades = {str(key): int(grade) for key, grade in row["relevant"].items()}
            asked.append((str(row["query"]), grades))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DatasetError(
                f'{path}, line {number}: expected {{"query": "…", "relevant": {{"id": grade}}}}'
            ) from error
    return asked
