"""A circuit breaker: after several refusals in a row, no process asks the host for a while."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from django.utils import timezone

from ingest.http.shared_state import State, shared


@dataclass(frozen=True)
class _Circuit:
    """Times are seconds since 1970. `wait` is how long the circuit stays open; 0 is closed."""

    refusals: int = 0
    reason: str = ""
    since: float = 0.0
    wait: float = 0.0
    next_try: float = 0.0
    probe_until: float = 0.0


class CircuitBreaker:
    """The circuit of one host, shared by all processes (see `ingest.http.shared_state`).

    It opens after `refusals` in a row, for `wait` seconds. Then one caller may try one picture. If
    that is refused, too, the circuit opens for twice as long, up to `longest` seconds; if it comes,
    the circuit closes. A caller that never reports back blocks the next try for `patience` seconds.

        if not breaker.allow():
            return                      # breaker.status() says why
        …
        breaker.succeeded()             # or breaker.refused("403 challenge")
    """

    def __init__(
        self,
        name: str,
        *,
        refusals: int = 5,
        wait: float = 30 * 60,
        longest: float = 24 * 3600,
        patience: float = 5 * 60,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.refusals, self.wait, self.longest = refusals, wait, longest
        self.patience, self.clock = patience, clock
        self._shared = shared("breaker", name)

    def allow(self) -> bool:
        """Tell whether to ask the host now. While half-open, only one caller gets True."""
        if not _circuit(self._shared.read()).wait:
            return True  # the usual case costs one read
        now = self.clock()

        def claim(state: State) -> tuple[State, bool]:
            circuit = _circuit(state)
            if not circuit.wait:
                return state, True
            if now < max(circuit.next_try, circuit.probe_until):
                return state, False
            return asdict(replace(circuit, probe_until=now + self.patience)), True

        return self._shared.change(claim)

    def succeeded(self) -> None:
        """Record a proper answer of the host; that a picture is not there is one, too."""
        if self._shared.read():
            self._shared.change(lambda state: ({}, None))

    def refused(self, reason: str, retry_after: float | None = None) -> None:
        """Record a refusal or no answer; the host may have named seconds to wait."""
        now = self.clock()
        self._shared.change(
            lambda state: (asdict(self._after(_circuit(state), reason, retry_after, now)), None)
        )

    def reset(self) -> None:
        """Close the circuit by hand."""
        self._shared.change(lambda state: ({}, None))

    def _after(
        self, circuit: _Circuit, reason: str, retry_after: float | None, now: float
    ) -> _Circuit:
        counted = replace(circuit, refusals=circuit.refusals + 1, reason=reason)
        if circuit.wait and not circuit.probe_until:
            return counted  # an answer to a request from before the circuit opened
        if not circuit.wait and counted.refusals < self.refusals:
            return counted
        wait = min(circuit.wait * 2 or self.wait, self.longest)
        return replace(
            counted,
            since=circuit.since or now,
            wait=wait,
            next_try=now + max(wait, retry_after or 0.0),
            probe_until=0.0,
        )

    @property
    def state(self) -> Literal["closed", "open", "half-open"]:
        """The state now."""
        circuit = _circuit(self._shared.read())
        if not circuit.wait:
            return "closed"
        return "open" if self.clock() < circuit.next_try else "half-open"

    def next_try(self) -> datetime | None:
        """Return when the host may be asked again; None while the circuit is closed."""
        circuit = _circuit(self._shared.read())
        return datetime.fromtimestamp(circuit.next_try, UTC) if circuit.wait else None

    def status(self) -> str:
        """Return one line, such as `open: 403 challenge since 14:02, next try 14:32`."""
        circuit, now = _circuit(self._shared.read()), self.clock()
        if not circuit.wait:
            return "closed"
        story = f"{circuit.reason} since {_at(circuit.since, now)}"
        if now < circuit.next_try:
            return f"open: {story}, next try {_at(circuit.next_try, now)}"
        doing = "trying one picture" if now < circuit.probe_until else "the next picture is a trial"
        return f"half-open: {story}, {doing}"


def _circuit(state: State) -> _Circuit:
    known: dict[str, Any] = {name: state[name] for name in asdict(_Circuit()) if name in state}
    return _Circuit(**known)


def _at(seconds: float, now: float) -> str:
    """Return the time of day in `TIME_ZONE`, with the date unless it is today."""
    when, today = (timezone.localtime(datetime.fromtimestamp(t, UTC)) for t in (seconds, now))
    return when.strftime("%H:%M" if when.date() == today.date() else "%Y-%m-%d %H:%M")
