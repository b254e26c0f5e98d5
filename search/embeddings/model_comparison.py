"""Compare two models by a figure that both have in `EmbeddingModel.metrics`.

`metrics["evaluation"]` holds the figures of one query set each, by the set's name:
`{"first sentences": {"queries": 300, "gallery": 2000, "nDCG@10": .61, "MRR": .55, "R@5": .72}}`;
`manage.py evaluate` writes it. `metrics["figures"]` of a fine-tuned model are its own and those of
its base (`metrics["base"]`) on works held out; `manage.py finetune` writes them. What the int8 gate
measured on the works themselves, `metrics["onnx"]["gate"]["text"]`, can be compared where both
models were measured with as many queries and works.
"""

from dataclasses import asdict, dataclass
from typing import Any

from search.models import EmbeddingModel

# The first figure that both models have is compared.
NAMES = ("nDCG@10", "MRR", "R@5")
# Smaller differences are noise with a few hundred queries.
TOLERANCE = 0.005


@dataclass(frozen=True)
class Comparison:
    """One figure (0 to 1, more is better) of both models, and its query set."""

    figure: str
    measured_on: str
    candidate: float
    active: float

    @property
    def is_drop(self) -> bool:
        """Whether the candidate's figure is lower, beyond noise."""
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
    """Compare by the query set with most queries; None if the models share no figure."""
    return _evaluated(candidate, active) or _tuned(candidate, active) or _gated(candidate, active)


def _evaluated(candidate: EmbeddingModel, active: EmbeddingModel) -> Comparison | None:
    ours, theirs = (each.metrics.get("evaluation", {}) for each in (candidate, active))
    # A set with the same name but other numbers is another set, or of another collection.
    common = [n for n in ours if n in theirs and _size(ours[n]) == _size(theirs[n])]
    for name in sorted(common, key=lambda each: (-ours[each]["queries"], each)):
        if found := _first(ours[name], theirs[name], name):
            return found
    return None


def _size(found: dict[str, Any]) -> tuple[int, int | None]:
    return found["queries"], found.get("gallery")


def _tuned(candidate: EmbeddingModel, active: EmbeddingModel) -> Comparison | None:
    base, figures = (candidate.metrics.get(name, {}) for name in ("base", "figures"))
    if not figures or base.get("fingerprint") != active.fingerprint:
        return None
    what = f"{figures['queries']} works held out from its training"
    return _first(figures["tuned"], figures["base"], what)


def _first(ours: dict[str, float], theirs: dict[str, float], what: str) -> Comparison | None:
    for name in NAMES:
        if name in ours and name in theirs:
            return Comparison(name, what, ours[name], theirs[name])
    return None


def _gated(candidate: EmbeddingModel, active: EmbeddingModel) -> Comparison | None:
    ours, theirs = (_gate(each) for each in (candidate, active))
    if not ours or not theirs:
        return None
    if any(ours[count] != theirs[count] for count in ("works", "queries")):
        return None
    what = f"{ours['queries']} texts of its own works"
    return Comparison("R@10", what, _recall(ours), _recall(theirs))


def _gate(model: EmbeddingModel) -> dict[str, Any]:
    found: dict[str, Any] = model.metrics.get("onnx", {}).get("gate", {}).get("text", {})
    return found


def _recall(gate: dict[str, Any]) -> float:
    return float(gate["recall_at_10_int8" if gate["passed"] else "recall_at_10_fp32"])
