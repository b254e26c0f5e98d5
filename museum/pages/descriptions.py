"""The texts of works that visitors see, loaded in one query for a whole page."""

from collections.abc import Sequence

from django.db.models import Prefetch, prefetch_related_objects

from museum.models import Artwork, Description

# The museum's own words come before ours, and a curator's before all.
ORDER = [
    Description.Source.CURATOR,
    Description.Source.DESCRIPTION,
    Description.Source.SHORT_DESCRIPTION,
    Description.Source.GENERATED,
]


def load_alt_texts(works: Sequence[Artwork]) -> None:
    """Give each work its `alt_texts`, none of them boilerplate, a curator's first."""
    texts = Description.objects.alt_texts().order_by("-source", "language")
    seen = texts.only("artwork", "text")
    prefetch_related_objects(works, Prefetch("descriptions", seen, to_attr="alt_texts"))


def descriptions(work: Artwork) -> list[Description]:
    """Texts to read on the work's page; the short description only where there is no long one."""
    texts = [
        text
        for text in work.descriptions.filter(is_approved=True).defer("search_document")
        if text.source in ORDER and not text.is_boilerplate
    ]
    if any(text.source == Description.Source.DESCRIPTION for text in texts):
        texts = [text for text in texts if text.source != Description.Source.SHORT_DESCRIPTION]
    return sorted(texts, key=lambda text: ORDER.index(Description.Source(text.source)))
