"""Links from a work found to searches like it."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.http import QueryDict
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from museum.models import Artwork
from search import address
from search.engine import Hit
from search.why import Passage, Why

register = template.Library()
CHANNELS = {
    "image": gettext_lazy("picture"),
    "text": gettext_lazy("description"),
    "words": gettext_lazy("words"),
    "color": gettext_lazy("colour"),
}


@register.filter
def matched(hit: Hit) -> str:
    """What of the work the query was found in."""
    found = ", ".join(str(label) for name, label in CHANNELS.items() if name in hit.channels)
    return f"{gettext('Matched by')} {found}"


@register.filter
def of(reasons: Mapping[int, Why] | None, work: Artwork) -> Why | None:
    """Why `work` was found, where that is known."""
    return (reasons or {}).get(work.artic_id)


@register.filter
def marked(passage: Passage) -> SafeString:
    """The passage, with the words of the query in it marked."""
    pieces, end = [], 0
    for start, stop in passage.marks:
        pieces += [(passage.text[end:start], passage.text[start:stop])]
        end = stop
    return format_html_join("", "{}<mark>{}</mark>", pieces) + conditional_escape(
        passage.text[end:]
    )


@register.simple_tag(takes_context=True)
def more_like(context: Any, work: Artwork) -> str:
    """The address of the same search, led towards `work`."""
    return _led(context, work, "like", "unlike")


@register.simple_tag(takes_context=True)
def less_like(context: Any, work: Artwork) -> str:
    """The address of the same search, led away from `work`."""
    return _led(context, work, "unlike", "like")


@register.simple_tag(takes_context=True)
def ping(context: Any, work: Artwork) -> str:
    """The attribute that counts a click on an interleaved page; "" on any other."""
    draft = context.get("draft")
    address_ = draft.ping(work.artic_id) if draft else ""
    return format_html(' ping="{}"', address_) if address_ else ""


def _led(context: Any, work: Artwork, towards: str, other: str) -> str:
    parameters: QueryDict = address.state(context["request"].GET)
    value = str(work.artic_id)
    parameters.setlist(other, [each for each in parameters.getlist(other) if each != value])
    return address.with_value(parameters, towards, value)
