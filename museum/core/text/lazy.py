"""Sentences translated when they are read: what is kept once is read in several languages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Union, cast

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext

_NAME = re.compile(r"\{(\w+)\}")


def lazily(text: Any, **values: object) -> str:
    """Return `text`, a lazy translation, with `{name}` in it filled; str() of it says it."""
    return cast(str, format_lazy(text, **values))


@dataclass(frozen=True, eq=False)
class Message(Promise):
    """A sentence by its id in the catalogue and what fills its `{names}`, so that caches take it.

    str() says it in the reader's language, and so do templates and REST framework's JSON.
    """

    text: str
    values: Mapping[str, Union[str, "Message"]] = field(default_factory=dict)

    def __str__(self) -> str:
        # Not str.format: a text out of a cache must not reach into what fills it.
        return _NAME.sub(lambda name: str(self.values.get(name[1], name[0])), gettext(self.text))

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other) if isinstance(other, str | Message) else NotImplemented

    def __contains__(self, part: str) -> bool:
        return part in str(self)

    def __hash__(self) -> int:
        return hash(str(self))


def message(text: str, **values: "str | Message") -> Message:
    """Return the `Message` of `text`, which `gettext_noop` marks for translators."""
    return Message(text, values)
