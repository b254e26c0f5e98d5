"""The levels of relevance and their thresholds. Pure."""

from search.ranking import tuning

STRONG, RELATED, WEAK = LEVELS = ("strong", "related", "weak")


def level_from_deviations(deviations: float | None) -> str:
    """Return the level of a vector by its standard deviations above chance.

    If they are unknown (None), the level is related.
    """
    if deviations is None:
        return RELATED
    return _level(deviations, tuning.STRONG_DEVIATIONS, tuning.RELATED_DEVIATIONS)


def level_from_word_share(share: float) -> str:
    """Return the level of a work by the share (0 to 1) of the query's rarity in its words."""
    return _level(share, tuning.STRONG_WORD_SHARE, tuning.RELATED_WORD_SHARE)


def level_from_color_share(share: float) -> str:
    """Return the level of a picture by its share (0 to 1) of about the colour."""
    return _level(share, tuning.STRONG_COLOR_SHARE, tuning.RELATED_COLOR_SHARE)


def reaches(level: str, least: str) -> bool:
    """Return whether `level` is `least` or better. Every level reaches ""."""
    return not least or LEVELS.index(level) <= LEVELS.index(least)


def _level(value: float, strong: float, related: float) -> str:
    return STRONG if value >= strong else RELATED if value >= related else WEAK
