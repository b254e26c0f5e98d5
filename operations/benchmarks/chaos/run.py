"""One fault while visitors search and an ingest runs, and its figures."""

import time
from collections.abc import Callable
from typing import Any

from ingest.models import IngestRun
from ingest.runs import reconnect
from operations.benchmarks.chaos.faults import Fault
from operations.benchmarks.chaos.ledger import Ingest
from operations.benchmarks.chaos.pulse import FAILED, REFUSED, Pulse
from operations.benchmarks.chaos.stack import Stack

PATIENCE = 240.0  # seconds until an ingest has outlasted its fault
Say = Callable[[str], Any]


def suffer(stack: Stack, fault: Fault, number: int, queries: list[str], say: Say) -> dict[str, Any]:
    """Return the figures of one fault: see docs/operations.md.

    `recovery_s` counts from when what was killed is started again, or the fault is over, until
    searches are answered and the ingest goes on.
    """
    fault.prepare(stack)
    ingest = Ingest(number)
    with (
        ingest.source(stack.aside / f"source-{number}") as address,
        Pulse(stack.web.port, queries) as pulse,
    ):
        run = ingest.begin(address, **stack.environment)
        _until(lambda: fault.is_time(_now(run)) or _is_over(run), "the ingest does not begin")
        was_running = not _is_over(run)
        fault.strike(stack)
        time.sleep(fault.lasts)
        fault.mend(stack)
        mended = time.monotonic()
        before = _progress(run)
        _until(lambda: _progress(run) != before or _is_over(run), "the ingest does not go on")
        went_on = time.monotonic()
        _until(lambda: _is_over(run), "the ingest does not end")
        ended = time.monotonic()
        _until(lambda: pulse.sound_since(mended) is not None, "searches are not answered")
        answered = pulse.sound_since(mended) or mended
    found = {
        "name": fault.name,
        "lost_rows": ingest.lost(run),
        "duplicate_rows": ingest.doubled(run),
        "failed_requests": pulse.number(FAILED),
        "refused_requests": pulse.number(REFUSED),
        "requests": len(pulse.answers),
        "recovery_s": round(max(answered, went_on) - mended, 1),
        "searches_s": round(answered - mended, 1),
        "ingest_s": round(ended - mended, 1),
    }
    say(f"{found}{dict(pulse.why) or ''}")
    if not was_running:
        raise RuntimeError(f"{fault.name}: the ingest had ended before")
    return found


def _now(run: IngestRun) -> IngestRun:
    return reconnect.outlasted(lambda: IngestRun.objects.get(pk=run.pk))


def _is_over(run: IngestRun) -> bool:
    return _now(run).state != IngestRun.State.RUNNING


def _progress(run: IngestRun) -> tuple[int, ...]:
    now = _now(run)
    return now.seen, now.images, now.embedded


def _until(condition: Callable[[], bool], otherwise: str) -> None:
    ends = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > ends:
            raise RuntimeError(f"{otherwise} within {PATIENCE:.0f} seconds")
        time.sleep(0.02)
