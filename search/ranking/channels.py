"""The registry of channels: one entry describes one channel.

search/engine/channel_lists.py retrieves its list. Pure: no database, no model.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from search.ranking import levels, tuning
from search.ranking.matches import ChannelRank

PINNED, NAME = "pinned", "name"
IMAGE, TEXT, WORDS, COLOR = "image", "text", "words", "color"

# The level of relevance of a match, from its rank in the channel and the standard deviations of the
# work's best vector above chance (None if unknown).
LevelOf = Callable[[ChannelRank, float | None], str]


@dataclass(frozen=True)
class Channel:
    """One channel.

    `name` is its key in the API, `label` the text on a card, and `sentence` the reason on the
    work's page. `share` is the part of the query that it answers, a key of `Query.shares`, or ""
    for a channel that does not rank but puts works first. `is_cosine` channels rank by cosine. The
    level of a channel that `yields` counts only if no other channel found the work.
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
        """Whether it ranks works. The other channels put works first, by a curator or by name."""
        return bool(self.share)

    @property
    def weight(self) -> float:
        """The weight of its ranks in the fusion."""
        return tuning.CHANNEL_WEIGHTS[self.name]


def _always_strong(rank: ChannelRank, deviations: float | None) -> str:
    return levels.STRONG


def _vector_level(rank: ChannelRank, deviations: float | None) -> str:
    return levels.level_from_deviations(deviations)


def _word_level(rank: ChannelRank, deviations: float | None) -> str:
    return levels.level_from_word_share(rank.weight)


def _color_level(rank: ChannelRank, deviations: float | None) -> str:
    return levels.level_from_color_share(rank.value)


# In the order of the reasons on a page.
CHANNELS = {
    channel.name: channel
    for channel in (
        Channel(
            PINNED,
            _("Chosen by a curator"),
            _("A curator chose this work for your search."),
            _always_strong,
        ),
        Channel(
            NAME,
            _("Named in your search"),
            _("Your search names this work."),
            _always_strong,
        ),
        Channel(
            IMAGE,
            _("picture"),
            _("The picture matches your search."),
            _vector_level,
            share="vector",
            is_cosine=True,
        ),
        Channel(
            TEXT,
            _("description"),
            _("The description matches your search."),
            _vector_level,
            share="vector",
            is_cosine=True,
        ),
        Channel(
            WORDS,
            _("words"),
            _("The record contains words from your search."),
            _word_level,
            share="text",
        ),
        Channel(
            COLOR,
            _("colour"),
            _("The colours match your search."),
            _color_level,
            share="color",
            yields=True,
        ),
    )
}
RANKED = tuple(channel for channel in CHANNELS.values() if channel.is_ranked)
