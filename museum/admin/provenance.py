"""Where the texts of a work come from, said on the work's own form."""

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from museum.models import Artwork, Description


def texts_of(work: Artwork) -> SafeString:
    """Every text about `work` with its source, licence and state."""
    texts = work.descriptions.defer("search_document")
    items = format_html_join("", "<li>{}</li>", ((_entry(text),) for text in texts))
    return format_html('<ul class="texts">{}</ul>', items) if items else SafeString("none")


def _entry(text: Description) -> SafeString:
    return format_html(
        '<a href="{}">{}</a> <small>{}</small><br>{}',
        reverse("admin:museum_description_change", args=[text.pk]),
        text.get_source_display().capitalize(),
        ", ".join(
            filter(None, [text.language, text.licence, state(text), f"{text.updated_at:%F}"])
        ),
        text.text if len(text.text) <= 300 else f"{text.text[:300]}…",
    )


def state(text: Description) -> str:
    """Whether visitors meet it, in a word."""
    if not text.is_approved:
        return "rejected" if text.reviewed_at else "not approved"
    return "not specific to this work" if text.is_boilerplate else "shown"
