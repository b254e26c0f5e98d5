"""The levels of relevance, and how far a match must reach for each. Pure."""

from search.ranking import tuning

STRONG, RELATED, WEAK = LEVELS = ("strong", "related", "weak")


def level_from_deviations(deviations: float | None) -> str:
    """Return the level of a vector that lies so many standard deviations above chance.

    Where nothing can be told by chance (None), what vectors found is not called weak.
    """
    if deviations is None:
        return RELATED
    return _level(deviations, tuning.STRONG_DEVIATIONS, tuning.RELATED_DEVIATIONS)


def level_from_word_share(share: float) -> str:
    """Return the level of a work that carries so much of the query's rarity (0 to 1) in words."""
    return _level(share, tuning.STRONG_WORD_SHARE, tuning.RELATED_WORD_SHARE)


def level_from_color_share(share: float) -> str:
    """Return the level of a picture of which so much (0 to 1) is about the colour."""
    return _level(share, tuning.STRONG_COLOR_SHARE, tuning.RELATED_COLOR_SHARE)


def reaches(level: str, least: str) -> bool:
    """Whether `level` is `least` or better; every level is at least ""."""
    return not least or LEVELS.index(level) <= LEVELS.index(least)


def _level(value: float, strong: float, related: float) -> str:
    return STRONG if value >= strong else RELATED if value >= related else WEAK
