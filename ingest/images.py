"""Pictures: one at a time, verified, each work's status and reason kept beside it."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from ingest import runs
from ingest.artic import ArticClient
from ingest.errors import BadResponse, HttpError, RateLimited, SourceError
from ingest.models import IngestFailure, IngestRun
from museum import pictures
from museum.models import Artwork, ImageStatus

WIDTH = 400  # pixels; what embedding needs, and in AIC's cache
SERVED_WIDTH = 843  # of pictures that no other host shows to visitors
# What is worth asking for: everything wanted that is not there. A run asks once for each.
WANTED = (
    ImageStatus.PENDING,
    ImageStatus.FAILED,
    ImageStatus.REFUSED,
    ImageStatus.INVALID,
    ImageStatus.MISSING,
)
REFUSALS = 5  # in a row, and no more pictures are asked for


@dataclass(frozen=True)
class Outcome:
    """What came of asking for one picture; `is_refusal` speaks of the host, not the picture."""

    status: str
    sha256: str = ""
    code: str = ""
    message: str = ""
    is_refusal: bool = False


def fetch(run_id: int, keys: list[int], client: ArticClient) -> None:
    """Fetch the wanted pictures among the works `keys`, until the host has refused too often."""
    with runs.one_picture_worker():
        for key in keys:
            run = IngestRun.objects.get(pk=run_id)
            if run.state != IngestRun.State.RUNNING or "image" in run.stopped:
                break
            work = Artwork.objects.filter(pk=key, image_status__in=WANTED).first()
            if work is not None:
                _settle(run, work, _fetch(client, run.iiif_url, work))
    stopped = IngestRun.objects.values_list("stopped", flat=True).get(pk=run_id).get("image")
    if stopped:
        Artwork.objects.filter(pk__in=keys, image_status=ImageStatus.PENDING).update(
            image_reason=f"not asked for: {stopped}"
        )


def _fetch(client: ArticClient, iiif_url: str, work: Artwork) -> Outcome:
    width = SERVED_WIDTH if work.is_generated else WIDTH
    try:
        data = client.picture(iiif_url, work.image_id or "", width)
        return Outcome(ImageStatus.STORED, pictures.store(data))
    except pictures.InvalidPicture as error:
        return Outcome(ImageStatus.INVALID, code="not-a-picture", message=str(error))
    except SourceError as error:
        return _outcome(error)


def _outcome(error: SourceError) -> Outcome:
    status, is_refusal = ImageStatus.FAILED, True
    if isinstance(error, HttpError) and error.status in {401, 403}:
        status = ImageStatus.REFUSED
    elif isinstance(error, HttpError) and error.status in {404, 410}:
        status, is_refusal = ImageStatus.MISSING, False
    elif isinstance(error, BadResponse):
        status = ImageStatus.INVALID
    elif error.code == "too-large":
        status, is_refusal = ImageStatus.INVALID, False
    elif isinstance(error, RateLimited):
        status = ImageStatus.REFUSED
    return Outcome(status, "", error.code, str(error), is_refusal)


@transaction.atomic
def _settle(run: IngestRun, work: Artwork, outcome: Outcome) -> None:
    """Keep the outcome, unless the record has named another picture meanwhile."""
    kept = Artwork.objects.filter(pk=work.pk, image_id=work.image_id, image_status__in=WANTED)
    is_stored = outcome.status == ImageStatus.STORED
    changed = kept.update(
        image_status=outcome.status,
        image_reason=outcome.message,
        image_sha256=outcome.sha256,
        image_checked_at=timezone.now(),
        updated_at=timezone.now(),
    )
    refusals = run.image_refusals + 1 if outcome.is_refusal else 0
    IngestRun.objects.filter(pk=run.pk).update(
        images=F("images") + (changed if is_stored else 0), image_refusals=refusals
    )
    stage = IngestFailure.Stage.IMAGE
    if is_stored:
        runs.resolve(stage, [work.artic_id])
    elif changed:
        message = f"{work.title}: {outcome.message}"
        runs.fail(run.pk, stage, outcome.code, message, artic_id=work.artic_id)
    if refusals >= REFUSALS:
        runs.stop_stage(
            run.pk,
            stage,
            "gave-up",
            f"the picture host refused {refusals} pictures in a row ({outcome.code}), so no more "
            "were asked for in this run; the works stay searchable by their text. The next run "
            "asks again.",
        )
