"""The channels that rank works, their labels and their weights."""

from django.utils.translation import gettext_lazy

PINNED, NAME = "pinned", "name"
IMAGE, TEXT, WORDS, COLOR = "image", "text", "words", "color"

CHANNELS = {
    IMAGE: gettext_lazy("picture"),
    TEXT: gettext_lazy("description"),
    WORDS: gettext_lazy("words"),
    COLOR: gettext_lazy("colour"),
}

# What a channel's ranks count for in the fusion. Words count twice: they reach every work, and most
# works have no description; with 1 nDCG@10 is .77 where words alone have .79 (docs/search.md).
WEIGHTS = {IMAGE: 1.0, TEXT: 1.0, WORDS: 2.0, COLOR: 1.0}
