"""Load the texts of works that visitors see, in one query for a page."""

from collections.abc import Sequence

from django.db.models import Prefetch, prefetch_related_objects

from museum.models import Artwork, Description

# A curator's text comes first, then the museum's, then a generated one.
SOURCE_ORDER = [
    Description.Source.CURATOR,
    Description.Source.DESCRIPTION,
    Description.Source.SHORT_DESCRIPTION,
    Description.Source.GENERATED,
]


def load_alt_texts(works: Sequence[Artwork]) -> None:
    """Set `alt_texts` of each work: a list without boilerplate, a curator's text first."""
    texts = Description.objects.alt_texts().order_by("-source", "language")
    alt_texts = Prefetch("descriptions", texts.only("artwork", "text"), to_attr="alt_texts")
    prefetch_related_objects(works, alt_texts)


def readable_texts(work: Artwork) -> list[Description]:
    """Return the texts for the work's page; the short description only without a long one."""
    texts = [
        text
        for text in work.descriptions.filter(is_approved=True).defer("search_document")
        if text.source in SOURCE_ORDER and not text.is_boilerplate
    ]
    if any(text.source == Description.Source.DESCRIPTION for text in texts):
        texts = [text for text in texts if text.source != Description.Source.SHORT_DESCRIPTION]
    return sorted(texts, key=lambda text: SOURCE_ORDER.index(Description.Source(text.source)))
