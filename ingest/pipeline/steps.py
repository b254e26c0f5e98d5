"""A run as steps: pages one after another, then pictures and vectors in batches.

A step stores its results, its counts and the steps that follow from it in one transaction. So a
killed process loses one step at most, and doing a step again changes nothing. The same steps are
done in this process (`work_off`) or by Celery workers (`ingest.tasks`).
"""

import logging
import os
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

import redis
from celery import current_app
from django.db import transaction
from django.db.models import Case, Func, Q, Value, When
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from ingest.http import pacing
from ingest.http.errors import SourceError
from ingest.images import fetch
from ingest.loading import batches as batches_module
from ingest.loading import upsert
from ingest.models import IngestFailure, IngestRun, IngestStep
from ingest.pipeline import crawl
from ingest.runs import claims, lifecycle, queues, reconnect
from ingest.sources import registry as sources
from ingest.sources.base import Listing
from museum.models import Artwork, ArtworkQuerySet
from search.embeddings import pending, registry
from search.embeddings.embed import NoActiveModelError
from search.encoders import EncoderUnavailableError
from search.models import EmbeddingModel
from search.tasks import build_indexes as build_search_indexes
from search.tasks import embed_artworks

logger = logging.getLogger(__name__)
Stage, State = IngestStep.Stage, IngestStep.State
# A few minutes of work each, at a picture a second.
STEP_WORKS = {Stage.IMAGE: 50, Stage.EMBED: 128}
TASKS = {
    Stage.PAGE: ("ingest.tasks.ingest_page", "metadata"),
    Stage.IMAGE: ("ingest.tasks.fetch_images", "images"),
    Stage.EMBED: ("ingest.tasks.embed_works", "embed"),
}
MAX_RESENT_STEPS = 1000  # steps that are queued again at once
# Retries of sending to the broker: about ten seconds, which outlasts its restart.
BROKER_RETRIES = {
    "max_retries": 12,
    "interval_start": 0.1,
    "interval_step": 0.2,
    "interval_max": 1.0,
}


def work_off(run_id: int, watch: Callable[[IngestStep], None]) -> None:
    """Do every step of a run in this process; `watch` is called with each before it begins.

    If the database restarts, wait for it and begin the current step again.
    """
    stage_order = Case(*(When(stage=stage, then=Value(n)) for n, stage in enumerate(TASKS)))
    open_steps = IngestStep.objects.filter(run_id=run_id, state=State.OPEN)
    steps = open_steps.order_by(stage_order, "number")

    def next_one() -> bool:
        step = steps.first()
        if step is None:
            return False
        watch(step)
        if not perform(step.pk, f"process {os.getpid()}"):
            if IngestRun.objects.filter(pk=run_id, state=IngestRun.State.RUNNING).exists():
                raise RuntimeError(f"another process has {step}")
            return False
        return True

    while reconnect.outlasted(next_one, lifecycle.alone_again):
        pass


def perform(step_id: int, worker: str) -> bool:
    """Do one step; return False if it is done already or another process has it."""
    with claims.claimed(step_id, worker) as is_ours:
        if not is_ours:
            return False
        step = IngestStep.objects.select_related("run").get(pk=step_id)
        if step.run.state != IngestRun.State.RUNNING:
            return False
        started = time.monotonic()
        try:
            {Stage.PAGE: _page, Stage.IMAGE: _images, Stage.EMBED: _embed}[Stage(step.stage)](step)
        except claims.StepTakenOverError:
            return False
    logger.log(
        # In this process the progress bar shows the same.
        logging.INFO if step.run.options["queue"] else logging.DEBUG,
        "event=step run=%s stage=%s number=%s state=%s keys=%s seconds=%.2f",
        *(step.run_id, step.stage, step.number, step.state, len(step.keys)),
        time.monotonic() - started,
    )
    return True


@cache
def _listing(name: str | None, address: str) -> Listing:
    """Open a listing once in each process, so that its connection stays open."""
    return sources.listing(name, address)


