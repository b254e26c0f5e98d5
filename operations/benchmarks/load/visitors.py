"""Visitors in a process of their own: `python -m operations.benchmarks.load.visitors`, a job as JSON on stdin.

Without a rate each asks again as soon as it is answered. With a rate, requests are sent at their
times whether or not earlier ones are answered, as far as there are connections. Uses the standard
library alone, so that it takes as little as possible of the processors that it measures on.
"""

import json
import sys
import threading
import time
from collections import Counter
from http.client import HTTPConnection, HTTPException, HTTPResponse, RemoteDisconnected
from itertools import count
from typing import Any

TIMEOUT = 30.0  # seconds
SHED = {429, 503}


class Visitors:
    """`times` are seconds to good answers; `shed` were told when to come back, `errors` not."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.port, self.paths = job["port"], job["paths"]
        self.clients, self.seconds = job["clients"], job["seconds"]
        self.rate: float | None = job.get("rate")
        self.most: int = job.get("most") or sys.maxsize  # requests
        self.times: list[float] = []
        self.outcomes: Counter[str] = Counter()
        self.why: Counter[str] = Counter()  # what the errors were
        self._next = count()

    def run(self) -> dict[str, Any]:
        """Ask for so long, and return what came of it."""
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
        return {"times": self.times, "seconds": taken, "why": self.why, **self.outcomes}

    def _ask(self, number: int, began: float) -> None:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
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
                self.why[type(error).__name__] += 1
                continue
            if response.status == 200:
                self.times.append(time.perf_counter() - sent)
            elif response.status in SHED and response.headers["Retry-After"]:
                self.outcomes["shed"] += 1
            else:
                self.outcomes["errors"] += 1
                self.why[str(response.status)] += 1
        connection.close()


def _get(connection: HTTPConnection, path: str) -> HTTPResponse:
    """Ask, and read the answer; where the server closes a connection that was open, ask anew.

    A server may close one that waits for a next request, at the moment when that is sent. Browsers
    and proxies ask again then (RFC 9110, 9.2.2); only a new connection that fails is an error.
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
