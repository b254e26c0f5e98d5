"""TODO: museum.core.cli."""

from argparse import ArgumentTypeError


def positive(text: str) -> int:
    """A whole number from 1 up, as a command's argument."""
    if not text.isdecimal() or int(text) == 0:
        raise ArgumentTypeError(f"{text!r}: give a whole number from 1 up")
    return int(text)
