"""The same search by two models, side by side, and a vote on which answered better."""

from dataclasses import dataclass

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from museum.core.http.outage import unavailable
from museum.core.http.rate_limits import throttled, vote_refusal
from museum.core.text.messages import Message
from museum.pages import descriptions
from search.engine import errors, search
from search.engine.search import Hit
from search.models import EmbeddingModel, Vote
from search.query.fields import MAX_LENGTH
from search.query.query import Query

WORKS_PER_SIDE = 12
CHOICE_LABELS = {
    Vote.Choice.A: _("The first is better"),
    Vote.Choice.B: _("The second is better"),
    Vote.Choice.BOTH: _("Both are good"),
    Vote.Choice.NEITHER: _("Neither is good"),
}


@dataclass(frozen=True)
class Side:
    """One model's answer: each hit with its rank in the other answer, None if not in it."""

    model: EmbeddingModel
    hits: list[tuple[Hit, int | None]]
    warnings: list[Message]


class CompareForm(forms.Form):
    """The search, and the names of two models with all their vectors."""

    q = forms.CharField(required=False, max_length=MAX_LENGTH)
    a = forms.ModelChoiceField(EmbeddingModel.objects.none(), to_field_name="name", required=False)
    b = forms.ModelChoiceField(EmbeddingModel.objects.none(), to_field_name="name", required=False)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        for name in ("a", "b"):
            self.fields[name].queryset = models()  # type: ignore[attr-defined]

    def pair(self) -> tuple[EmbeddingModel, EmbeddingModel] | None:
        """Return both models, or None if there are fewer than two. Call `is_valid()` first.

        A model that is not named is the active one, then the newest.
        """
        ready = sorted(models(), key=lambda each: (each.state != "active", -each.pk))
        if len(ready) < 2:
            return None
        a, b = self.cleaned_data["a"], self.cleaned_data["b"]
        a = a or next(each for each in ready if each != b)
        return a, b or next(each for each in ready if each != a)


class VoteForm(CompareForm):
    """The comparison, and which answer is better."""

    choice = forms.ChoiceField(choices=Vote.Choice.choices)


@require_safe
@throttled
def page(request: HttpRequest) -> HttpResponse:
    """Show the answers of the models `a` and `b` to `q`, side by side."""
    form = CompareForm(request.GET)
    if not form.is_valid():
        return render(request, "search/invalid.html", {"form": form}, status=400)
    pair = form.pair()
    q = form.cleaned_data["q"]
    context = {"pair": pair, "models": models(), "q": q, "voted": "voted" in request.GET}
    if pair and q:
        try:
            context["sides"] = _sides(q, pair)
        except errors.SearchUnavailableError:
            return unavailable(request)
        context["choices"] = CHOICE_LABELS.items()
    return render(request, "search/compare.html", context)


@require_POST
def vote(request: HttpRequest) -> HttpResponse:
    """Save a vote with the works compared, and nothing about the voter."""
    if refusal := vote_refusal(request):
        return refusal
    form = VoteForm(request.POST)
    pair = form.pair() if form.is_valid() else None
    if pair is None or not form.cleaned_data["q"]:
        return render(request, "search/invalid.html", {"form": form}, status=400)
    q = form.cleaned_data["q"]
    try:
        sides = _sides(q, pair)
    except errors.SearchUnavailableError:
        return unavailable(request)
    works = [[hit.artwork.artic_id for hit, _rank in side.hits] for side in sides]
    Vote.objects.create(
        query=q,
        model_a=pair[0].name,
        model_b=pair[1].name,
        works_a=works[0],
        works_b=works[1],
        choice=form.cleaned_data["choice"],
    )
    parameters = {"q": q, "a": pair[0].name, "b": pair[1].name, "voted": ""}
    return redirect(f"{reverse('compare')}?{urlencode(parameters)}")


def models() -> QuerySet[EmbeddingModel]:
    """Return the models with all their vectors, which can answer searches."""
    states = [EmbeddingModel.State.READY, EmbeddingModel.State.ACTIVE]
    return EmbeddingModel.objects.filter(state__in=states)


def _sides(q: str, pair: tuple[EmbeddingModel, EmbeddingModel]) -> list[Side]:
    answers = [search.search(Query.parse(q, limit=WORKS_PER_SIDE), model) for model in pair]
    descriptions.load_alt_texts([hit.artwork for answer in answers for hit in answer.hits])
    ranks = [
        {hit.artwork.artic_id: rank for rank, hit in enumerate(answer.hits, 1)}
        for answer in answers
    ]
    return [
        Side(
            model,
            [(hit, other.get(hit.artwork.artic_id)) for hit in answer.hits],
            answer.warnings,
        )
        for model, answer, other in zip(pair, answers, reversed(ranks), strict=True)
    ]
