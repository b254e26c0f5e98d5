"""Ranks, measures, intervals and tests, against counting, ir_measures and known cases."""

import ir_measures
import numpy as np
import pytest
from ir_measures import RR, P, R, Success, nDCG

from training.evaluation import metrics, results, significance, trec
from training.evaluation.query_sets import QuerySet

RNG = np.random.default_rng(5)
GAINS = nDCG(gains={0: 0, 1: 1, 2: 3, 3: 7}) @ 10  # 2^grade - 1


def graded(queries=40, gallery=80, judged=6):
    """Queries with several judged works of grades 1 to 3, and scores full of ties."""
    relevant = []
    for _ in range(queries):
        columns = RNG.choice(gallery, judged, replace=False)
        grades = [2, *RNG.integers(1, 4, judged - 1)]
        relevant.append({int(c): int(g) for c, g in zip(columns, grades, strict=True)})
    asked = QuerySet(
        name="judged", keys=[f"work {n}" for n in range(gallery)],
        queries=[f"query {n}" for n in range(queries)], relevant=relevant,
        groups=[f"g{n}" for n in range(queries)], documents=[], is_graded=True,
    )  # fmt: skip
    return asked, RNG.integers(0, 12, (queries, gallery)).astype(float)


def test_the_measures_are_those_of_ir_measures_over_the_written_files(tmp_path):
    asked, scores = graded()
    found = results.rank_gallery(asked, lambda numbers: scores[numbers])
    trec.write(tmp_path, asked.queries, asked.relevant, asked.keys, {"a row": found.rankings})
    theirs = {
        "R@1": Success(rel=2) @ 1, "R@5": Success(rel=2) @ 5, "R@10": Success(rel=2) @ 10,
        "R@50": Success(rel=2) @ 50, "MRR": RR(rel=2), "nDCG@10": GAINS, "P@10": P(rel=1) @ 10,
        "Recall@10": R(rel=1) @ 10,
    }  # fmt: skip
    measured = ir_measures.calc_aggregate(
        list(theirs.values()),
        list(ir_measures.read_trec_qrels(str(tmp_path / "qrels.txt"))),
        list(ir_measures.read_trec_run(str(tmp_path / "a%20row.run"))),
    )
    ours = dict(zip(metrics.MEASURES, found.values.mean(axis=0), strict=True))
    assert ours == pytest.approx({name: measured[each] for name, each in theirs.items()})


def test_ranks_are_those_of_sorting_with_what_was_asked_for_last_among_equals():
    asked, scores = graded()
    for grades, row in zip(asked.relevant, scores, strict=True):
        order = sorted(range(len(row)), key=lambda n: (-row[n], grades.get(n, 0), n))
        first = next(n for n, column in enumerate(order, 1) if grades.get(column, 0) >= 2)
        found = metrics.rank_one(row, grades, 7)
        assert found.columns.tolist() == order[:7]
        assert found.rank == first


def test_chance_is_what_random_scores_give():
    asked, _ = graded(queries=1, gallery=60, judged=4)
    [grades] = asked.relevant
    runs = []
    for _ in range(4000):
        found = metrics.rank_one(RNG.random(60), grades, 10)
        shown = [grades.get(int(column), 0) for column in found.columns]
        runs.append(list(metrics.of_query(shown, list(grades.values()), found.rank).values()))
    expected = metrics.chance_of(list(grades.values()), 60)
    means = dict(zip(metrics.MEASURES, np.mean(runs, axis=0), strict=True))
    assert means == pytest.approx({name: expected[name] for name in means}, abs=0.02)
    one = metrics.chance_of([2], 61)
    assert {name: one[name] for name in metrics.chance(61)} == pytest.approx(metrics.chance(61))


def test_groups_widen_intervals_and_tests_where_queries_agree_within_them():
    shift = np.repeat(RNG.normal(0.1, 1, 40), 25)[:, None]  # 40 groups of 25 alike
    groups = np.repeat(np.arange(40), 25).tolist()
    low, high = significance.interval(shift)
    wide_low, wide_high = significance.interval(shift, groups)
    assert (wide_high - wide_low) / (high - low) == pytest.approx(5, rel=0.15)
    assert (
        significance.permutation_p(shift, groups)[0] > 0.05 > significance.permutation_p(shift)[0]
    )


def test_a_real_difference_is_told_from_none():
    nothing, something = RNG.normal(0, 1, (300, 1)), RNG.normal(0.4, 1, (300, 1))
    assert significance.permutation_p(nothing)[0] > 0.05
    assert significance.permutation_p(something)[0] < 0.001
    low, high = significance.interval(something)
    assert 0 < low[0] < something.mean() < high[0]


def test_intervals_hold_the_truth_about_nineteen_times_of_twenty():
    held = 0
    for n in range(100):
        low, high = significance.interval(RNG.normal(2.0, 1, (60, 1)), seed=n)
        held += low[0] <= 2.0 <= high[0]
    assert 0.88 < held / 100 <= 0.99


def test_legacy_figures_are_within_a_batch_and_at_a_twentieth_of_the_library():
    size = 300
    asked = QuerySet(
        name="texts", keys=[str(n) for n in range(size)], queries=[str(n) for n in range(size)],
        relevant=[{n: 2} for n in range(size)], groups=[str(n) for n in range(size)], documents=[],
    )  # fmt: skip
    # Each query's own work is behind the next 14 works, few of which are in its batch.
    near = (np.arange(size)[None, :] - np.arange(size)[:, None]) % size
    found = results.rank_gallery(
        asked, lambda numbers: np.where(near < 15, near, -1.0)[numbers] * 1.0
    )
    assert set(found.ranks) == {15}
    part = results.SetResult(results.TO_PICTURE, asked, {"row": found}).summary(None)["rows"]
    top1, top5, share = results.LEGACY
    assert part["row"]["R@10"]["mean"] == 0
    assert part["row"][share] == 1.0  # 15 of 300
    assert 0.1 < part["row"][top5] < 0.4  # a batch has six of the 14 on average
    assert part["chance"][top5] == 5 / 128
    assert part["chance"][share] == 0.05
    assert part["row"][top1] < part["row"][top5]
