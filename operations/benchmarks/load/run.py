"""How much a site answers, what it does with ten times that, and what it keeps in memory."""

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
ENOUGH = 1.03  # fewer per cent more than this, and more clients bring nothing
WARMING = 8  # connections that ask for everything once
WARM_SECONDS = 600.0  # for it at most
SOAKING = 16  # connections of the soak
AT_TEN = 128  # connections that ask for ten times too much
SAMPLE_SECONDS = 2.0
Say = Callable[[str], Any]


@dataclass
class Asked:
    """What came of asking: `times` are seconds to good answers."""

    times: list[float]
    seconds: float
    shed: int = 0
    errors: int = 0
    why: dict[str, int] = field(default_factory=dict)

    @property
    def rps(self) -> float:
        """Good answers a second."""
        return len(self.times) / self.seconds

    @property
    def p99_ms(self) -> float | None:
        """None where there was no good answer."""
        return round(float(np.percentile(self.times, 99)) * 1000, 1) if self.times else None


@dataclass
class Memory:
    """Samples the memory of what answers, beside the asking."""

    web: Web
    minutes: list[float] = field(default_factory=list)
    mebibytes: list[float] = field(default_factory=list)

    def slope(self) -> float:
        """MiB a minute over the second half; in the first, caches and pools fill."""
        half = len(self.minutes) // 2
        line = np.polyfit(self.minutes[half:], self.mebibytes[half:], 1)
        return round(float(line[0]), 2)

    def by_minute(self) -> list[float]:
        """The MiB at the end of each minute."""
        ends = range(1, int(self.minutes[-1]) + 1) if self.minutes else []
        return [round(float(np.interp(end, self.minutes, self.mebibytes))) for end in ends]

    def watch(self, ended: threading.Event) -> None:
        """Look again and again until `ended`."""
        number = 0
        while not ended.wait(SAMPLE_SECONDS):
            number += 1
            self.minutes.append(number * SAMPLE_SECONDS / 60)
            self.mebibytes.append(self.web.memory())


def ask(
    web: Web,
    paths: Sequence[str],
    clients: int,
    seconds: float,
    *,
    rate: float | None = None,
    most: int | None = None,
) -> Asked:
    """Let `clients` ask from a process of their own, `most` requests; see `visitors.py`."""
    job = {"port": web.port, "paths": list(paths), "clients": clients, "seconds": seconds}
    done = subprocess.run(
        [sys.executable, "-m", "operations.benchmarks.load.visitors"],
        cwd=settings.BASE_DIR,
        input=json.dumps({**job, "rate": rate, "most": most}),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Asked(**json.loads(done.stdout))


def measure(
    web: Web, paths: Sequence[str], say: Say, *, step: float, soak: float, rate: float
) -> dict[str, Any]:
    """Return the figures of `make load`. `step` and `soak` are seconds; the soak asks at `rate`."""
    new = ask(web, paths, WARMING, WARM_SECONDS, most=len(paths))
    say(f"each of {len(paths)} searches once: {new.rps:.1f}/s, p99 {new.p99_ms} ms")
    saturation = 0.0
    for clients in CLIENTS:
        found = ask(web, paths, clients, step)
        say(
            f"{clients:4} clients: {found.rps:7.1f}/s, p99 {found.p99_ms} ms, "
            f"{found.shed} shed, {found.errors} errors {found.why or ''}"
        )
        is_enough = found.rps < saturation * ENOUGH
        saturation = max(saturation, found.rps)
        if is_enough or found.shed:
            break
    over = ask(web, paths, AT_TEN, 2 * step, rate=10 * saturation)
    offered = (len(over.times) + over.shed + over.errors) / over.seconds
    say(
        f"ten times: {offered:.1f}/s offered, {over.rps:.1f}/s served, p99 {over.p99_ms} ms, "
        f"{over.errors} errors {over.why}"
    )
    # All threads have been called by now, and some have made no answer yet: each that does grows.
    cache.clear()
    again = ask(web, paths, SOAKING, WARM_SECONDS, most=len(paths))
    say(f"each once more, {SOAKING} clients: {again.rps:.1f}/s, p99 {again.p99_ms} ms")
    memory, ended = Memory(web), threading.Event()
    watcher = threading.Thread(target=memory.watch, args=(ended,))
    watcher.start()
    soaked = ask(web, paths, SOAKING, soak, rate=rate)
    ended.set()
    watcher.join()
    say(
        f"soak: {soaked.rps:.1f}/s for {soaked.seconds:.0f} s, p99 {soaked.p99_ms} ms, "
        f"{soaked.shed} shed, {soaked.errors} errors {soaked.why}, "
        f"{memory.mebibytes[0]:.0f} to {memory.mebibytes[-1]:.0f} MB"
    )
    say(f"memory at the end of each minute: {memory.by_minute()}")
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
