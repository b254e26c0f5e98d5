"""Messages that are translated when they are read, so that one cache entry serves all languages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Union

from django.utils.functional import Promise
from django.utils.translation import gettext

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, eq=False)
class Message(Promise):
    """A message id of the catalogue and the values of its `{names}`: plain data, which caches take.

    str() gives it in the active language, and so do templates and REST framework's JSON.
    """

    text: str
    values: Mapping[str, Union[str, "Message"]] = field(default_factory=dict)

    def __str__(self) -> str:
        # Not str.format: a text from a cache could read attributes of the values.
        return _PLACEHOLDER.sub(
            lambda name: str(self.values.get(name[1], name[0])), gettext(self.text)
        )

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other) if isinstance(other, str | Message) else NotImplemented

    def __contains__(self, part: str) -> bool:
        return part in str(self)

    def __hash__(self) -> int:
        return hash(str(self))


def message(text: str, **values: "str | Message") -> Message:
    """Return the `Message` of `text`; mark the text for translators with `gettext_noop`."""
    return Message(text, values)
