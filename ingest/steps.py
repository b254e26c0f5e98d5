"""A run as steps: pages one after another, then pictures and vectors in batches.

A step leaves its results, its counts and the steps that follow from it in one transaction. So a
killed process loses one step at most, and doing a step again changes nothing that was done. The
same steps are worked off in this process (`work_off`) or by Celery workers (`ingest.tasks`).
"""

import logging
import os
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import redis
from celery import current_app
from django.db import transaction
from django.db.models import Case, Func, Q, Value, When
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from ingest import claims, crawl, images, intake, load, outage, pace, queues, runs
from ingest.artic import ArticClient
from ingest.errors import SourceError
from ingest.models import IngestFailure, IngestRun, IngestStep
from museum.models import Artwork
from museum.querysets import ArtworkQuerySet

if TYPE_CHECKING:
    from search.models import EmbeddingModel

logger = logging.getLogger(__name__)
Stage, State = IngestStep.Stage, IngestStep.State
# A few minutes of work each, at a picture a second.
BATCH = {Stage.IMAGE: 50, Stage.EMBED: 128}
TASKS = {
    Stage.PAGE: ("ingest.tasks.ingest_page", "metadata"),
    Stage.IMAGE: ("ingest.tasks.fetch_images", "images"),
    Stage.EMBED: ("ingest.tasks.embed_works", "embed"),
}
RESENT = 1000  # steps that are queued again at once
# Of sending to the broker: about ten seconds, so that a restart is outlasted.
PATIENCE = {"max_retries": 12, "interval_start": 0.1, "interval_step": 0.2, "interval_max": 1.0}


def work_off(run_id: int, watch: Callable[[IngestStep], None]) -> None:
    """Do every step of a run in this process; `watch` hears of each before it begins.

    A database that restarts is waited for: the step in hand is begun again.
    """
    rank = Case(*(When(stage=stage, then=Value(n)) for n, stage in enumerate(TASKS)))
    steps = IngestStep.objects.filter(run_id=run_id, state=State.OPEN).order_by(rank, "number")

    def next_one() -> bool:
        step = steps.first()
        if step is None:
            return False
        watch(step)
        if not perform(step.pk, f"process {os.getpid()}"):
            if IngestRun.objects.filter(pk=run_id, state=IngestRun.State.RUNNING).exists():
                raise RuntimeError(f"{step} is in other hands")
            return False
        return True

    while outage.outlasted(next_one, runs.alone_again):
        pass


def perform(step_id: int, worker: str) -> bool:
    """Do one step, unless it is done or in other hands; say whether it was ours to do."""
    with claims.claimed(step_id, worker) as is_ours:
        if not is_ours:
            return False
        step = IngestStep.objects.select_related("run").get(pk=step_id)
        if step.run.state != IngestRun.State.RUNNING:
            return False
        started = time.monotonic()
        try:
            {Stage.PAGE: _page, Stage.IMAGE: _images, Stage.EMBED: _embed}[Stage(step.stage)](step)
        except claims.TakenOver:
            return False
    logger.log(
        # In this process a progress bar says as much.
        logging.INFO if step.run.options["queue"] else logging.DEBUG,
        "event=step run=%s stage=%s number=%s state=%s keys=%s seconds=%.2f",
        *(step.run_id, step.stage, step.number, step.state, len(step.keys)),
        time.monotonic() - started,
    )
    return True


@cache
def _client(base_url: str) -> ArticClient:
    return ArticClient(base_url)


@transaction.atomic
def finish(step: IngestStep, then: Iterable[IngestStep] = (), state: str = State.DONE) -> None:
    """Close a step and add those that follow; with the last one, the run ends."""
    # The lock lets one step finish at a time, so that exactly one sees itself as the last.
    run = IngestRun.objects.select_for_update().get(pk=step.run_id)
    if not IngestStep.objects.filter(pk=step.pk, state=State.OPEN).exists():
        raise claims.TakenOver(f"{step} was closed by another worker")
    step.state, step.finished_at = state, timezone.now()
    step.save(update_fields=["state", "keys", "finished_at"])
    new = IngestStep.objects.bulk_create(_numbered(run, then))
    if run.options["queue"]:
        transaction.on_commit(lambda: hand_out(new))
    if not run.steps.filter(state=State.OPEN).exists():
        runs.end(run.pk)
        if run.options["queue"] and run.options["embed"]:
            transaction.on_commit(_queue_indexes)


