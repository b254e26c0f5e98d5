"""TODO: search.ranking.channels."""

from django.utils.translation import gettext_lazy

from search.ranking import channels

PINNED, NAME = "pinned", "name"


CHANNELS = {
    "image": gettext_lazy("picture"),
    "text": gettext_lazy("description"),
    "words": gettext_lazy("words"),
    "color": gettext_lazy("colour"),
}


IMAGE, TEXT, WORDS = "image", "text", "words"


COLOR = "color"


# What a channel's ranks count for in the fusion. Words count twice: they reach every work, and most
# works have no description; with 1 nDCG@10 is .77 where words alone have .79 (docs/search.md).
WEIGHTS = {channels.IMAGE: 1.0, channels.TEXT: 1.0, channels.WORDS: 2.0, COLOR: 1.0}
