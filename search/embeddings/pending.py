"""Find the works that still need vectors, so that an interrupted `embed` can resume.

A text vector's `source_hash` has 32 digits for the whole text and 32 for the passage. By the first
half, the database finds changed texts without cutting any into passages.
"""

import hashlib

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import MD5, Left

from museum.models import Artwork, ArtworkQuerySet, Description, ImageStatus
from search.encoders import families
from search.models import Embedding, EmbeddingModel

HALF = 32


def text_hash(text: str, passage: str) -> str:
    """Return the `source_hash` of one passage of `text`."""
    # MD5, because Postgres has it as a built-in function. It is not used for security.
    halves = (hashlib.md5(part.encode(), usedforsecurity=False) for part in (text, passage))
    return "".join(half.hexdigest() for half in halves)


def embeddable(model: EmbeddingModel, force: bool = False) -> ArtworkQuerySet:
    """Return the works that `model` may embed.

    Withdrawn works are excluded. A model trained only on generated pictures embeds only generated
    works, unless `force`.
    """
    works = Artwork.objects.filter(withdrawn_at__isnull=True)
    return works if force else works.filter(is_suitable(model))


def is_suitable(model: EmbeddingModel) -> Q:
    """Return the condition for works that suit `model`."""
    return Q(is_generated=True) if model.is_synthetic else Q()


def searchable_texts() -> Q:
    """Return the condition for descriptions that are embedded."""
    return Q(is_approved=True, is_boilerplate=False)


def outdated(model: EmbeddingModel, works: ArtworkQuerySet) -> ArtworkQuerySet:
    """Return those of `works` whose vectors by `model` are missing, stale or superfluous."""
    return works.filter(is_outdated(model))


def is_outdated(model: EmbeddingModel) -> Q:
    """Return the condition for works in `outdated`."""
    made = Embedding.objects.filter(model=model, artwork=OuterRef("pk"))
    pictures = made.filter(kind=Embedding.Kind.IMAGE)
    texts = Description.objects.alias(
        hash=MD5("text"),
        has_vector=Exists(
            Embedding.objects.alias(whole=Left("source_hash", HALF)).filter(
                model=model, description=OuterRef("pk"), whole=OuterRef("hash")
            )
        ),
    )
    superfluous = (
        made.filter(kind=Embedding.Kind.TEXT)
        .alias(whole=Left("source_hash", HALF), hash=MD5("description__text"))
        .filter(
            ~Q(description__is_approved=True, description__is_boilerplate=False)
            | ~Q(whole=F("hash"))
        )
    )
    lacking = Q(Exists(texts.filter(searchable_texts(), artwork=OuterRef("pk"), has_vector=False)))
    if Embedding.Kind.IMAGE in families.family_of(model).kinds:
        current = Exists(pictures.filter(source_hash=OuterRef("image_sha256")))
        lacking |= Q(image_status=ImageStatus.STORED) & Q(~current)
    gone = Q(Exists(pictures)) & ~Q(image_status=ImageStatus.STORED)
    return lacking | gone | Q(Exists(superfluous))
