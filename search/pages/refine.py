"""The form "Change this search": words, a colour, and the weight of each part of the query."""

import dataclasses
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from search.pages.links import changed_state, hidden_fields, search_url
from search.query.query import Query, Weights
from search.text import clean

DEFAULT_COLOUR = "#2d5fa4"  # offered where the query has no colour
WEIGHT_LABELS = {
    "text": _("your words"),
    "like": _("similar works"),
    "unlike": _("works to avoid"),
    "image": _("your picture"),
    "color": _("the colour"),
}
IMPORTANCE_LABELS = {
    0.25: _("very low"),
    0.5: _("low"),
    1.0: _("normal"),
    2.0: _("high"),
    4.0: _("very high"),
}
BOX_SIDES = ("x", "y", "width", "height")


@dataclass(frozen=True)
class Weight:
    """The weight of one part of the query: its parameter, and its (value, label, is chosen)."""

    name: str
    label: str
    steps: list[tuple[str, str, bool]]


@dataclass(frozen=True)
class Composer:
    """The form "Change this search"."""

    hidden_fields: list[tuple[str, str]]
    weights: list[Weight]
    has_colour: bool
    colour: str


def composer(query: Query, parameters: QueryDict) -> Composer:
    """Return the form for `query`; it offers weights only if the query has two parts or more."""
    parts = {
        "text": bool(query.meaning),
        "like": bool(query.like),
        "unlike": bool(query.unlike),
        "image": query.picture is not None,
        "color": bool(query.color),
    }
    names = [name for name, is_present in parts.items() if is_present]
    weights = [_weight(name, getattr(query.weights, name)) for name in names]
    offered = weights if len(weights) > 1 else []
    changed = ["color", *(weight.name for weight in offered)]
    return Composer(
        hidden_fields(parameters, changed),
        offered,
        bool(query.color),
        query.color or DEFAULT_COLOUR,
    )


def _weight(name: str, value: float) -> Weight:
    steps = {value: f"{value:g}"} | {step: str(label) for step, label in IMPORTANCE_LABELS.items()}
    choices = [(f"{step:g}", label, step == value) for step, label in sorted(steps.items())]
    return Weight(f"w_{name}", str(WEIGHT_LABELS[name]), choices)


@require_safe
def refine(request: HttpRequest) -> HttpResponse:
    """Redirect to the search as changed by the form.

    Terms to leave out are separated by commas; each may have several words. A detail of the picture
    is parameters in percent of its sides.
    """
    parameters = request.GET
    words = [clean(parameters.get("q", "")), clean(parameters.get("add", ""))]
    for term in clean(parameters.get("leave_out", "")).replace('"', " ").split(","):
        plain = " ".join(term.split()).lstrip("-")
        words += [f'-"{plain}"' if " " in plain else f"-{plain}"] if plain else []
    values = {"q": " ".join(word for word in words if word)}
    if "wish" in parameters or "color" in parameters:
        values["color"] = parameters.get("color", "") if "wish" in parameters else ""
    for weight in dataclasses.fields(Weights):
        name = f"w_{weight.name}"
        if parameters.get(name) == "1":
            values[name] = ""
    if detail := _detail(parameters):
        values["box"] = detail
    return redirect(search_url(changed_state(parameters, **values)))


def _detail(parameters: QueryDict) -> str:
    """Return the parameter `box` (shares) from the four fields (percent); raw if not numeric."""
    sides = [parameters.get(f"box_{side}", "") for side in BOX_SIDES]
    try:
        return ",".join(f"{float(side) / 100:g}" for side in sides) if any(sides) else ""
    except ValueError:
        return ",".join(sides)
