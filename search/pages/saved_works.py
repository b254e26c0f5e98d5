"""A set of works that a visitor collects: the address is the set, nothing is kept here.

Scripts remember it in the browser; without them the address does, and can be shared.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from museum.core.http.rate_limits import throttled
from museum.models import Artwork
from museum.pages import descriptions
from museum.pages.iiif_manifest import manifest
from search.exports import as_csv

MOST = 200
FIELDS = ("id", "title", "artist", "date", "accession_number", "is_public_domain", "url")


class SavedForm(forms.Form):
    """`works`: ids divided by commas."""

    works = forms.RegexField(
        r"^[0-9]{1,18}(,[0-9]{1,18})*$",
        required=False,
        max_length=20 * MOST,
        error_messages={
            "invalid": gettext_lazy(
                "Enter the numbers of works separated by commas, for example 1,2,3."
            )
        },
    )

    def ids(self) -> list[int]:
        """Each once, in the order given; call `is_valid()` first."""
        given = [int(each) for each in self.cleaned_data["works"].split(",") if each]
        return list(dict.fromkeys(given))[:MOST]


@dataclass(frozen=True)
class Place:
    """One work of the set; addresses of the same set with it moved by one place or left out."""

    work: Artwork
    earlier: str
    later: str
    without: str


@throttled
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The set: its works in order, each to be moved or taken out, and what it can be saved as."""
    form = SavedForm(request.GET)
    if not form.is_valid():
        return _invalid(request, form)
    works = _works(form.ids())
    descriptions.load_alt_texts(works)
    ids = [work.artic_id for work in works]
    given = ",".join(map(str, ids))
    context = {
        "places": [_place(work, ids, n) for n, work in enumerate(works)],
        "given": given,
        "missing": len(form.ids()) - len(works),
        "exports": [
            ("CSV", f"{reverse('saved-csv')}?works={given}"),
            ("JSON", f"{reverse('saved-json')}?works={given}"),
            (_("IIIF manifest"), f"{reverse('saved-manifest')}?works={given}"),
        ],
    }
    return render(request, "search/saved.html", context)


@throttled
@require_safe
def export_csv(request: HttpRequest) -> HttpResponse:
    """The set as a table."""
    form = SavedForm(request.GET)
    if not form.is_valid():
        return _invalid(request, form)
    rows = as_csv([_row(work, request) for work in _works(form.ids())], FIELDS)
    response = HttpResponse(rows, content_type="text/csv; charset=utf-8; header=present")
    response["Content-Disposition"] = 'attachment; filename="works.csv"'
    return response


@throttled
@require_safe
def export_json(request: HttpRequest) -> HttpResponse:
    """The set as JSON."""
    form = SavedForm(request.GET)
    if not form.is_valid():
        return _invalid(request, form)
    response = JsonResponse({"works": [_row(work, request) for work in _works(form.ids())]})
    response["Content-Disposition"] = 'attachment; filename="works.json"'
    return response


@throttled
@require_safe
def export_manifest(request: HttpRequest) -> HttpResponse:
    """The set as a IIIF Presentation manifest, for viewers of any origin."""
    form = SavedForm(request.GET)
    if not form.is_valid():
        return _invalid(request, form)
    address = settings.SITE_URL + request.get_full_path()
    said = manifest(_works(form.ids()), address, _("Saved works"), request.build_absolute_uri)
    response = JsonResponse(said)
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _invalid(request: HttpRequest, form: SavedForm) -> HttpResponse:
    return render(request, "search/invalid.html", {"form": form}, status=400)


def _works(ids: Sequence[int]) -> list[Artwork]:
    """Those of `ids` that visitors may see, in their order."""
    works = Artwork.objects.visible().filter(artic_id__in=ids).select_related("artist")
    by_id = {work.artic_id: work for work in works.defer("search_document")} if ids else {}
    return [by_id[each] for each in ids if each in by_id]


def _place(work: Artwork, ids: Sequence[int], place: int) -> Place:
    others = [each for each in ids if each != work.artic_id]

    def at(where: int) -> str:
        if not 0 <= where < len(ids):
            return ""
        return _address([*others[:where], work.artic_id, *others[where:]])

    return Place(work, at(place - 1), at(place + 1), _address(others))


def _address(ids: Sequence[int]) -> str:
    # Commas stand as they are: the address is meant to be read and shared.
    return reverse("saved") + (f"?works={','.join(map(str, ids))}" if ids else "")


def _row(work: Artwork, request: HttpRequest) -> dict[str, object]:
    return {
        "id": work.artic_id,
        "title": work.title,
        "artist": work.artist.name if work.artist else work.artist_display,
        "date": work.date_display,
        "accession_number": work.accession_number,
        "is_public_domain": work.is_public_domain,
        "url": request.build_absolute_uri(work.get_absolute_url()),
    }
