"""The works of the database that have a stored picture, with their approved texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from django.db.models import Prefetch, Q
from PIL import Image

from museum.images import decoding, storage
from museum.models import Artwork, Description, ImageStatus
from search.evaluation import judged_queries
from training.datasets.dataset import Dataset, HardNegativeQuery, Item

_CAPTIONS = (
    Description.Source.CURATOR,
    Description.Source.DESCRIPTION,
    Description.Source.SHORT_DESCRIPTION,
    Description.Source.GENERATED,
)
_ALT_TEXTS = (Description.Source.CURATOR_ALT_TEXT, Description.Source.ALT_TEXT)
GENERATED = "+generated"
_CHUNK = 1000


def load(spec: str) -> Dataset:
    """Read the works of a source ("artic", "sample"): not withdrawn, with a stored picture.

    Texts by a model count only with "+generated" (as in "artic+generated"), and only those that
    no curator has rejected. Curators' judgments for training are included, not those for reporting.
    """
    source = spec.removesuffix(GENERATED)
    works = Artwork.objects.filter(
        source=source, withdrawn_at__isnull=True, image_status=ImageStatus.STORED
    )
    generated = Q(source=Description.Source.GENERATED)
    usable = Q(is_approved=True) & ~generated
    if spec != source:
        usable |= generated & (Q(is_approved=True) | Q(reviewed_at__isnull=True))
    texts = Description.objects.filter(usable, is_boilerplate=False)
    rows = (
        works.select_related("artist")
        .prefetch_related(Prefetch("descriptions", texts.defer("search_document", "html")))
        .defer("search_document", "lqip", "palette")
        .order_by("artic_id")
        .iterator(_CHUNK)
    )
    items = [item for item in map(_item, rows) if item.captions or item.alt_texts or item.title]
    queries = [_query(each) for each in judged_queries.hard_negatives()]
    return Dataset(spec, spec, items, is_generated=source == "sample", hard_negatives=queries)


def open_stored(sha256: str) -> Image.Image:
    """Open the stored picture with this hash."""
    return decoding.decode(storage.read(sha256))


def _query(judged: judged_queries.HardNegatives) -> HardNegativeQuery:
    return HardNegativeQuery(
        judged.query, tuple(map(str, judged.positives)), tuple(map(str, judged.negatives))
    )


def _item(work: Artwork) -> Item:
    texts = sorted(work.descriptions.all(), key=lambda text: text.source)
    return Item(
        key=str(work.artic_id),
        open=partial(open_stored, work.image_sha256),
        image=work.image_sha256,
        captions=tuple(
            text.text for source in _CAPTIONS for text in texts if text.source == source
        ),
        alt_texts=tuple(
            text.text for source in _ALT_TEXTS for text in texts if text.source == source
        ),
        title=work.title,
        artist=work.artist.name if work.artist else "",
        facts=tuple(_facts(work)),
        ties=tuple(_ties(work)),
        phash=work.phash,
    )


def _facts(work: Artwork) -> Iterator[str]:
    facts: Iterable[str | None] = (
        work.artwork_type,
        work.medium_display,
        work.date_display,
        work.place_of_origin,
        ", ".join(work.style_titles),
        ", ".join(work.subject_titles),
    )
    return (fact for fact in facts if fact)


def _ties(work: Artwork) -> Iterator[str]:
    """Yield what works of one group share; works by unknown artists share place and title."""
    yield f"picture:{work.image_sha256}"
    if work.image_id:
        yield f"image:{work.image_id}"
    if work.artist_id and not work.is_generated:
        yield f"artist:{work.artist_id}"
    elif not work.is_generated:
        title = " ".join(work.title.lower().split())
        yield f"unknown:{work.place_of_origin or ''}|{title}"
