"""The state of the ingest: runs, queues, the circuit of each picture host, pictures, failures."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from django.db.models import Count, F, Func, IntegerField, Max, Q, Sum
from django.utils import timezone

from ingest.images import sources
from ingest.models import IngestFailure, IngestRun, IngestStep
from ingest.runs import queues
from museum.models import Artwork, ImageStatus

MAX_RUNS = 10  # the newest
RATE_WINDOW = timedelta(minutes=5)  # over which rates are taken
MAX_REASONS = 50
Json = dict[str, Any]


def collect() -> Json:
    """Return the whole state, ready for JSON, in a constant number of queries."""
    runs = list(IngestRun.objects.order_by("-pk")[:MAX_RUNS])
    depths = queues.depths()
    return {
        "runs": _runs(runs),
        "queues": depths,
        "breakers": _breakers(runs, redis_answers=None not in depths.values()),
        "images": _images(),
        "failures": _failures(),
    }


def _runs(runs: list[IngestRun]) -> list[Json]:
    stages = _stages(runs)
    now = timezone.now()
    return [
        {
            "run": run.pk,
            "source": run.source,
            "state": run.state,
            "mode": run.options.get("mode", ""),
            "queued": bool(run.options.get("queue")),
            "started_at": run.started_at.isoformat(timespec="seconds"),
            "seconds": round(((run.finished_at or now) - run.started_at).total_seconds(), 1),
            "expected": run.expected,
            "seen": run.seen,
            "created": run.created,
            "updated": run.updated,
            "images": run.images,
            "embedded": run.embedded,
            "failed": run.failed,
            "stages": stages[run.pk],
            "message": run.message,
        }
        for run in runs
    ]


def _stages(runs: list[IngestRun]) -> dict[int, Json]:
    """Return by run and stage: works done and planned, and works a second in `RATE_WINDOW`."""
    size = Func(F("keys"), function="cardinality", output_field=IntegerField())
    is_recent = Q(finished_at__gt=timezone.now() - RATE_WINDOW)
    rows = (
        IngestStep.objects.filter(run__in=runs)
        .values("run", "stage")
        .order_by("run", "stage")
        .annotate(
            planned=Sum(size),
            done=Sum(size, filter=~Q(state=IngestStep.State.OPEN), default=0),
            recent=Sum(size, filter=is_recent, default=0),
            steps_left=Count("pk", filter=Q(state=IngestStep.State.OPEN)),
        )
    )
    stages: dict[int, Json] = defaultdict(dict)
    for row in rows:
        stages[row["run"]][row["stage"]] = {
            "done": row["done"],
            "planned": row["planned"],
            "steps_left": row["steps_left"],
            "works_per_s": round(row["recent"] / RATE_WINDOW.total_seconds(), 2),
        }
    return stages


def _breakers(runs: list[IngestRun], redis_answers: bool) -> Json:
    """Return the status line of each picture host of the newest runs."""
    hosts = sorted({run.iiif_url for run in runs if run.iiif_url})
    if not redis_answers:
        return dict.fromkeys(hosts, "unknown: Redis does not answer")
    return {url: sources.breaker(url).status() for url in hosts}


def _images() -> Json:
    counts = dict(
        Artwork.objects.filter(withdrawn_at__isnull=True)
        .values_list("image_status")
        .annotate(Count("pk"))
        .order_by()
    )
    return {status: counts[status] for status in ImageStatus.values if status in counts}


def _failures() -> list[Json]:
    """Return the unresolved failures by stage and reason, with the newest message of each."""
    groups = list(
        IngestFailure.objects.filter(resolved_at__isnull=True)
        .values("stage", "reason")
        .annotate(count=Count("pk"), works=Count("artic_id", distinct=True), newest=Max("pk"))
        .order_by("-count", "stage", "reason")[:MAX_REASONS]
    )
    examples = IngestFailure.objects.in_bulk([group["newest"] for group in groups])
    for group in groups:
        example = examples[group.pop("newest")]
        group["message"], group["run"] = example.message, example.run_id
    return groups
