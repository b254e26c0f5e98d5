"""Why one work answers the search that it was found by, as its own page says it."""

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

# Works of an answer that are looked through: one answer for every work of the first pages.
DEPTH = 100


@dataclass(frozen=True)
class Reason:
    """What the work was found by, as a sentence and as a short `label`.

    `place` is its rank there, from 1, and `cosine` the similarity that gave it that rank. None
    where there is no such number.
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
        """Whether any reason has a rank, and the page a table of measurements."""
        return any(reason.place for reason in self.channels)


def explain_match(work: Artwork, parameters: QueryDict) -> Reasons | None:
    """Return why the search with these parameters finds `work`; None if it does not."""
    form = SearchForm(parameters)
    if not form.is_valid():
        return None
    query = replace(store.curated(form.query()), limit=DEPTH, offset=0, cursor=None)
    if query.is_blank:
        return None
    try:
        found = search(query)
    except errors.SearchUnavailable:
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


def _words(title: str, explained: highlights.Why) -> list[str]:
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
