"""Which of two models finds more, by a figure that both have in `EmbeddingModel.metrics`.

`metrics["evaluation"]` holds the figures of one query set each, by the set's name:
`{"held-out": {"queries": 300, "ndcg10": .61, "mrr": .55, "r5": .72}}`; evaluations write it.
`metrics["onnx"]["gate"]["text"]` is what the int8 gate measured on the works themselves, comparable
where both models were asked the same number of queries about the same number of works.
"""

from dataclasses import asdict, dataclass
from typing import Any

from search.models import EmbeddingModel

# The first that both have is compared.
NAMES = {"ndcg10": "nDCG@10", "mrr": "MRR", "r5": "recall@5"}
# Less is within the noise of a few hundred queries.
TOLERANCE = 0.005


@dataclass(frozen=True)
class Comparison:
    """One figure (0 to 1, more is better) of either model, and what it was measured on."""

    figure: str
    measured_on: str
    candidate: float
    active: float

    @property
    def is_drop(self) -> bool:
        """Whether the candidate finds less, beyond noise."""
        return self.candidate < self.active - TOLERANCE

    def __str__(self) -> str:
        return (
            f"{self.figure} on {self.measured_on} is {self.candidate:.3f}, and the active model's "
            f"{self.active:.3f}"
        )

    def as_json(self) -> dict[str, Any]:
        """Return the same as JSON data."""
        return asdict(self)


def compare(candidate: EmbeddingModel, active: EmbeddingModel) -> Comparison | None:
    """Compare by the query set with most queries; None where no figure can be compared."""
    return _evaluated(candidate, active) or _gated(candidate, active)


def _evaluated(candidate: EmbeddingModel, active: EmbeddingModel) -> Comparison | None:
    ours, theirs = (each.metrics.get("evaluation", {}) for each in (candidate, active))
    # The same name with another number of queries is another set by now.
    common = [n for n in ours if n in theirs and ours[n]["queries"] == theirs[n]["queries"]]
    for name in sorted(common, key=lambda each: (-ours[each]["queries"], each)):
        for key, label in NAMES.items():
            if key in ours[name] and key in theirs[name]:
                return Comparison(label, name, ours[name][key], theirs[name][key])
    return None


def _gated(candidate: EmbeddingModel, active: EmbeddingModel) -> Comparison | None:
    ours, theirs = (_gate(each) for each in (candidate, active))
    if not ours or not theirs:
        return None
    if any(ours[count] != theirs[count] for count in ("works", "queries")):
        return None
    what = f"{ours['queries']} texts of its own works"
    return Comparison("recall@10", what, _recall(ours), _recall(theirs))


def _gate(model: EmbeddingModel) -> dict[str, Any]:
    found: dict[str, Any] = model.metrics.get("onnx", {}).get("gate", {}).get("text", {})
    return found


def _recall(gate: dict[str, Any]) -> float:
    return float(gate["recall_at_10_int8" if gate["passed"] else "recall_at_10_fp32"])
