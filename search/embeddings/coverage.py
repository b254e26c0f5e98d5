"""What a model could not find if it answered searches now: works whose vectors it lacks."""

from dataclasses import dataclass
from functools import partial

from museum.core.caching import background
from museum.images import decoding, storage
from museum.models import Artwork, ImageStatus
from search.embeddings import pending
from search.models import EmbeddingModel

# Of more works than this, pictures are not opened to see whether they can be read at all.
MAX_PICTURES_DECODED = 1_000
GAPS_TTL_SECONDS = 60


class CountPendingError(Exception):
    """It is not known yet what a model lacks; it will be in seconds."""


@dataclass(frozen=True)
class Gaps:
    """`lacking` works have to be embedded yet; `left_out` are real ones, refused by a model that
    knows generated pictures alone; `unreadable` ones have a picture that no model can read."""

    lacking: int
    left_out: int
    unreadable: int


def gaps(model: EmbeddingModel) -> Gaps:
    """Compare the vectors of `model` with the works there are, the withdrawn ones left out."""
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
    """The same as `gaps`, counted at most `GAPS_TTL_SECONDS` ago. Raises `CountPendingError`.

    It compares every vector, which takes longer than a page of the admin may.
    """

    def fresh(found: Gaps) -> float:
        # What is lacking may be mended meanwhile.
        return 0 if found.lacking else GAPS_TTL_SECONDS

    found = background.lately(f"gaps-{model.pk}", Gaps, partial(gaps, model), fresh)
    if found is None or found.age.total_seconds() > GAPS_TTL_SECONDS:
        raise CountPendingError(
            f"which vectors {model} lacks is being counted: again in some seconds"
        )
    return found.value


def _is_readable(work: Artwork) -> bool:
    try:
        decoding.decode(storage.read(work.image_sha256))
    except (OSError, decoding.InvalidPicture):
        return False
    return True