def _numbered(run: IngestRun, steps: Iterable[IngestStep]) -> list[IngestStep]:
    counts = {stage: run.steps.filter(stage=stage).count() for stage in Stage.values}
    numbered = list(steps)
    for step in numbered:
        counts[step.stage] += 1
        step.run, step.number = run, counts[step.stage]
    return numbered


def hand_out(steps: Iterable[IngestStep]) -> None:
    """Queue `steps` for Celery workers; what a broker that is away loses, `resend` sends again."""
    try:
        for step in steps:
            task, queue = TASKS[Stage(step.stage)]
            current_app.send_task(task, [step.pk], queue=queue, retry_policy=PATIENCE)
    except (BrokerError, redis.RedisError) as error:
        logger.warning("event=not-queued why=%s", type(error).__name__)


def resend() -> int:
    """Queue the steps that nobody has and no queue holds; return how many.

    A step waits in its queue, or is in a worker's hands; a restart of the broker and a killed
    worker lose the one and the other. Only stages whose queue is empty are looked at, so that what
    merely waits is not queued twice. Doing a step twice would change nothing.
    """
    lost = IngestStep.objects.filter(
        claims.free(), run__state=IngestRun.State.RUNNING, run__options__queue=True
    ).order_by("pk")
    waiting = {queue: queues.depth(queue) for _, queue in TASKS.values()}
    again = [step for step in lost[:RESENT] if not waiting[TASKS[Stage(step.stage)][1]]]
    if again:
        logger.info("event=resent steps=%s", len(again))
        hand_out(again)
    return len(again)


# --- Pages ----------------------------------------------------------------------------------------
def _page(step: IngestStep) -> None:
    run = step.run
    try:
        page = _client(run.base_url).page(step.page, run.options["page_size"])
    except SourceError as error:
        with transaction.atomic():
            _go_on(step, crawl.failed(step, error), State.FAILED)
        return
    with transaction.atomic():
        _go_on(step, crawl.take(step, page))


def _go_on(step: IngestStep, page: int | None, state: str = State.DONE) -> None:
    then = plan(step.run) if page is None else [IngestStep(stage=Stage.PAGE, page=page)]
    finish(step, then, state)


# --- What follows from the records ----------------------------------------------------------------
def plan(run: IngestRun) -> list[IngestStep]:
    """Pictures and vectors that are missing, among the works that this run is about."""
    run.refresh_from_db()
    if run.created + run.updated >= intake.MANY:
        load.analyze()
    works = works_of(run)
    lacking = works.filter(images.lacking()) if images.has_source(run) else works.none()
    keys = list(lacking.order_by("pk").values_list("pk", flat=True))
    # Works whose picture is fetched now are embedded with it.
    rest = works.exclude(pk__in=keys) if run.options["embed"] else works.none()
    outdated = list(_outdated(rest).order_by("pk").values_list("pk", flat=True))
    return [*batches(Stage.IMAGE, keys), *batches(Stage.EMBED, outdated)]


def works_of(run: IngestRun) -> ArtworkQuerySet:
    """The works of this run's pages; of an incremental run, the source's others as well."""
    pages = run.steps.filter(stage=Stage.PAGE)
    works = Q(artic_id__in=pages.values_list(Func("keys", function="unnest")))
    if run.options.get("mode") == "incremental" and pace.is_loopback(run.iiif_url):
        works |= Q(source=run.source, iiif_url__isnull=True)
    elif run.options["since"] and run.options["limit"] is None:
        works |= Q(source=run.source, iiif_url=run.iiif_url)
    return Artwork.objects.filter(works, withdrawn_at__isnull=True)


def _outdated(works: ArtworkQuerySet) -> ArtworkQuerySet:
    from search import registry, selection  # noqa: PLC0415 - pages are loaded without the models
    from search.models import EmbeddingModel  # noqa: PLC0415

    model = registry.active()
    if model is None or registry.incomplete(model):
        return works  # a model that may be there now lacks all of them
    lacking = selection.is_outdated(model)
    for other in registry.beside():
        # What one that is still being embedded lacks otherwise, its own `embed` is at.
        if other.state == EmbeddingModel.State.READY or other == model.text_model:
            lacking |= selection.is_suitable(other) & selection.is_outdated(other)
    return works.filter(lacking)


