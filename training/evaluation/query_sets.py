"""The queries of an evaluation: texts about held-out works, and queries that people judged."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from training.datasets import captions
from training.datasets.dataset import DatasetError, Item
from training.evaluation.metrics import RELEVANT_GRADE, Grades

CAPTIONS, FIRST_SENTENCE, FULL_DESCRIPTION, ALT_TEXT = (
    "captions",
    "first sentence",
    "full description",
    "alt text",
)


@dataclass(frozen=True)
class QuerySet:
    """Queries over a gallery whose works are `keys`.

    `relevant` has the grades of each query's judged works by their columns, `groups` the group of
    its work. For texts about works, `texts` are those of the whole gallery, work by work, and
    `works` the column of each query's work; queries that people wrote have neither. `documents`
    are the texts of each work that full text may index: all but those that serve as queries.
    """

    name: str
    keys: Sequence[str]
    queries: Sequence[str]
    relevant: Sequence[Grades]
    groups: Sequence[str]
    documents: Sequence[str]
    texts: Sequence[tuple[str, ...]] = ()
    works: Sequence[int] = ()
    is_graded: bool = False


def held_out(
    items: Sequence[Item], parts: Mapping[str, str], groups: Sequence[str], part: str, most: int
) -> list[QuerySet]:
    """Return the sets of texts about the items of `part`, at most `most` drawn queries each."""
    several = sum(len(item.captions) > 1 for item in items) > len(items) / 2
    kinds: dict[str, Callable[[Item], tuple[str, ...]]] = {
        ALT_TEXT: lambda item: _texts(item).alt_texts[:1]
    }
    if several:
        kinds[CAPTIONS] = lambda item: tuple(map(captions.plain, item.captions))
    else:
        kinds |= {
            FIRST_SENTENCE: _first_sentence,
            FULL_DESCRIPTION: lambda item: tuple(map(captions.plain, item.captions[:1])),
        }
    sets = []
    for name, texts_of in kinds.items():
        texts = [texts_of(item) for item in items]
        queries = [
            (column, text)
            for column, item in enumerate(items)
            if parts[item.key] == part
            for text in texts[column]
        ]
        if not queries:
            continue
        if len(queries) > most:
            queries = sorted(random.Random(0).sample(queries, most))
        sets.append(
            QuerySet(
                name=name,
                keys=[item.key for item in items],
                queries=[text for _, text in queries],
                relevant=[{column: RELEVANT_GRADE} for column, _ in queries],
                groups=[groups[column] for column, _ in queries],
                documents=[_other_texts(item, name) for item in items],
                texts=texts,
                works=[column for column, _ in queries],
            )
        )
    if any(each.name == FULL_DESCRIPTION for each in sets) and _are_descriptions_sentences(sets):
        sets = [each for each in sets if each.name != FULL_DESCRIPTION]
    return sets


def _are_descriptions_sentences(sets: Sequence[QuerySet]) -> bool:
    """Return whether each full description is a single sentence."""
    by_name = {each.name: list(each.queries) for each in sets}
    return by_name[FIRST_SENTENCE] == by_name[FULL_DESCRIPTION]


def _texts(item: Item) -> captions.ItemTexts:
    """Clean the texts of `item` as training does, without cutting: models differ in context."""
    return captions.item_texts(item, lambda text: True)


def _first_sentence(item: Item) -> tuple[str, ...]:
    first = _texts(item).first
    return (first,) if first else ()


def _other_texts(item: Item, set_name: str) -> str:
    """Return the texts of `item` that are not queries of the set `set_name`."""
    descriptions = {ALT_TEXT: item.captions, CAPTIONS: ()}.get(set_name, item.captions[1:])
    alt_texts = item.alt_texts[1:] if set_name == ALT_TEXT else item.alt_texts
    return " ".join((item.title, item.artist, *item.facts, *descriptions, *alt_texts)).strip()


def reverse(query_set: QuerySet) -> QuerySet:
    """Return the set in the direction picture to text, over the distinct texts of the gallery.

    The queries are the keys of the works. A text that several works share occurs once.
    """
    columns: dict[str, int] = {}
    for work_texts in query_set.texts:
        for text in work_texts:
            columns.setdefault(text, len(columns))
    works = list(dict.fromkeys(query_set.works))
    group = dict(zip(query_set.works, query_set.groups, strict=True))
    return replace(
        query_set,
        keys=list(columns),
        queries=[query_set.keys[work] for work in works],
        relevant=[
            {columns[text]: RELEVANT_GRADE for text in query_set.texts[work]} for work in works
        ],
        groups=[group[work] for work in works],
        documents=(),
        works=works,
    )


def judged(
    name: str, items: Sequence[Item], queries: Sequence[tuple[str, Mapping[str, int]]]
) -> QuerySet:
    """Return the set of judged `queries` with grades by the keys of works.

    Each query is a group. Works that the gallery lacks are skipped, and so are queries without a
    relevant work in it. Raises `DatasetError` if no query is left.
    """
    columns = {item.key: number for number, item in enumerate(items)}
    graded = [
        (words, {columns[key]: grade for key, grade in grades.items() if key in columns and grade})
        for words, grades in queries
    ]
    answerable = [
        (words, grades)
        for words, grades in graded
        if max(grades.values(), default=0) >= RELEVANT_GRADE
    ]
    if not answerable:
        raise DatasetError(
            f"none of the {len(queries)} queries of {name} has a relevant work in this gallery: "
            f"works need a grade of {RELEVANT_GRADE} or more, and ids such as {items[0].key}"
        )
    return QuerySet(
        name=name,
        keys=list(columns),
        queries=[words for words, _ in answerable],
        relevant=[grades for _, grades in answerable],
        groups=[f"query {number}" for number in range(len(answerable))],
        documents=[_other_texts(item, "") + " ".join(("", *item.captions[:1])) for item in items],
        is_graded=True,
    )


def read(path: Path) -> list[tuple[str, dict[str, int]]]:
    """Read {"query": ..., "relevant": {id: grade}} lines. Raises `DatasetError`."""
    queries = []
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
            queries.append((str(row["query"]), grades))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DatasetError(
                f'{path}, line {number}: expected {{"query": "…", "relevant": {{"id": grade}}}}'
            ) from error
    return queries
