"""Count the works that a model cannot find because their vectors are missing."""

from dataclasses import dataclass
from functools import partial

from museum.core.caching import background
from museum.images import decoding, storage
from museum.models import Artwork, ImageStatus
from search.embeddings import pending
from search.models import EmbeddingModel

# If more works than this lack vectors, their pictures are not decoded to find unreadable ones.
MAX_PICTURES_DECODED = 1_000
GAPS_TTL_SECONDS = 60


class CountPendingError(Exception):
    """The missing vectors are still being counted; try again in some seconds."""


@dataclass(frozen=True)
class Gaps:
    """Numbers of works without current vectors.

    `lacking` works still have to be embedded. `left_out` are real works, which a model trained only
    on generated pictures refuses. `unreadable` works have a picture that no model can decode.
    """

    lacking: int
    left_out: int
    unreadable: int


def gaps(model: EmbeddingModel) -> Gaps:
    """Compare the vectors of `model` with all works that are not withdrawn."""
    works = pending.embeddable(model)
    outdated = pending.outdated(model, works)
    lacking = outdated.count()
    unreadable = 0
    if 0 < lacking <= MAX_PICTURES_DECODED:
        of_pictures = outdated.filter(image_status=ImageStatus.STORED).only("image_sha256")
        unreadable = sum(not _is_readable(work) for work in of_pictures)
    others = pending.embeddable(model, force=True).exclude(pk__in=works.values("pk"))
    left_out = pending.outdated(model, others).count() if model.is_synthetic else 0
    return Gaps(lacking - unreadable, left_out, unreadable)


def recent_gaps(model: EmbeddingModel) -> Gaps:
    """Return `gaps`, at most `GAPS_TTL_SECONDS` old. Raises `CountPendingError`.

    The count compares every vector, which takes too long for a page of the admin.
    """

    def fresh(found: Gaps) -> float:
        # Missing vectors may be embedded meanwhile.
        return 0 if found.lacking else GAPS_TTL_SECONDS

    found = background.stale_while_revalidate(f"gaps-{model.pk}", Gaps, partial(gaps, model), fresh)
    if found is None or found.age.total_seconds() > GAPS_TTL_SECONDS:
        raise CountPendingError(
            f"which vectors {model} lacks is being counted: again in some seconds"
        )
    return found.value


def _is_readable(work: Artwork) -> bool:
    try:
        decoding.decode(storage.read(work.image_sha256))
    except (OSError, decoding.InvalidPictureError):
        return False
    return True
