"""Types of command-line arguments."""

from argparse import ArgumentTypeError


def positive(text: str) -> int:
    """Return `text` as a whole number from 1 up. Raises `ArgumentTypeError`."""
    if not text.isdecimal() or int(text) == 0:
        raise ArgumentTypeError(f"{text!r}: give a whole number from 1 up")
    return int(text)
