"""The works found as the results page shows them: why each was found, and searches like it."""

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
    """One work found. `matched` says what of it matches the query, "" where filters alone found it;
    `passage` is the best of its texts, in `language`, with the words of the query marked, "" where
    there is none; `ping` is the attribute of the link that counts a click on an interleaved page,
    "" on any other."""

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
    """Return a card for each of `hits`, found by the search that `parameters` say."""
    more_like, less_like = links.towards(parameters), links.away_from(parameters)
    found = []
    for hit in hits:
        work = hit.artwork.artic_id
        why = reasons.get(work)
        passage = why and why.passage
        ping = draft.ping(work) if draft else ""
        found.append(
            Card(
                hit,
                _matched(hit.channels) or (gettext("Excerpt") if passage else ""),
                marked(passage) if passage else "",
                passage.language if passage else "",
                more_like(str(work)),
                less_like(str(work)),
                format_html(' ping="{}"', ping) if ping else "",
            )
        )
    return found


def _matched(found_by: Container[str]) -> str:
    channels = [channel for channel in CHANNELS.values() if channel.name in found_by]
    parts = [str(channel.label) for channel in channels if not channel.is_ranked]
    if labels := ", ".join(str(channel.label) for channel in channels if channel.is_ranked):
        parts.append(gettext("Matched by %(channels)s") % {"channels": labels})
    return " · ".join(parts)


def marked(passage: Passage) -> SafeString:
    """Return the passage as HTML, with the words of the query in it marked."""
    pieces, end = [], 0
    for start, stop in passage.marks:
        pieces.append((passage.text[end:start], passage.text[start:stop]))
        end = stop
    return format_html_join("", "{}<mark>{}</mark>", pieces) + conditional_escape(
        passage.text[end:]
    )
