"""The load test: saturation, ten times that load, and memory over a soak."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.conf import settings
from django.core.cache import cache

from operations.benchmarks.disposable_site import Web

CLIENTS = (1, 2, 4, 8, 16, 32)
SATURATION_GAIN = 1.03  # a smaller gain than this means that more clients do not help
WARM_UP_CLIENTS = 8  # connections that ask each query once
WARM_UP_LIMIT_SECONDS = 600.0  # at most
SOAK_CLIENTS = 16  # connections of the soak
OVERLOAD_CLIENTS = 128  # connections that send ten times too many requests
SAMPLE_SECONDS = 2.0
Report = Callable[[str], Any]


@dataclass
class Answers:
    """The outcome of a series of requests: `times` are the seconds of each good answer."""

    times: list[float]
    seconds: float
    shed: int = 0
    errors: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    @property
    def rps(self) -> float:
        """The number of good answers a second."""
        return len(self.times) / self.seconds

    @property
    def p99_ms(self) -> float | None:
        """The 99th percentile of `times`; None without a good answer."""
        return round(float(np.percentile(self.times, 99)) * 1000, 1) if self.times else None


@dataclass
class Memory:
    """Samples of the web processes' memory during a measurement."""

    web: Web
    minutes: list[float] = field(default_factory=list)
    mebibytes: list[float] = field(default_factory=list)

    def slope(self) -> float:
        """Return MiB a minute over the second half; in the first half, caches and pools fill."""
        half = len(self.minutes) // 2
        line = np.polyfit(self.minutes[half:], self.mebibytes[half:], 1)
        return round(float(line[0]), 2)

    def by_minute(self) -> list[float]:
        """Return the MiB at the end of each minute."""
        ends = range(1, int(self.minutes[-1]) + 1) if self.minutes else []
        return [round(float(np.interp(end, self.minutes, self.mebibytes))) for end in ends]

    def watch(self, ended: threading.Event) -> None:
        """Take samples until `ended`."""
        number = 0
        while not ended.wait(SAMPLE_SECONDS):
            number += 1
            self.minutes.append(number * SAMPLE_SECONDS / 60)
            self.mebibytes.append(self.web.memory())


def ask(
    port: int,
    paths: Sequence[str],
    clients: int,
    seconds: float,
    *,
    rate: float | None = None,
    most: int | None = None,
) -> Answers:
    """Let `clients` in another process send requests, at most `most`; see `visitors.py`."""
    job = {"port": port, "paths": list(paths), "clients": clients, "seconds": seconds}
    done = subprocess.run(
        [sys.executable, "-m", "operations.benchmarks.load.visitors"],
        cwd=settings.BASE_DIR,
        input=json.dumps({**job, "rate": rate, "most": most}),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Answers(**json.loads(done.stdout))


def measure(
    web: Web, paths: Sequence[str], report: Report, *, step: float, soak: float, rate: float
) -> dict[str, Any]:
    """Return the figures of `make load`.

    `step` and `soak` are seconds; the soak sends `rate` requests a second.
    """
    new = ask(web.port, paths, WARM_UP_CLIENTS, WARM_UP_LIMIT_SECONDS, most=len(paths))
    report(f"each of {len(paths)} searches once: {new.rps:.1f}/s, p99 {new.p99_ms} ms")
    saturation = 0.0
    for clients in CLIENTS:
        answers = ask(web.port, paths, clients, step)
        report(
            f"{clients:4} clients: {answers.rps:7.1f}/s, p99 {answers.p99_ms} ms, "
            f"{answers.shed} shed, {answers.errors} errors {answers.reasons or ''}"
        )
        is_enough = answers.rps < saturation * SATURATION_GAIN
        saturation = max(saturation, answers.rps)
        if is_enough or answers.shed:
            break
    over = ask(web.port, paths, OVERLOAD_CLIENTS, 2 * step, rate=10 * saturation)
    offered = (len(over.times) + over.shed + over.errors) / over.seconds
    report(
        f"ten times: {offered:.1f}/s offered, {over.rps:.1f}/s served, p99 {over.p99_ms} ms, "
        f"{over.errors} errors {over.reasons}"
    )
    # Some threads have not computed an answer yet; the first one makes each of them grow.
    cache.clear()
    again = ask(web.port, paths, SOAK_CLIENTS, WARM_UP_LIMIT_SECONDS, most=len(paths))
    report(f"each once more, {SOAK_CLIENTS} clients: {again.rps:.1f}/s, p99 {again.p99_ms} ms")
    memory, ended = Memory(web), threading.Event()
    watcher = threading.Thread(target=memory.watch, args=(ended,))
    watcher.start()
    soaked = ask(web.port, paths, SOAK_CLIENTS, soak, rate=rate)
    ended.set()
    watcher.join()
    report(
        f"soak: {soaked.rps:.1f}/s for {soaked.seconds:.0f} s, p99 {soaked.p99_ms} ms, "
        f"{soaked.shed} shed, {soaked.errors} errors {soaked.reasons}, "
        f"{memory.mebibytes[0]:.0f} to {memory.mebibytes[-1]:.0f} MB"
    )
    report(f"memory at the end of each minute: {memory.by_minute()}")
    return {
        "new_rps": round(new.rps, 1),
        "saturation_rps": round(saturation, 1),
        "at_10x": {
            "served_p99_ms": over.p99_ms,
            "shed": over.shed,
            "errors": over.errors,
            "offered_rps": round(offered, 1),
        },
        "soak_mb_per_min": memory.slope(),
        "soak": {
            "rps": round(soaked.rps, 1),
            "p99_ms": soaked.p99_ms,
            "errors": soaked.errors + soaked.shed,
            "mb": round(memory.mebibytes[-1]),
        },
    }
