"""Apply one fault while visitors search and an ingest runs, and measure its effects."""

import time
from collections.abc import Callable
from typing import Any

from ingest.models import IngestRun
from ingest.runs import reconnect
from operations.benchmarks.chaos.faults import Fault
from operations.benchmarks.chaos.ingest_run import Ingest
from operations.benchmarks.chaos.searchers import FAILED, REFUSED, Searchers
from operations.benchmarks.chaos.stack import Stack

PATIENCE_SECONDS = 240.0  # for an ingest to finish after a fault
Report = Callable[[str], Any]


def apply_fault(
    stack: Stack, fault: Fault, number: int, queries: list[str], report: Report
) -> dict[str, Any]:
    """Return the figures of one fault: see docs/operations.md.

    `recovery_s` counts from the restart of what was killed, or from the end of the fault, until
    searches are answered and the ingest continues.
    """
    fault.prepare(stack)
    ingest = Ingest(number)
    with (
        ingest.source(stack.aside / f"source-{number}") as address,
        Searchers(stack.web.port, queries) as searchers,
    ):
        run = ingest.start(address, **stack.environment)
        _until(lambda: fault.is_time(_now(run)) or _is_over(run), "the ingest does not begin")
        was_running = not _is_over(run)
        fault.strike(stack)
        time.sleep(fault.lasts)
        fault.repair(stack)
        repaired = time.monotonic()
        before = _progress(run)
        _until(lambda: _progress(run) != before or _is_over(run), "the ingest does not go on")
        continued = time.monotonic()
        _until(lambda: _is_over(run), "the ingest does not end")
        ended = time.monotonic()
        _until(lambda: searchers.first_recovered(repaired) is not None, "searches are not answered")
        answered = searchers.first_recovered(repaired) or repaired
    figures = {
        "name": fault.name,
        "lost_rows": ingest.lost(run),
        "duplicate_rows": ingest.duplicates(run),
        "failed_requests": searchers.number(FAILED),
        "refused_requests": searchers.number(REFUSED),
        "requests": len(searchers.answers),
        "recovery_s": round(max(answered, continued) - repaired, 1),
        "searches_s": round(answered - repaired, 1),
        "ingest_s": round(ended - repaired, 1),
    }
    report(f"{figures}{dict(searchers.reasons) or ''}")
    if not was_running:
        raise RuntimeError(f"{fault.name}: the ingest had ended before")
    return figures


def _now(run: IngestRun) -> IngestRun:
    return reconnect.outlasted(lambda: IngestRun.objects.get(pk=run.pk))


def _is_over(run: IngestRun) -> bool:
    return _now(run).state != IngestRun.State.RUNNING


def _progress(run: IngestRun) -> tuple[int, ...]:
    now = _now(run)
    return now.seen, now.images, now.embedded


def _until(condition: Callable[[], bool], otherwise: str) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > ends:
            raise RuntimeError(f"{otherwise} within {PATIENCE_SECONDS:.0f} seconds")
        time.sleep(0.02)