@transaction.atomic
def finish(step: IngestStep, then: Iterable[IngestStep] = (), state: str = State.DONE) -> None:
    """Close a step and add those that follow; with the last one, the run ends."""
    # The lock lets one step finish at a time, so that exactly one of them is the last.
    run = IngestRun.objects.select_for_update().get(pk=step.run_id)
    if not IngestStep.objects.filter(pk=step.pk, state=State.OPEN).exists():
        raise claims.StepTakenOverError(f"{step} was closed by another worker")
    step.state, step.finished_at = state, timezone.now()
    step.save(update_fields=["state", "keys", "finished_at"])
    new = IngestStep.objects.bulk_create(_numbered(run, then))
    if run.options["queue"]:
        transaction.on_commit(lambda: hand_out(new))
    if not run.steps.filter(state=State.OPEN).exists():
        lifecycle.end(run.pk)
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
    """Queue `steps` for Celery workers; `resend` sends again what an absent broker loses."""
    try:
        for step in steps:
            task, queue = TASKS[Stage(step.stage)]
            current_app.send_task(task, [step.pk], queue=queue, retry_policy=BROKER_RETRIES)
    except (BrokerError, redis.RedisError) as error:
        logger.warning("event=not-queued why=%s", type(error).__name__)


def resend() -> int:
    """Queue the open steps that no worker and no queue holds; return how many.

    A restart of the broker loses queued steps, a killed worker its current one. Only stages with
    an empty queue are checked, so that a waiting step is not queued twice. Doing a step twice would
    change nothing.
    """
    lost = IngestStep.objects.filter(
        claims.free(), run__state=IngestRun.State.RUNNING, run__options__queue=True
    ).order_by("pk")
    waiting = {queue: queues.depth(queue) for _, queue in TASKS.values()}
    again = [step for step in lost[:MAX_RESENT_STEPS] if not waiting[TASKS[Stage(step.stage)][1]]]
    if again:
        logger.info("event=resent steps=%s", len(again))
        hand_out(again)
    return len(again)


# --- Pages ----------------------------------------------------------------------------------------
def _page(step: IngestStep) -> None:
    run = step.run
    try:
        listing = _listing(run.options.get("reader"), run.base_url)
        page = listing.page(step.page, run.options["page_size"])
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
    """Return steps for the pictures and vectors that this run's works lack."""
    run.refresh_from_db()
    if run.created + run.updated >= batches_module.ANALYZE_AFTER_ROWS:
        upsert.analyze()
    works = works_of(run)
    lacking = works.filter(fetch.lacking(run))
    keys = list(lacking.order_by("pk").values_list("pk", flat=True))
    # Works whose picture is fetched now are embedded with it.
    rest = works.exclude(pk__in=keys) if run.options["embed"] else works.none()
    outdated = list(_outdated(rest).order_by("pk").values_list("pk", flat=True))
    return [*batches(Stage.IMAGE, keys), *batches(Stage.EMBED, outdated)]


def works_of(run: IngestRun) -> ArtworkQuerySet:
    """Return the works of this run's pages; for an incremental run, all works of the source."""
    pages = run.steps.filter(stage=Stage.PAGE)
    works = Q(artic_id__in=pages.values_list(Func("keys", function="unnest")))
    if run.options.get("mode") == "incremental" and pacing.is_loopback(run.iiif_url):
        works |= Q(source=run.source, iiif_url__isnull=True)
    elif run.options.get("resumed_at"):
        works |= Q(source=run.source)
    elif run.options["since"] and run.options["limit"] is None:
        works |= Q(source=run.source, iiif_url=run.iiif_url)
    return Artwork.objects.filter(works, withdrawn_at__isnull=True)


