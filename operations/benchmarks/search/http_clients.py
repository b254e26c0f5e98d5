"""Visitors in a process of their own: `python -m operations.benchmarks.search.http_clients`, a job as JSON on stdin.

Connections stay open, as a browser keeps them. Uses the standard library alone, so that it takes
as little as possible of the processors that it measures on.
"""

import json
import sys
import threading
import time
from http.client import HTTPConnection, HTTPException
from itertools import count
from typing import Any

TIMEOUT = 30.0  # seconds


class Visitors:
    """`number` clients that ask `paths` in turn, again and again, each on its own connection."""

    def __init__(self, port: int, paths: list[str], number: int) -> None:
        self.port = port
        self.paths = paths
        self.number = number
        self.times: list[float] = []  # seconds, of good answers
        self.errors = 0
        self._next = count()

    def run(self, seconds: float) -> float:
        """Ask for so long; return the seconds until the last answer."""
        started = time.perf_counter()
        threads = [
            threading.Thread(target=self._ask, args=(started + seconds,))
            for _ in range(self.number)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return time.perf_counter() - started

    def _ask(self, until: float) -> None:
        # Appending to a list and drawing from `count` are single steps for Python's threads.
        connection = HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        while time.perf_counter() < until:
            path = self.paths[next(self._next) % len(self.paths)]
            began = time.perf_counter()
            try:
                connection.request("GET", path)
                response = connection.getresponse()
                response.read()
                is_good = response.status == 200
            except (OSError, HTTPException):
                connection.close()
                is_good = False
            if is_good:
                self.times.append(time.perf_counter() - began)
            else:
                self.errors += 1
        connection.close()


def main() -> None:
    """Read `{"port", "paths", "clients", "seconds"}`; write what came of it."""
    job: dict[str, Any] = json.load(sys.stdin)
    visitors = Visitors(job["port"], job["paths"], job["clients"])
    taken = visitors.run(job["seconds"])
    json.dump({"times": visitors.times, "errors": visitors.errors, "seconds": taken}, sys.stdout)


if __name__ == "__main__":
    main()
