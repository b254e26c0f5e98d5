"""What an evaluation found is what an activation compares."""

from search.embeddings.model_comparison import compare
from search.models import EmbeddingModel
from testing.factories import vector_model
from training.evaluation import record


def measured(mrr: float) -> dict:
    return {"MRR": {"mean": mrr, "low": 0.0, "high": 1.0}, "R@50": {"mean": 1.0}}


def part(name: str, direction: str, **rows: float) -> dict:
    said = {row: measured(mrr) for row, mrr in rows.items()}
    return {
        "set": name,
        "direction": direction,
        "queries": 40,
        "gallery": 200,
        "rows": {"chance": {"MRR": 0.01}, **said},
    }


def test_registered_models_keep_their_figures_and_only_their_own(db):
    one = vector_model("one", fingerprint="f1", metrics={"onnx": {"opset": 18}})
    other = vector_model("other", fingerprint="f2")
    changed = vector_model("changed", fingerprint="new")
    summary = {
        "data": "sample",
        "part": "test",
        "fingerprints": {"one": "f1", "other": "f2", "changed": "old", "nobody": "f9"},
        "sets": [
            part("titles", "text to picture", one=0.5, other=0.4, changed=0.9, nobody=0.9),
            part("titles", "picture to text", one=0.1, other=0.9, changed=0.9, nobody=0.9),
        ],
    }
    assert record.record(summary) == ["one", "other"]
    one, other, changed = EmbeddingModel.objects.order_by("pk")
    assert one.metrics == {
        "onnx": {"opset": 18},
        "evaluation": {"titles (sample, test)": {"queries": 40, "gallery": 200, "MRR": 0.5}},
    }
    assert changed.metrics == {}
    found = compare(other, one)
    assert (found.figure, found.candidate, found.active, found.is_drop) == ("MRR", 0.4, 0.5, True)
    assert found.measured_on == "titles (sample, test)"
    # Another evaluation later is added, and the same one takes the place of the earlier.
    summary["sets"] = [part("texts", "text to picture", one=0.7)]
    record.record(summary)
    summary["sets"] = [part("titles", "text to picture", one=0.6)]
    record.record(summary)
    one.refresh_from_db()
    kept = {name: each["MRR"] for name, each in one.metrics["evaluation"].items()}
    assert kept == {"titles (sample, test)": 0.6, "texts (sample, test)": 0.7}
