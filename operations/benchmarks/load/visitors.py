"""Visitors in a separate process: `python -m operations.benchmarks.load.visitors`.

The job is JSON on stdin.

Without a rate each visitor sends the next request as soon as the last is answered. With a rate,
requests are sent on schedule, whether or not earlier ones are answered, as far as connections
allow. It only uses the standard library, to take as little CPU time as possible from the server.
"""

import json
import sys
import threading
import time
from collections import Counter
from http.client import HTTPConnection, HTTPException, HTTPResponse, RemoteDisconnected
from itertools import count
from typing import Any

TIMEOUT_SECONDS = 30.0  # seconds
OVERLOAD_STATUSES = {429, 503}


class Visitors:
    """Clients with one connection each.

    `times` are seconds of good answers; `shed` requests got a 429 or 503 with Retry-After, `errors`
    anything else.
    """

    def __init__(self, job: dict[str, Any]) -> None:
        self.port, self.paths = job["port"], job["paths"]
        self.clients, self.seconds = job["clients"], job["seconds"]
        self.rate: float | None = job.get("rate")
        self.most: int = job.get("most") or sys.maxsize  # requests
        self.times: list[float] = []
        self.outcomes: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()  # of errors
        self._next = count()

    def run(self) -> dict[str, Any]:
        """Send requests for `seconds`, and return the outcome."""
        began = time.perf_counter()
        threads = [
            threading.Thread(target=self._ask, args=(number, began))
            for number in range(self.clients)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        taken = time.perf_counter() - began
        return {"times": self.times, "seconds": taken, "reasons": self.reasons, **self.outcomes}

    def _ask(self, number: int, began: float) -> None:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_SECONDS)
        for turn in count():
            if self.rate is not None:
                due = began + (turn * self.clients + number) / self.rate
                time.sleep(max(due - time.perf_counter(), 0))
            one = next(self._next)
            if time.perf_counter() - began >= self.seconds or one >= self.most:
                break
            sent = time.perf_counter()
            try:
                response = _get(connection, self.paths[one % len(self.paths)])
            except (OSError, HTTPException) as error:
                connection.close()
                self.outcomes["errors"] += 1
                self.reasons[type(error).__name__] += 1
                continue
            if response.status == 200:
                self.times.append(time.perf_counter() - sent)
            elif response.status in OVERLOAD_STATUSES and response.headers["Retry-After"]:
                self.outcomes["shed"] += 1
            else:
                self.outcomes["errors"] += 1
                self.reasons[str(response.status)] += 1
        connection.close()


def _get(connection: HTTPConnection, path: str) -> HTTPResponse:
    """Return the answer, and retry if the server closed an idle connection.

    A server may close a kept-alive connection at the moment when the next request is sent. Browsers
    and proxies retry then (RFC 9110, 9.2.2); only a new connection that fails is an error.
    """
    while True:
        is_new = connection.sock is None
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
            return response
        except (RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            connection.close()
            if is_new:
                raise


if __name__ == "__main__":
    json.dump(Visitors(json.load(sys.stdin)).run(), sys.stdout)
