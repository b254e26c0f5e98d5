"""The trial on generated pictures: its parts are what they say, and it runs at a small size."""

import io
import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from django.core.management import call_command

from training.datasets.split import groups
from training.demo_model.corpus import Corpus
from training.evaluation import metrics
from training.sample_experiment import run, scenes


def test_the_base_sees_nothing_new_and_every_work_of_the_museum_is_new():
    assert not any(map(scenes.is_new, scenes.known_scenes(400, 0)))
    works = scenes.collection_scenes(400, 0)
    assert all(map(scenes.is_new, works))
    assert len({work.key() for work in works}) == 400
    assert scenes.collection_scenes(500, 0)[:400] == works
    pixels = np.zeros((400, 2, 2, 3), np.uint8)
    grouped = groups(scenes.dataset("test", Corpus(works, pixels)).items)
    assert 300 < len(set(grouped)) < 400
    of = dict(zip((scenes.design(work) for work in works), grouped, strict=True))
    assert [of[scenes.design(work)] for work in works] == grouped


def test_graded_queries_are_measured_as_the_evaluation_measures_them():
    works = scenes.collection_scenes(60, 1)
    corpus = Corpus(works, np.zeros((60, 2, 2, 3), np.uint8))
    queries = run.TestQueries.of(corpus, SimpleNamespace(test_rows=np.arange(20)))
    grades = queries.grades()
    assert (grades[np.arange(20), np.arange(20)] == 2).all()
    best = np.stack([np.random.default_rng(n).permutation(60)[:10] for n in range(20)])
    for row, found in enumerate(queries.ndcg(best)):
        expected = metrics.of_query(
            [int(grades[row, work]) for work in best[row]],
            [int(grade) for grade in grades[row] if grade],
            1,
        )
        assert found == pytest.approx(expected["nDCG@10"])


def test_the_command_ends_with_one_line_of_json_and_a_report(settings, tmp_path):
    """A whole experiment, as small as it can be, may take longer than 30 s on a busy machine."""
    settings.DATA_DIR = tmp_path
    threads, out = torch.get_num_threads(), io.StringIO()
    try:
        call_command(
            "finetune_sample", "--base-works=128", "--base-epochs=1", "--works=90", "--probe=10",
            "--epochs=1", "--threads=1", f"--report={tmp_path / 'report'}",
            stdout=out, stderr=io.StringIO(),
        )  # fmt: skip
    finally:
        torch.set_num_threads(threads)
    told = json.loads(out.getvalue().splitlines()[-1])
    assert list(told) == ["base", "tuned", "gain_ci", "alpha", "probe_drop", "seconds"]
    assert set(told["base"]) == set(told["tuned"]) == set(told["gain_ci"]) == {"r5", "ndcg10"}
    low, high = told["gain_ci"]["r5"]
    assert low <= told["tuned"]["r5"] - told["base"]["r5"] <= high
    text = (tmp_path / "report" / "README.md").read_text()
    assert text.startswith("# Fine-tuning tried on generated pictures\n\n**Synthetic.**")
    for name in ("loss", "recall", "alpha", "examples"):
        assert f"![{name}]({name}.png)" in text
        assert (tmp_path / "report" / f"{name}.png").stat().st_size > 5000
