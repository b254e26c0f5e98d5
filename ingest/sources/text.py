"""Texts of museums: what can be stored of them, and alternative texts that say nothing."""

import re

_MADE_OF = re.compile(r"an? works? made of .+", re.IGNORECASE)
_NEXT_SENTENCE = re.compile(r"\.\s+[A-Z]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(value: str) -> str:
    """Trim a text; drop NUL and lone surrogates, which JSON may carry and PostgreSQL refuses."""
    if not value.isprintable():  # much quicker than searching each text for what is so rare
        value = _UNSTORABLE.sub("", value)
    return value.strip()


def is_boilerplate(alt_text: str, title: str) -> bool:
    """Tell whether an alt text only repeats the title or the medium ("A work made of oil.")."""
    if alt_text.strip(" .").casefold() == title.strip(" .").casefold():
        return True
    return bool(_MADE_OF.fullmatch(alt_text)) and not _NEXT_SENTENCE.search(alt_text)
