"""The cards of the results page: why each work matches, and links to related searches."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from search.engine.search import Hit
from search.experiments.ab_testing import Draft
from search.explanations.highlights import Explanation, Passage
from search.pages import links
from search.ranking.channels import CHANNELS


@dataclass(frozen=True)
class Card:
    """One hit.

    `matched` says what of the work matches the query ("" if it only passed the filters). `passage`
    is its best passage as HTML ("" without one), in `language`. `ping` is the link attribute that
    counts clicks on an interleaved page ("" on any other).
    """

    hit: Hit
    matched: str
    passage: str
    language: str
    more_like: str
    less_like: str
    ping: str


def cards(
    hits: Sequence[Hit],
    reasons: Mapping[int, Explanation],
    parameters: QueryDict,
    draft: Draft | None = None,
) -> list[Card]:
    """Return a card for each of `hits`, the answer to the search given by `parameters`."""
    more_like, less_like = links.more_like_url(parameters), links.less_like_url(parameters)
    result = []
    for hit in hits:
        artic_id = hit.artwork.artic_id
        why = reasons.get(artic_id)
        passage = why and why.passage
        ping = draft.ping(artic_id) if draft else ""
        result.append(
            Card(
                hit,
                _match_label(hit.channels) or (gettext("Excerpt") if passage else ""),
                passage_html(passage) if passage else "",
                passage.language if passage else "",
                more_like(str(artic_id)),
                less_like(str(artic_id)),
                format_html(' ping="{}"', ping) if ping else "",
            )
        )
    return result


def _match_label(names: Container[str]) -> str:
    channels = [channel for channel in CHANNELS.values() if channel.name in names]
    parts = [str(channel.label) for channel in channels if not channel.is_ranked]
    if labels := ", ".join(str(channel.label) for channel in channels if channel.is_ranked):
        parts.append(gettext("Matched by %(channels)s") % {"channels": labels})
    return " · ".join(parts)


def passage_html(passage: Passage) -> SafeString:
    """Return the passage as HTML, with the words of the query in <mark>."""
    pieces, end = [], 0
    for start, stop in passage.marks:
        pieces.append((passage.text[end:start], passage.text[start:stop]))
        end = stop
    return format_html_join("", "{}<mark>{}</mark>", pieces) + conditional_escape(
        passage.text[end:]
    )
