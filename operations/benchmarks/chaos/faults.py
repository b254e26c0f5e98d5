"""The faults of the chaos test, and the repair of each, as a supervisor would do it."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psutil

from ingest.models import IngestRun, IngestStep
from operations.benchmarks.chaos import clock, disk
from operations.benchmarks.chaos.stack import QUEUES, Stack
from operations.benchmarks.load.run import OVERLOAD_CLIENTS, ask

OUTAGE_SECONDS = 5.0  # seconds that a server stays away
MESSAGE_DELAY_SECONDS = 0.2  # seconds, of each message to a slow database
CLOCK_JUMP_SECONDS = 3600  # seconds
Act = Callable[[Stack], Any]
Report = Callable[[str], Any]


@dataclass(frozen=True)
class Fault:
    """`strike` once `is_time` returns true for the ingest; `repair` follows after `lasts`
    seconds."""

    name: str
    strike: Act
    repair: Act = lambda stack: None
    lasts: float = 0.0
    is_time: Callable[[IngestRun], bool] = lambda run: run.images >= 20
    prepare: Act = lambda stack: None


def faults(paths: list[str], report: Report, *, is_small: bool) -> Iterator[Fault]:
    """Yield the faults that this machine can produce; report those that it cannot."""
    yield Fault("none", lambda stack: None)
    yield Fault("web", lambda stack: stack.web.kill(), lambda stack: stack.web.start())
    yield Fault("encoder in a request", _kill_one_web)
    yield Fault("worker", lambda stack: _kill_worker(stack, "metadata,images"))
    yield Fault(
        "encoder in an ingest", lambda stack: _kill_worker(stack, "embed"), is_time=_is_embedding
    )
    yield Fault(
        "beat", lambda stack: stack.kill_beat(), lambda stack: stack.start_beat(), OUTAGE_SECONDS
    )
    yield Fault(
        "Redis", lambda stack: stack.redis.stop(), lambda stack: stack.redis.start(), OUTAGE_SECONDS
    )
    yield Fault("Redis hangs", lambda s: s.redis.hang(), lambda s: s.redis.resume(), OUTAGE_SECONDS)
    yield Fault(
        "Postgres",
        lambda stack: stack.kill_postgres(),
        lambda s: s.start_postgres(),
        OUTAGE_SECONDS,
    )
    yield Fault("replica", lambda s: s.replica.kill(), lambda s: s.replica.start(), OUTAGE_SECONDS)
    yield Fault(
        "slow database",
        lambda s: _slow(s, MESSAGE_DELAY_SECONDS),
        lambda s: _slow(s, 0),
        2 * OUTAGE_SECONDS,
    )
    yield Fault("10 x overload", lambda stack: _overload(stack, paths, report))
    if is_small:
        yield Fault("disk full", _fill, _make_room, 2 * OUTAGE_SECONDS)
    else:
        report(f"disk full is skipped: {disk.NOT_ROOT_MESSAGE}")
    if clock.library():
        yield Fault(
            "clock jumps by an hour and back",
            lambda stack: stack.clock.set(CLOCK_JUMP_SECONDS),
            lambda stack: stack.clock.set(0),
            OUTAGE_SECONDS,
            prepare=lambda stack: stack.move_to_clock(),
        )
    else:
        report(f"the clock jump is skipped: {clock.LIBFAKETIME_MISSING_MESSAGE}")


def _kill_one_web(stack: Stack) -> None:
    """Kill a web process while it handles a request; gunicorn starts another."""
    while True:
        for process in stack.web.children():
            # A suspended process keeps its requests in progress; visitors close answered
            # connections.
            process.suspend()
            time.sleep(0.2)
            if any(each.status == "ESTABLISHED" for each in _visits(process, stack.web.port)):
                process.kill()
                return
            process.resume()
            time.sleep(0.05)


def _visits(process: psutil.Process, port: int) -> list[Any]:
    return [each for each in process.net_connections("tcp") if each.laddr.port == port]


def _kill_worker(stack: Stack, queues: str) -> None:
    stack.workers.kill(queues, QUEUES[queues])


def _is_embedding(run: IngestRun) -> bool:
    steps = run.steps.filter(stage=IngestStep.Stage.EMBED, state=IngestStep.State.OPEN)
    return steps.exclude(claimed_by="").exists()


def _slow(stack: Stack, delay: float) -> None:
    stack.proxy.delay = delay


def _overload(stack: Stack, paths: list[str], report: Report) -> None:
    usual = ask(stack.web.port, paths, 8, OUTAGE_SECONDS)
    over = ask(stack.web.port, paths, OVERLOAD_CLIENTS, 2 * OUTAGE_SECONDS, rate=10 * usual.rps)
    report(
        f"{usual.rps:.0f}/s answered; at ten times {over.rps:.0f}/s, p99 {over.p99_ms} ms, "
        f"{over.shed} refused, {over.errors} errors {over.reasons}"
    )
    if over.errors:
        raise RuntimeError(f"overload fails {over.errors} requests: {over.reasons}")


def _fill(stack: Stack) -> None:
    disk.fill(stack.folder / "ballast")


def _make_room(stack: Stack) -> None:
    os.unlink(stack.folder / "ballast")
    stack.start_postgres()  # if the full disk stopped it
