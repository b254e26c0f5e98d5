"""Metrics of judged queries, against counting by hand and by chance."""

import random

import numpy as np
import pytest

from search.evaluation.judged_queries import lines
from search.models import Judgment, JudgmentQuery
from testing.factories import work
from training.evaluation import query_sets
from training.search_quality import judged_queries
from training.search_quality.judged_queries import JudgedQuery

QUERIES = [JudgedQuery("one", {7: 2}), JudgedQuery("two", {1: 2, 2: 1, 3: 1})]


def test_measures_are_those_counted_by_hand():
    one, two = judged_queries.measure(QUERIES, [[5, 7, 9], [2, 8, 1, 3]])
    assert one.tolist() == pytest.approx([1 / np.log2(3), 1 / 2, 0, 1, 1])
    ideal = 3 + 1 / np.log2(3) + 1 / 2
    gained = 1 + 3 / 2 + 1 / np.log2(5)
    assert two.tolist() == pytest.approx([gained / ideal, 1 / 3, 0, 1, 1])


def test_what_is_not_found_counts_nothing():
    assert judged_queries.measure(QUERIES, [[], [2]])[:, 1:].sum() == 0


def test_chance_is_what_random_orders_give():
    shuffle = random.Random(1)
    ids = list(range(30))
    runs = []
    for _ in range(3000):
        shuffle.shuffle(ids)
        runs.append(judged_queries.measure(QUERIES, [list(ids), list(ids)]).mean(axis=0))
    expected = list(judged_queries.chance(QUERIES, 30).values())
    np.testing.assert_allclose(np.mean(runs, axis=0), expected, atol=0.01)


def test_intervals_hold_the_mean_and_narrow_with_more_queries():
    rng = np.random.default_rng(0)
    few, many = rng.random((20, 5)), rng.random((2000, 5))
    for row in judged_queries.summary(few).values():
        assert row["low"] < row["mean"] < row["high"]
    widths = [judged_queries.summary(each)["MRR"] for each in (few, many)]
    assert widths[1]["high"] - widths[1]["low"] < (widths[0]["high"] - widths[0]["low"]) / 5


@pytest.mark.parametrize(("name", "least"), [("artic-dev", 30), ("artic-test", 60)])
def test_the_queries_that_ship_are_many_distinct_and_judged(name, least):
    folder = judged_queries.Path(judged_queries.__file__).parent / "queries"
    queries = judged_queries.read(folder / f"{name}.jsonl")
    assert len({query.words for query in queries}) == len(queries) >= least
    assert all(judged_queries.RELEVANT_GRADE in query.relevant.values() for query in queries)


def test_no_query_is_both_for_choosing_and_for_reporting():
    folder = judged_queries.Path(judged_queries.__file__).parent / "queries"
    dev, test = (judged_queries.read(folder / f"artic-{name}.jsonl") for name in ("dev", "test"))
    assert not {query.words for query in dev} & {query.words for query in test}


def test_a_work_that_is_exactly_what_was_asked_for_counts_as_asked_for():
    (found,) = judged_queries.measure([JudgedQuery("one", {7: 3, 8: 1})], [[8, 7]])
    assert found.tolist() == pytest.approx(
        [(1 + 7 / np.log2(3)) / (7 + 1 / np.log2(3)), 0.5, 0, 1, 1]
    )


def test_what_people_judged_in_the_admin_is_read_as_any_other_file(db, tmp_path):
    asked = JudgmentQuery.objects.create(query="red boat", split="test")
    works = [work(f"Boat {grade}") for grade in range(4)]
    for grade, each in enumerate(works):
        Judgment.objects.create(query=asked, artwork=each, grade=grade)
    path = tmp_path / "judged.jsonl"
    path.write_text("\n".join(lines("test")))
    ids = [each.artic_id for each in works]
    assert judged_queries.read(path) == [
        JudgedQuery("red boat", dict(zip(ids[1:], (1, 2, 3), strict=True)))
    ]
    assert query_sets.read(path) == [("red boat", {str(i): g for g, i in enumerate(ids) if g})]
