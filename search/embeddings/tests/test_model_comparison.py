"""Models are compared by a figure that both have, measured on the same thing."""

import pytest

from search.embeddings.model_comparison import compare
from search.models import EmbeddingModel


def model(fingerprint: str = "-", **metrics) -> EmbeddingModel:
    return EmbeddingModel(name="any", fingerprint=fingerprint, metrics=metrics)


def gate(works: int, queries: int, fp32: float, int8: float, passed: bool) -> dict:
    text = {"works": works, "queries": queries, "passed": passed}
    text |= {"recall_at_10_fp32": fp32, "recall_at_10_int8": int8}
    return {"gate": {"text": text}}


def evaluated(queries: int = 300, gallery: int = 2000, **figures: float) -> EmbeddingModel:
    figures = {{"ndcg": "nDCG@10", "mrr": "MRR", "r5": "R@5"}[k]: v for k, v in figures.items()}
    return model(evaluation={"titles": {"queries": queries, "gallery": gallery, **figures}})


def test_the_first_figure_that_both_have_is_compared():
    found = compare(evaluated(ndcg=0.9, mrr=0.4, r5=0.9), evaluated(mrr=0.5, r5=0.6))
    assert (found.figure, found.candidate, found.active) == ("MRR", 0.4, 0.5)
    assert found.is_drop
    assert "MRR on titles is 0.400" in str(found)


def test_the_set_with_most_queries_is_compared():
    small = {"queries": 10, "gallery": 100, "R@5": 0.1}
    large = {"queries": 500, "gallery": 100, "R@5": 0.8}
    both = model(evaluation={"a": small, "b": large})
    assert compare(both, both).measured_on == "b"


@pytest.mark.parametrize(("loss", "is_drop"), [(0.0, False), (0.004, False), (0.006, True)])
def test_a_loss_within_noise_is_no_drop(loss, is_drop):
    assert compare(evaluated(ndcg=0.7 - loss), evaluated(ndcg=0.7)).is_drop is is_drop


def test_a_tuned_model_brings_the_figures_of_its_base():
    figures = {"queries": 80, "tuned": {"MRR": 0.6, "R@5": 0.7}, "base": {"MRR": 0.5, "R@5": 0.8}}
    tuned = model(base={"name": "any", "fingerprint": "b"}, figures=figures)
    found = compare(tuned, model("b"))
    assert (found.figure, found.candidate, found.active) == ("MRR", 0.6, 0.5)
    assert "80 works held out" in found.measured_on
    assert compare(tuned, model("c")) is None


def test_the_gate_counts_where_nothing_was_evaluated_in_the_precision_that_answers():
    one = model(onnx=gate(200, 400, 0.9, 0.8, passed=True))
    other = model(onnx=gate(200, 400, 0.85, 0.1, passed=False))
    found = compare(one, other)
    assert (found.figure, found.candidate, found.active) == ("R@10", 0.8, 0.85)


@pytest.mark.parametrize(
    "other",
    [
        model(),
        model(onnx=gate(201, 400, 0.9, 0.9, passed=True)),
        model(onnx={"gate": {}}, evaluation={"titles": {"queries": 300, "gallery": 2000}}),
        evaluated(queries=301, ndcg=0.5),
        evaluated(gallery=2001, ndcg=0.5),
    ],
)
def test_figures_of_different_things_are_not_compared(other):
    one = evaluated(ndcg=0.7)
    one.metrics["onnx"] = gate(200, 400, 0.9, 0.8, passed=True)
    assert compare(one, other) is None


def test_what_a_fine_tuning_writes_for_both_is_compared_by_its_own_figures():
    stated = {"works held out": {"queries": 9, "mrr": 0.5, "r5": 0.7}}
    figures = {"queries": 9, "base": {"MRR": 0.5}, "tuned": {"MRR": 0.6}}
    tuned = model(evaluation=stated, figures=figures, base={"fingerprint": "base"})
    found = compare(tuned, model("base", evaluation=stated))
    assert (found.figure, found.candidate, found.active) == ("MRR", 0.6, 0.5)
