"""What happens to a text before it is split, as open_clip does it, without torch.

No `tokenizer.json` can hold these steps: mending an encoding and resolving entities need ftfy and
html. The names are those of open_clip's `get_clean_fn`.
"""

import html
import string

import ftfy

_PUNCTUATION = str.maketrans("", "", string.punctuation)


def without_surrogates(text: str) -> str:
    """Drop half surrogate pairs, which no tokenizer takes."""
    return text.encode("utf-8", "ignore").decode("utf-8")


def whitespace(text: str) -> str:
    """Mend the encoding, resolve entities, fold white space."""
    return " ".join(html.unescape(html.unescape(ftfy.fix_text(text))).split())


def lower(text: str) -> str:
    """Do as `whitespace`, and lower the case."""
    return whitespace(text).lower()


def canonicalize(text: str) -> str:
    """Do as `lower`, and drop ASCII punctuation: SigLIP's texts."""
    plain = whitespace(text).replace("_", " ").translate(_PUNCTUATION)
    return " ".join(plain.lower().split())


CLEANERS = {
    "none": without_surrogates,
    "whitespace": whitespace,
    "lower": lower,
    "canonicalize": canonicalize,
}
