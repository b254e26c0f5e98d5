"""Museum texts: what can be stored of them, and alt texts that say nothing."""

import re

_MADE_OF = re.compile(r"an? works? made of .+", re.IGNORECASE)
_NEXT_SENTENCE = re.compile(r"\.\s+[A-Z]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(value: str) -> str:
    """Without NUL and lone surrogates, which JSON may carry and PostgreSQL refuses; trimmed."""
    if not value.isprintable():  # much quicker than looking for what is hardly ever there
        value = _UNSTORABLE.sub("", value)
    return value.strip()


def is_boilerplate(alt_text: str, title: str) -> bool:
    """Whether an alt text only repeats the medium ("A work made of oil on canvas.") or title."""
    if alt_text.strip(" .").casefold() == title.strip(" .").casefold():
        return True
    return bool(_MADE_OF.fullmatch(alt_text)) and not _NEXT_SENTENCE.search(alt_text)
