"""Explain on a work's page why a search found the work."""

from dataclasses import dataclass, replace

from django.http import QueryDict

from museum.models import Artwork
from search.curation import store
from search.engine import errors
from search.engine.search import search
from search.explanations import highlights
from search.query.forms import SearchForm
from search.ranking.channels import CHANNELS
from search.ranking.matches import ChannelRank

# Works of the answer to look through. One cached answer serves all works of the first pages.
DEPTH = 100


@dataclass(frozen=True)
class Reason:
    """One channel that found the work, as a sentence and as a short `label`.

    `place` is the work's rank in that channel, from 1, and `cosine` its similarity to the query.
    Either is None if the channel has no such number.
    """

    sentence: str
    label: str
    place: int | None
    cosine: float | None


@dataclass(frozen=True)
class Reasons:
    """Why a work was found, and the words of the query in its title and best passage."""

    channels: list[Reason]
    words: list[str]

    @property
    def is_measured(self) -> bool:
        """Whether any reason has a rank, so that the page shows a table of measurements."""
        return any(reason.place for reason in self.channels)


def explain_match(work: Artwork, parameters: QueryDict) -> Reasons | None:
    """Return why the search with these parameters finds `work`; None if it does not."""
    form = SearchForm(parameters)
    if not form.is_valid():
        return None
    query = replace(store.apply_rules(form.query()), limit=DEPTH, offset=0, cursor=None)
    if query.is_blank:
        return None
    try:
        found = search(query)
    except errors.SearchUnavailableError:
        return None
    places = [each for each in found.places if each.found.artic_id == work.artic_id]
    if not places:
        return None
    ranks = places[0].found.channels
    explained = highlights.explain(replace(found, places=places)).get(work.artic_id)
    return Reasons(
        [_reason(name, ranks[name]) for name in CHANNELS if name in ranks],
        _words(work.title, explained) if explained else [],
    )


def _words(title: str, explained: highlights.Explanation) -> list[str]:
    texts = [(title, explained.title)]
    if explained.passage:
        texts.append((explained.passage.text, explained.passage.marks))
    return list(dict.fromkeys(text[a:b].lower() for text, marks in texts for a, b in marks))


def _reason(name: str, rank: ChannelRank) -> Reason:
    channel = CHANNELS[name]
    return Reason(
        str(channel.sentence),
        str(channel.label) if channel.is_ranked else "",
        rank.rank if channel.is_ranked else None,
        rank.value if channel.is_cosine else None,
    )