def batches(stage: IngestStep.Stage, keys: Sequence[int]) -> list[IngestStep]:
    """Steps of that stage for these works."""
    size = BATCH[stage]
    return [
        IngestStep(stage=stage, keys=keys[start : start + size])
        for start in range(0, len(keys), size)
    ]


def _images(step: IngestStep) -> None:
    images.fetch(step.run_id, step.keys, _client(step.run.base_url))
    wants_vectors = step.run.options["embed"]
    finish(step, [IngestStep(stage=Stage.EMBED, keys=step.keys)] if wants_vectors else [])


def _embed(step: IngestStep) -> None:
    from search.encoders import EncoderUnavailable  # noqa: PLC0415
    from search.tasks import NoModel, embed_artworks  # noqa: PLC0415

    result: dict[str, Any] = {"embedded": 0, "failed": []}
    stage = IngestFailure.Stage.EMBED
    if stage not in step.run.stopped:
        try:
            model = _model(step)
            result = embed_artworks(step.keys, model.pk)
        except (EncoderUnavailable, NoModel) as error:
            result["failed"] = [{"reason": "no-model", "message": str(error)}]
        _embed_beside(step)
    with transaction.atomic():
        runs.count(step.run_id, embedded=result["embedded"])
        failed = {failure.get("artic_id") for failure in result["failed"]}
        if stage not in step.run.stopped and None not in failed:
            works = Artwork.objects.filter(pk__in=step.keys).exclude(artic_id__in=failed)
            runs.resolve(stage, list(works.values_list("artic_id", flat=True)))
            runs.resolve_stops(step.run_id, stage)
        for failure in result["failed"]:
            # What is wrong with one work is its own failure; what is wrong with the model stops
            # the stage and is said once.
            if failure["reason"] == "picture":
                runs.fail(
                    step.run_id, stage, "picture", failure["message"], artic_id=failure["artic_id"]
                )
            else:
                runs.stop_stage(step.run_id, stage, failure["reason"], failure["message"])
        finish(step)


def _model(step: IngestStep) -> "EmbeddingModel":
    """Return the model to embed with; one that should be there and is not, is named once a run."""
    from search import registry  # noqa: PLC0415

    stage = IngestFailure.Stage.EMBED
    given_up = [name.removeprefix(f"{stage} ") for name in step.run.stopped]
    chosen = registry.ensure_active(step.run.source == "sample", given_up)
    for name, message in chosen.missing.items():
        with transaction.atomic():
            runs.stop_stage(step.run_id, stage, "no-model", message, of=name)
    return chosen.model


def _embed_beside(step: IngestStep) -> None:
    """Give the works of a step their vectors by the models that may answer searches next.

    One that cannot be loaded is named once a run and stops nothing. Of pictures that cannot be
    read, the active model has told already.
    """
    from search import registry, selection  # noqa: PLC0415
    from search.encoders import EncoderUnavailable  # noqa: PLC0415
    from search.tasks import embed_artworks  # noqa: PLC0415

    stage = IngestFailure.Stage.EMBED
    for model in registry.beside():
        works = selection.embeddable(model).filter(pk__in=step.keys)
        try:
            embed_artworks(list(works.values_list("pk", flat=True)), model.pk)
        except EncoderUnavailable as error:
            with transaction.atomic():
                runs.stop_stage(step.run_id, stage, "no-model", str(error), of=model.name)


def build_indexes() -> None:
    """Build what vector indexes the models that answer searches lack."""
    from search.tasks import build_indexes as build  # noqa: PLC0415

    for model in _answering():
        build(model.pk)


def _queue_indexes() -> None:
    from search.tasks import build_indexes as build  # noqa: PLC0415

    for model in _answering():
        build.delay(model.pk)


def _answering() -> list["EmbeddingModel"]:
    """Return the active model and the one that compares descriptions for it, or is to."""
    from search import registry  # noqa: PLC0415

    model = registry.active()
    return [each for each in (model, model and model.text_model) if each is not None]
