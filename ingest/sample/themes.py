"""Themes of the sample museum: works that a curator might hang together, chosen by subject."""

import math

from django.db import transaction
from django.utils import timezone

from museum.models import Artwork, Theme, ThemeWork

MAX_THEME_WORKS = 24  # of a theme, at most
# Slug, title, text, and the subjects that its works show.
THEMES: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    (
        "a-small-menagerie",
        "A small menagerie",
        "Cats at home, foxes in the snow, owls on their branch: animals, each left to itself.",
        ("cat", "fox", "owl", "rabbit", "elephant", "horse"),
    ),
    (
        "at-the-table",
        "At the table",
        "Fruit, flowers and cups, set down as if somebody had just left the room.",
        ("fruit", "flowers", "teapot"),
    ),
    (
        "rough-weather",
        "Rough weather",
        "Rain across a harbour, storms over the cliffs: the same coast on its worse days.",
        ("storm", "rain"),
    ),
    (
        "under-sail",
        "Under sail",
        "Small boats and tall ships in every light from dawn to moonlight, in oil, ink and stone.",
        ("sailboat", "tall ship"),
    ),
)


def _chroma(work: Artwork) -> float:
    """Return how colourful the largest colour of the picture is: its distance from grey."""
    if not work.palette:
        return 0.0
    _, a, b = work.palette[0]["lab"]
    return math.hypot(a, b)


@transaction.atomic
def publish_themes() -> int:
    """Publish the themes of the sample museum where there are none yet; return how many."""
    if Theme.objects.exists():
        return 0
    published = 0
    shown = Artwork.objects.visible().pictured().filter(is_generated=True)
    for slug, title, text, subjects in THEMES:
        works = shown.filter(subject_titles__overlap=subjects).only("pk", "artic_id", "palette")
        chosen = sorted(works, key=lambda work: (-_chroma(work), work.artic_id))[:MAX_THEME_WORKS]
        if not chosen:
            continue
        theme = Theme.objects.create(
            slug=slug, title=title, text=text, licence="CC0", published_from=timezone.now()
        )
        ThemeWork.objects.bulk_create(
            ThemeWork(theme=theme, artwork=work, position=place)
            for place, work in enumerate(chosen, 1)
        )
        published += 1
    return published
