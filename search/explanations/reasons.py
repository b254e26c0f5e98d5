"""Why one work answers the search that it was found by, as its own page says it."""

from dataclasses import dataclass, replace

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from museum.models import Artwork
from search.curation import store
from search.engine import errors
from search.engine import search as search_module
from search.explanations import highlights
from search.query.forms import SearchForm
from search.ranking import channels as channels_module
from search.ranking.matches import ChannelRank

# Works of an answer that are looked through: one answer for every work of the first pages.
DEPTH = 100
SENTENCES = {
    channels_module.PINNED: _("A curator chose this work for your search."),
    channels_module.NAME: _("Your search names this work."),
    channels_module.IMAGE: _("The picture matches your search."),
    channels_module.TEXT: _("The description matches your search."),
    channels_module.WORDS: _("The record contains words from your search."),
    "color": _("The colours match your search."),
}
COMPARED = (channels_module.IMAGE, channels_module.TEXT)


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


def of(work: Artwork, search: QueryDict) -> Reasons | None:
    """Return why `search`, the parameters of a search, finds `work`; None where it does not."""
    form = SearchForm(search)
    if not form.is_valid():
        return None
    query = replace(store.curated(form.query()), limit=DEPTH, offset=0, cursor=None)
    if query.is_blank:
        return None
    try:
        found = search_module.search(query)
    except errors.SearchUnavailable:
        return None
    places = [each for each in found.places if each.found.artic_id == work.artic_id]
    if not places:
        return None
    ranks = places[0].found.channels
    explained = highlights.explain(replace(found, places=places)).get(work.artic_id)
    return Reasons(
        [_reason(name, ranks[name]) for name in SENTENCES if name in ranks],
        _words(work.title, explained) if explained else [],
    )


def _words(title: str, explained: highlights.Why) -> list[str]:
    texts = [(title, explained.title)]
    if explained.passage:
        texts.append((explained.passage.text, explained.passage.marks))
    return list(dict.fromkeys(text[a:b].lower() for text, marks in texts for a, b in marks))


def _reason(name: str, rank: ChannelRank) -> Reason:
    is_asked_for = name in {channels_module.PINNED, channels_module.NAME}
    return Reason(
        str(SENTENCES[name]),
        str(channels_module.CHANNELS.get(name, "")),
        None if is_asked_for else rank.rank,
        rank.value if name in COMPARED else None,
    )
