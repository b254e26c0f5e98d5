"""Send the hostile requests to a running site: none may cause a server error."""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException

from operations.benchmarks.fuzz.hostile_requests import Hostile

CLIENT_COUNT = 6  # fewer than the site serves at once, so that no request is refused
TIMEOUT_SECONDS = 60.0


@dataclass
class Outcome:
    """The outcome: `errors` are answers with 500 or more, and missing answers."""

    inputs: int = 0
    errors: list[str] = field(default_factory=list)
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)


def send(port: int, corpus: Iterable[Hostile]) -> Outcome:
    """Send all of `corpus` to the site on this machine's `port`."""
    outcome, lock, left = Outcome(), threading.Lock(), iter(corpus)
    threads = [
        threading.Thread(target=_client, args=(port, left, lock, outcome))
        for _ in range(CLIENT_COUNT)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcome


def _client(port: int, left: Iterator[Hostile], lock: threading.Lock, outcome: Outcome) -> None:
    client = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    while True:
        with lock:
            request = next(left, None)
        if request is None:
            client.close()
            return
        status = _ask(client, request)
        with lock:
            outcome.inputs += 1
            outcome.statuses[request.kind, status] += 1
            if status == 0 or status >= 500:
                outcome.errors.append(f"{status} {request.method} {request.path[:200]!r}")


def _ask(client: HTTPConnection, request: Hostile) -> int:
    """Return the status, or 0 without an answer; retry once if the connection was closed."""
    for attempt in range(2):
        try:
            client.putrequest(request.method, _sendable(request.path), skip_accept_encoding=True)
            for name, value in request.headers.items():
                if name != "Host":  # the client sends one already
                    client.putheader(name, value.encode("latin-1", "replace"))
            client.putheader("Content-Length", str(len(request.body)))
            client.endheaders(request.body)
            response = client.getresponse()
            response.read()
            return response.status
        except (OSError, HTTPException):
            client.close()
            if attempt:
                return 0
    raise AssertionError("unreachable")


def _sendable(path: str) -> str:
    # http.client sends no control characters and no letters beyond ASCII in an address.
    return "".join(each if "!" <= each <= "~" else f"%{ord(each) % 256:02x}" for each in path)
