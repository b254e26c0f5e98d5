"""Runs and judgments as files that trec_eval and ir_measures read.

Format: https://github.com/usnistgov/trec_eval, README. Names must not contain white space, so keys
are percent-encoded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from training.evaluation.metrics import Grades, Ranking


def write_queries(path: Path, queries: Sequence[str]) -> None:
    """Write `q1<TAB>words` lines."""
    lines = (f"q{n}\t{' '.join(words.split())}\n" for n, words in enumerate(queries, start=1))
    path.write_text("".join(lines), "utf-8")


def write_qrels(path: Path, relevant: Sequence[Grades], keys: Sequence[str]) -> None:
    """Write the judged works of each query with their grades."""
    path.write_text(
        "".join(
            f"q{n} 0 {quote(keys[column], safe='')} {grade}\n"
            for n, grades in enumerate(relevant, start=1)
            for column, grade in grades.items()
        ),
        "utf-8",
    )


def write_run(path: Path, name: str, rankings: Sequence[Ranking], keys: Sequence[str]) -> None:
    """Write the rankings of a row, with scores that count down by one.

    Tools order equal scores by name. Cosines or BM25 would lose our order of ties, in which
    relevant works come last.
    """
    tag = quote(name, safe="")
    path.write_text(
        "".join(
            f"q{n} Q0 {quote(keys[column], safe='')} {place} {len(ranking.columns) - place + 1} "
            f"{tag}\n"
            for n, ranking in enumerate(rankings, start=1)
            for place, column in enumerate(ranking.columns, start=1)
        ),
        "utf-8",
    )


def write(
    folder: Path,
    queries: Sequence[str],
    relevant: Sequence[Grades],
    keys: Sequence[str],
    runs: Mapping[str, Sequence[Ranking]],
) -> None:
    """Write queries.tsv, qrels.txt and one run a row into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    write_queries(folder / "queries.tsv", queries)
    write_qrels(folder / "qrels.txt", relevant, keys)
    for name, rankings in runs.items():
        write_run(folder / f"{quote(name, safe='')}.run", name, rankings, keys)
