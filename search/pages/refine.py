"""What may be changed of a search at once: words, a colour, and what each wish counts for."""

from dataclasses import dataclass, fields

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from search.pages.links import address, pairs, set_to
from search.query.query import Query, Weights
from search.text import clean

COLOUR = "#2d5fa4"  # offered where none is wished for
WISHES = {
    "text": _("your words"),
    "like": _("similar works"),
    "unlike": _("works to avoid"),
    "image": _("your picture"),
    "color": _("the colour"),
}
STEPS = {
    0.25: _("very low"),
    0.5: _("low"),
    1.0: _("normal"),
    2.0: _("high"),
    4.0: _("very high"),
}
SIDES = ("x", "y", "width", "height")


@dataclass(frozen=True)
class Weight:
    """What one kind of wish counts for: the parameter, and (value, label, is chosen) to choose."""

    name: str
    label: str
    steps: list[tuple[str, str, bool]]


@dataclass(frozen=True)
class Composer:
    """The form of "Change this search"; `kept` are its hidden fields."""

    kept: list[tuple[str, str]]
    weights: list[Weight]
    has_colour: bool
    colour: str


def composer(query: Query, parameters: QueryDict) -> Composer:
    """Return what of `query` may be weighed: nothing where there is one wish alone."""
    wished = {
        "text": bool(query.meaning),
        "like": bool(query.like),
        "unlike": bool(query.unlike),
        "image": query.picture is not None,
        "color": bool(query.color),
    }
    wishes = [name for name, is_wished in wished.items() if is_wished]
    weights = [_weight(name, getattr(query.weights, name)) for name in wishes]
    shown = weights if len(weights) > 1 else []
    changed = ["color", *(weight.name for weight in shown)]
    return Composer(pairs(parameters, changed), shown, bool(query.color), query.color or COLOUR)


def _weight(wish: str, value: float) -> Weight:
    steps = {value: f"{value:g}"} | {step: str(label) for step, label in STEPS.items()}
    choices = [(f"{step:g}", label, step == value) for step, label in sorted(steps.items())]
    return Weight(f"w_{wish}", str(WISHES[wish]), choices)


@require_safe
def refine(request: HttpRequest) -> HttpResponse:
    """The same search with what the form changed: goes to its address.

    Several words to leave out are divided by commas; each may be of several words itself. A detail
    is given in percent of the picture.
    """
    given = request.GET
    words = [clean(given.get("q", "")), clean(given.get("add", ""))]
    for term in clean(given.get("leave_out", "")).replace('"', " ").split(","):
        plain = " ".join(term.split()).lstrip("-")
        words += [f'-"{plain}"' if " " in plain else f"-{plain}"] if plain else []
    values = {"q": " ".join(word for word in words if word)}
    if "wish" in given or "color" in given:
        values["color"] = given.get("color", "") if "wish" in given else ""
    for weight in fields(Weights):
        name = f"w_{weight.name}"
        if given.get(name) == "1":
            values[name] = ""
    if detail := _detail(given):
        values["box"] = detail
    return redirect(address(set_to(given, **values)))


def _detail(given: QueryDict) -> str:
    """The parameter `box` of four fields in percent, as typed where they are no numbers."""
    sides = [given.get(f"box_{side}", "") for side in SIDES]
    try:
        return ",".join(f"{float(side) / 100:g}" for side in sides) if any(sides) else ""
    except ValueError:
        return ",".join(sides)