def _outdated(works: ArtworkQuerySet) -> ArtworkQuerySet:
    model = registry.active()
    if model is None or registry.incomplete(model):
        return works  # a model that may be there now lacks all of them
    lacking = pending.is_outdated(model)
    for other in registry.standby_models():
        # A model that is still being embedded gets the rest from its own `embed` command.
        if other.state == EmbeddingModel.State.READY or other == model.text_model:
            lacking |= pending.is_suitable(other) & pending.is_outdated(other)
    return works.filter(lacking)


def batches(stage: IngestStep.Stage, keys: Sequence[int]) -> list[IngestStep]:
    """Return steps of that stage for these works."""
    size = STEP_WORKS[stage]
    return [
        IngestStep(stage=stage, keys=keys[start : start + size])
        for start in range(0, len(keys), size)
    ]


def _images(step: IngestStep) -> None:
    source = sources.source_class(step.run.options.get("reader"))
    fetch.fetch(step.run_id, step.keys, source.politeness())
    wants_vectors = step.run.options["embed"]
    finish(step, [IngestStep(stage=Stage.EMBED, keys=step.keys)] if wants_vectors else [])


def _embed(step: IngestStep) -> None:
    result: dict[str, Any] = {"embedded": 0, "failed": []}
    stage = IngestFailure.Stage.EMBED
    if stage not in step.run.stopped:
        try:
            model = _model(step)
            result = embed_artworks(step.keys, model.pk)
        except (EncoderUnavailableError, NoActiveModelError) as error:
            result["failed"] = [{"reason": "no-model", "message": str(error)}]
        _embed_beside(step)
    with transaction.atomic():
        lifecycle.count(step.run_id, embedded=result["embedded"])
        failed = {failure.get("artic_id") for failure in result["failed"]}
        if stage not in step.run.stopped and None not in failed:
            works = Artwork.objects.filter(pk__in=step.keys).exclude(artic_id__in=failed)
            lifecycle.resolve(stage, list(works.values_list("artic_id", flat=True)))
            lifecycle.resolve_stops(step.run_id, stage)
        for failure in result["failed"]:
            # A broken picture is the work's own failure; a missing model stops the stage, and is
            # recorded once.
            if failure["reason"] == "picture":
                lifecycle.fail(
                    step.run_id, stage, "picture", failure["message"], artic_id=failure["artic_id"]
                )
            else:
                lifecycle.stop_stage(step.run_id, stage, failure["reason"], failure["message"])
        finish(step)


def _model(step: IngestStep) -> EmbeddingModel:
    """Return the model to embed with; one that should be there and is not, is named once a run."""
    stage = IngestFailure.Stage.EMBED
    given_up = [name.removeprefix(f"{stage} ") for name in step.run.stopped]
    is_generated = Artwork.objects.filter(pk__in=step.keys, is_generated=True).exists()
    chosen = registry.ensure_active(is_generated, given_up)
    for name, message in chosen.missing.items():
        with transaction.atomic():
            lifecycle.stop_stage(step.run_id, stage, "no-model", message, of=name)
    return chosen.model


def _embed_beside(step: IngestStep) -> None:
    """Embed the works of a step with the models that may be active next.

    A model that cannot be loaded is recorded once a run and stops nothing. Unreadable pictures are
    recorded with the active model already.
    """
    stage = IngestFailure.Stage.EMBED
    for model in registry.standby_models():
        works = pending.embeddable(model).filter(pk__in=step.keys)
        try:
            embed_artworks(list(works.values_list("pk", flat=True)), model.pk)
        except EncoderUnavailableError as error:
            with transaction.atomic():
                lifecycle.stop_stage(step.run_id, stage, "no-model", str(error), of=model.name)


def build_indexes() -> None:
    """Build the vector indexes that the models that answer searches lack."""
    for model in _answering():
        build_search_indexes(model.pk)


def _queue_indexes() -> None:
    for model in _answering():
        build_search_indexes.delay(model.pk)


def _answering() -> list[EmbeddingModel]:
    """Return the active model and the one that encodes descriptions for it."""
    model = registry.active()
    return [each for each in (model, model and model.text_model) if each is not None]
