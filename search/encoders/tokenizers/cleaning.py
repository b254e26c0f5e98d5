"""Clean texts before they are split, as open_clip does, without torch.

A `tokenizer.json` cannot express these steps, which need ftfy and html. The names are those of
open_clip's `get_clean_fn`.
"""

import html
import string

import ftfy

_PUNCTUATION = str.maketrans("", "", string.punctuation)


def without_surrogates(text: str) -> str:
    """Drop lone surrogates, which no tokenizer accepts."""
    return text.encode("utf-8", "ignore").decode("utf-8")


def whitespace(text: str) -> str:
    """Repair the encoding, resolve entities and collapse white space."""
    return " ".join(html.unescape(html.unescape(ftfy.fix_text(text))).split())


def lower(text: str) -> str:
    """Apply `whitespace`, and convert to lower case."""
    return whitespace(text).lower()


def canonicalize(text: str) -> str:
    """Apply `lower`, and drop ASCII punctuation, as SigLIP does."""
    plain = whitespace(text).replace("_", " ").translate(_PUNCTUATION)
    return " ".join(plain.lower().split())


CLEANERS = {
    "none": without_surrogates,
    "whitespace": whitespace,
    "lower": lower,
    "canonicalize": canonicalize,
}
