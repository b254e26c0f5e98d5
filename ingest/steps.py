"""A run as steps: pages one after another, then pictures and vectors in batches.

A step leaves its results, its counts and the steps that follow from it in one transaction. So a
killed process loses one step at most, and doing a step again changes nothing that was done. The
same steps are worked off in this process (`work_off`) or by Celery workers (`ingest.tasks`).
"""

import math
import os
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from celery import current_app
from django.db import transaction
from django.db.models import Case, Func, Q, Value, When
from django.utils import timezone

from ingest import images, load, runs
from ingest.artic import ArticClient, Page
from ingest.errors import SourceError
from ingest.models import IngestFailure, IngestRun, IngestStep
from ingest.records import InvalidRecord, Record, parse
from museum.models import Artwork
from museum.querysets import ArtworkQuerySet

Stage, State = IngestStep.Stage, IngestStep.State
# A few minutes of work each, at a picture a second.
BATCH = {Stage.IMAGE: 50, Stage.EMBED: 128}
TASKS = {
    Stage.PAGE: ("ingest.tasks.ingest_page", "metadata"),
    Stage.IMAGE: ("ingest.tasks.fetch_images", "images"),
    Stage.EMBED: ("ingest.tasks.embed_works", "embed"),
}
# A claim older than the hard time limit of a task is nobody's.
STALE = timedelta(minutes=40)
FAILED_PAGES = 3  # in a row, and the crawl ends
MANY = 500  # changed rows that are worth new statistics for the planner


def work_off(run_id: int, watch: Callable[[IngestStep], None]) -> None:
    """Do every step of a run in this process; `watch` hears of each before it begins."""
    rank = Case(*(When(stage=stage, then=Value(n)) for n, stage in enumerate(TASKS)))
    steps = IngestStep.objects.filter(run_id=run_id, state=State.OPEN).order_by(rank, "number")
    while step := steps.first():
        watch(step)
        if not perform(step.pk, f"process {os.getpid()}"):
            raise RuntimeError(f"{step} is in other hands")


def perform(step_id: int, worker: str) -> bool:
    """Do one step, unless it is done or in other hands; say whether it was ours to do."""
    step = _claim(step_id, worker)
    if step is None:
        return False
    {Stage.PAGE: _page, Stage.IMAGE: _images, Stage.EMBED: _embed}[Stage(step.stage)](step)
    return True


def _claim(step_id: int, worker: str) -> IngestStep | None:
    # A task that is delivered again after its worker was lost has the same name as before.
    free = Q(claimed_by="") | Q(claimed_by=worker) | Q(claimed_at__lt=timezone.now() - STALE)
    ours = IngestStep.objects.filter(free, pk=step_id, state=State.OPEN)
    if not ours.update(claimed_by=worker, claimed_at=timezone.now()):
        return None
    step = IngestStep.objects.select_related("run").get(pk=step_id)
    return step if step.run.state == IngestRun.State.RUNNING else None


@cache
def _client(base_url: str) -> ArticClient:
    return ArticClient(base_url)


@transaction.atomic
def _finish(step: IngestStep, then: Iterable[IngestStep] = (), state: str = State.DONE) -> None:
    """Close a step and add those that follow; with the last one, the run ends."""
    # The lock lets one step finish at a time, so that exactly one sees itself as the last.
    run = IngestRun.objects.select_for_update().get(pk=step.run_id)
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
    """Queue `steps` for Celery workers."""
    for step in steps:
        task, queue = TASKS[Stage(step.stage)]
        current_app.send_task(task, [step.pk], queue=queue)


# --- Pages ----------------------------------------------------------------------------------------
def _page(step: IngestStep) -> None:
    run = step.run
    try:
        page = _client(run.base_url).page(step.number, run.options["page_size"])
    except SourceError as error:
        _page_failed(step, error)
        return
    _load_page(step, page)


@transaction.atomic
def _load_page(step: IngestStep, page: Page) -> None:
    run, since = step.run, _since(step.run)
    limit = run.options["limit"]
    wanted = page.records if limit is None else page.records[: max(0, limit - run.seen)]
    records, invalid = _parse(wanted)
    news = [record for record in records if not _is_older(record, since)]
    loaded = load.load(news, page.collection, all_images=run.options["all_images"])
    for error in invalid:
        _record_failed(run, error)
    step.keys = [record.artic_id for record in news]
    runs.resolve(IngestFailure.Stage.RECORD, step.keys)
    seen = len(news) + len(invalid)
    runs.count(
        run.pk,
        seen=seen,
        created=loaded.created,
        updated=loaded.updated,
        unchanged=loaded.unchanged,
    )
    _note(run, page, news)
    is_last = (
        not page.records
        or step.number >= page.total_pages
        or (limit is not None and run.seen + seen >= limit)
        # The listing is newest first: from here on everything is older.
        or (bool(since) and not seen)
    )
    IngestStep.objects.filter(pk=step.pk).update(keys=step.keys)
    _finish(step, _plan(run) if is_last else [IngestStep(stage=Stage.PAGE)])


def _parse(raws: Sequence[Any]) -> tuple[list[Record], list[InvalidRecord]]:
    records, invalid = [], []
    for raw in raws:
        try:
            records.append(parse(raw))
        except InvalidRecord as error:
            invalid.append(error)
    return records, invalid


