"""Why one work answers the search that it was found by, as its own page says it."""

from dataclasses import dataclass, replace

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from museum.models import Artwork
from search import arrange, cards, channels, curation, engine, why
from search.forms import SearchForm
from search.fusion import ChannelRank

# Works of an answer that are looked through: one answer for every work of the first pages.
DEPTH = 100
SENTENCES = {
    arrange.PINNED: _("A curator chose this work for your search."),
    arrange.NAME: _("Your search names this work."),
    channels.IMAGE: _("The picture matches your search."),
    channels.TEXT: _("The description matches your search."),
    channels.WORDS: _("The record contains words from your search."),
    "color": _("The colours match your search."),
}
COMPARED = (channels.IMAGE, channels.TEXT)


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
    query = replace(curation.curated(form.query()), limit=DEPTH, offset=0, cursor=None)
    if query.is_blank:
        return None
    try:
        found = engine.search(query)
    except engine.SearchUnavailable:
        return None
    places = [each for each in found.places if each.found.artic_id == work.artic_id]
    if not places:
        return None
    ranks = places[0].found.channels
    explained = why.explain(replace(found, places=places)).get(work.artic_id)
    return Reasons(
        [_reason(name, ranks[name]) for name in SENTENCES if name in ranks],
        _words(work.title, explained) if explained else [],
    )


def _words(title: str, explained: why.Why) -> list[str]:
    texts = [(title, explained.title)]
    if explained.passage:
        texts.append((explained.passage.text, explained.passage.marks))
    return list(dict.fromkeys(text[a:b].lower() for text, marks in texts for a, b in marks))


def _reason(name: str, rank: ChannelRank) -> Reason:
    is_asked_for = name in {arrange.PINNED, arrange.NAME}
    return Reason(
        str(SENTENCES[name]),
        str(cards.CHANNELS.get(name, "")),
        None if is_asked_for else rank.rank,
        rank.value if name in COMPARED else None,
    )
