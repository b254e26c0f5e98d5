"""Clean and normalise the text that visitors type. Pure."""

import unicodedata

# Typographic quotation marks that people and phones type instead of the plain one.
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»〝〞＂", '"'))  # noqa: RUF001
# Zero-width joiners hold emoji and some scripts together; other format characters mean nothing.
_JOINERS = "\u200c\u200d"


def clean(typed: str) -> str:
    """Return `typed` in NFC with plain quotation marks, single spaces and no control characters."""
    text = unicodedata.normalize("NFC", typed.translate(_QUOTES))
    return " ".join("".join(map(_printable, text)).split())


def fold(text: str) -> str:
    """Return `text` without accents, like the database function `museum_fold`."""
    letters = unicodedata.normalize("NFD", text)
    return unicodedata.normalize(
        "NFC", "".join(c for c in letters if not "\u0300" <= c <= "\u036f")
    )


def normalised(text: str) -> str:
    """Return the text by which queries are compared: no case, accents or extra spaces."""
    return " ".join(fold(clean(text)).casefold().split())


def _printable(char: str) -> str:
    match unicodedata.category(char):
        case "Cc" | "Zl" | "Zp":
            return " "
        case "Cs":  # half of a surrogate pair: no database or tokenizer takes it
            return ""
        case "Cf" if char not in _JOINERS:
            return ""
    return char
