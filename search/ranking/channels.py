"""The channels that find works. One entry says all there is to know about one.

What retrieves its list is in `search/engine/channel_lists.py`. Pure: no database, no model.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from search.ranking import levels, tuning
from search.ranking.matches import ChannelRank

PINNED, NAME = "pinned", "name"
IMAGE, TEXT, WORDS, COLOR = "image", "text", "words", "color"

# Relevance of a match, given its place in the channel's list and by how many standard deviations
# the work's best vector lies above chance (None where that is not known).
LevelOf = Callable[[ChannelRank, float | None], str]


@dataclass(frozen=True)
class Channel:
    """One channel.

    `name` is its key in the API, `label` what a card says of the work, and `sentence` the reason on
    the work's page. `share` says which part of the query it answers, a key of `Query.shares`; it is
    "" for one that ranks nothing and puts works first. `is_cosine` channels rank by cosine. The
    level of one that `yields` counts only where no other channel found the work.
    """

    name: str
    label: Promise
    sentence: Promise
    level: LevelOf
    share: str = ""
    is_cosine: bool = False
    yields: bool = False

    @property
    def is_ranked(self) -> bool:
        """Whether works have places in it; the others are put first, by a curator or by name."""
        return bool(self.share)

    @property
    def weight(self) -> float:
        """What its ranks count for in the fusion."""
        return tuning.CHANNEL_WEIGHTS[self.name]


def _asked_for(rank: ChannelRank, deviations: float | None) -> str:
    return levels.STRONG


def _by_vector(rank: ChannelRank, deviations: float | None) -> str:
    return levels.level_from_deviations(deviations)


def _by_words(rank: ChannelRank, deviations: float | None) -> str:
    return levels.level_from_word_share(rank.weight)


def _by_color(rank: ChannelRank, deviations: float | None) -> str:
    return levels.level_from_color_share(rank.value)


# In the order in which a page gives the reasons.
CHANNELS = {
    channel.name: channel
    for channel in (
        Channel(
            PINNED,
            _("Chosen by a curator"),
            _("A curator chose this work for your search."),
            _asked_for,
        ),
        Channel(
            NAME,
            _("Named in your search"),
            _("Your search names this work."),
            _asked_for,
        ),
        Channel(
            IMAGE,
            _("picture"),
            _("The picture matches your search."),
            _by_vector,
            share="vector",
            is_cosine=True,
        ),
        Channel(
            TEXT,
            _("description"),
            _("The description matches your search."),
            _by_vector,
            share="vector",
            is_cosine=True,
        ),
        Channel(
            WORDS,
            _("words"),
            _("The record contains words from your search."),
            _by_words,
            share="text",
        ),
        Channel(
            COLOR,
            _("colour"),
            _("The colours match your search."),
            _by_color,
            share="color",
            yields=True,
        ),
    )
}
RANKED = tuple(channel for channel in CHANNELS.values() if channel.is_ranked)