def _record_failed(run: IngestRun, error: InvalidRecord) -> None:
    which = f"record {error.artic_id}" if error.artic_id else "a record without a usable id"
    runs.fail(
        run.pk,
        IngestFailure.Stage.RECORD,
        f"bad-{error.field}".replace(".", "-").replace("_", "-"),
        f"{which}: {error}",
        artic_id=error.artic_id,
        url=f"{run.base_url}/artworks/{error.artic_id}" if error.artic_id else "",
    )


def _note(run: IngestRun, page: Page, records: Sequence[Record]) -> None:
    """Keep what the page says of the whole listing."""
    run.expected, run.source = page.total, page.collection.source
    run.iiif_url = page.collection.iiif_url
    times = [time for record in records if (time := record.source_updated_at)]
    run.high_water = max([*times, *([run.high_water] if run.high_water else [])], default=None)
    run.save(update_fields=["expected", "source", "iiif_url", "high_water"])


@transaction.atomic
def _page_failed(step: IngestStep, error: SourceError) -> None:
    run = step.run
    runs.fail(
        run.pk,
        IngestFailure.Stage.PAGE,
        error.code,
        f"page {step.number}: {error}",
        url=f"{run.base_url}/artworks",
    )
    before = run.steps.filter(stage=Stage.PAGE, state=State.FAILED)
    in_a_row = 1 + before.filter(number__gt=step.number - FAILED_PAGES).count()
    pages = math.ceil((run.expected or 0) / run.options["page_size"])
    goes_on = step.number < pages and in_a_row < FAILED_PAGES
    _finish(step, [IngestStep(stage=Stage.PAGE)] if goes_on else _plan(run), State.FAILED)


def _since(run: IngestRun) -> datetime | None:
    since = run.options["since"]
    return datetime.fromisoformat(since) if since else None


def _is_older(record: Record, since: datetime | None) -> bool:
    time = record.source_updated_at
    return since is not None and time is not None and time < since


# --- What follows from the records ----------------------------------------------------------------
def _plan(run: IngestRun) -> list[IngestStep]:
    """Pictures and vectors that are missing, among the works that this run is about."""
    run.refresh_from_db()
    if run.created + run.updated >= MANY:
        load.analyze()
    works = works_of(run)
    lacking = (
        works.filter(image_status__in=images.WANTED) if run.options["images"] else works.none()
    )
    keys = list(lacking.order_by("pk").values_list("pk", flat=True))
    # Works whose picture is fetched now are embedded with it.
    rest = works.exclude(pk__in=keys) if run.options["embed"] else works.none()
    outdated = list(_outdated(rest).order_by("pk").values_list("pk", flat=True))
    return [*_batches(Stage.IMAGE, keys), *_batches(Stage.EMBED, outdated)]


def works_of(run: IngestRun) -> ArtworkQuerySet:
    """The works of this run's pages; of an incremental run, the source's others as well."""
    pages = run.steps.filter(stage=Stage.PAGE)
    works = Q(artic_id__in=pages.values_list(Func("keys", function="unnest")))
    if run.options["since"] and run.options["limit"] is None:
        works |= Q(source=run.source, iiif_url=run.iiif_url)
    return Artwork.objects.filter(works, withdrawn_at__isnull=True)


def _outdated(works: ArtworkQuerySet) -> ArtworkQuerySet:
    from search import registry, selection  # noqa: PLC0415 - pages are loaded without the models

    model = registry.active()
    return selection.outdated(model, works) if model else works


def _batches(stage: IngestStep.Stage, keys: Sequence[int]) -> list[IngestStep]:
    size = BATCH[stage]
    return [
        IngestStep(stage=stage, keys=keys[start : start + size])
        for start in range(0, len(keys), size)
    ]


def _images(step: IngestStep) -> None:
    images.fetch(step.run_id, step.keys, _client(step.run.base_url))
    wants_vectors = step.run.options["embed"]
    _finish(step, [IngestStep(stage=Stage.EMBED, keys=step.keys)] if wants_vectors else [])


def _embed(step: IngestStep) -> None:
    from search import registry  # noqa: PLC0415
    from search.encoders import EncoderUnavailable  # noqa: PLC0415
    from search.tasks import NoModel, embed_artworks  # noqa: PLC0415

    result: dict[str, Any] = {"embedded": 0, "failed": []}
    stage = IngestFailure.Stage.EMBED
    if stage not in step.run.stopped:
        try:
            model = registry.ensure_active(is_generated=step.run.source == "sample")
            result = embed_artworks(step.keys, model.pk)
        except (EncoderUnavailable, NoModel) as error:
            result["failed"] = [{"reason": "no-model", "message": str(error)}]
    with transaction.atomic():
        runs.count(step.run_id, embedded=result["embedded"])
        for failure in result["failed"]:
            # What is wrong with one work is its own failure; what is wrong with the model stops
            # the stage and is said once.
            if failure["reason"] == "picture":
                runs.fail(
                    step.run_id, stage, "picture", failure["message"], artic_id=failure["artic_id"]
                )
            else:
                runs.stop_stage(step.run_id, stage, failure["reason"], failure["message"])
        _finish(step)


def build_indexes() -> None:
    """Build what vector indexes the active model lacks."""
    from search import registry  # noqa: PLC0415
    from search.tasks import build_indexes as build  # noqa: PLC0415

    model = registry.active()
    if model is not None:
        build(model.pk)


def _queue_indexes() -> None:
    from search import registry  # noqa: PLC0415
    from search.tasks import build_indexes as build  # noqa: PLC0415

    model = registry.active()
    if model is not None:
        build.delay(model.pk)
