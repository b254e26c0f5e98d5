"""Visitors that search throughout a fault, and the time and outcome of each answer."""

import threading
import time
from collections import Counter
from http.client import HTTPConnection, HTTPException
from itertools import count
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

from operations.benchmarks.load.visitors import OVERLOAD_STATUSES, TIMEOUT_SECONDS

SEARCHER_COUNT = 4
PAUSE_SECONDS = 0.1  # between an answer and the next search
RECOVERED_ANSWERS = 5  # good answers in a row, after which searches count as recovered
GOOD, REFUSED, FAILED = "good", "refused", "failed"


class Searchers:
    """Each search is new and uses a new connection, so that no answer comes from a cache.

    "refused" searches got a Retry-After; "failed" ones got no answer or an error.
    """

    def __init__(self, port: int, queries: list[str]) -> None:
        self.port, self.queries = port, queries
        self.answers: list[tuple[float, str]] = []  # monotonic time and outcome
        self.reasons: Counter[str] = Counter()
        self._number = count()
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask, daemon=True) for _ in range(SEARCHER_COUNT)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def number(self, outcome: str) -> int:
        """Return the number of searches with this outcome."""
        return sum(how == outcome for _, how in self.answers)

    def first_recovered(self, moment: float) -> float | None:
        """Return the time of the first of `RECOVERED_ANSWERS` good answers in a row after `moment`.

        None if there are not that many yet.
        """
        row: list[float] = []
        for at, how in list(self.answers):
            if at >= moment:
                row = [*row, at] if how == GOOD else []
                if len(row) == RECOVERED_ANSWERS:
                    return row[0]
        return None

    def _ask(self) -> None:
        while not self._ended.wait(PAUSE_SECONDS):
            number = next(self._number)
            query = f"{self.queries[number % len(self.queries)]} {number}"
            outcome, reason = self._answer("/api/search?" + urlencode({"q": query}))
            self.answers.append((time.monotonic(), outcome))
            if outcome == FAILED:
                self.reasons[reason] += 1

    def _answer(self, path: str) -> tuple[str, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
        except (OSError, HTTPException) as error:
            return FAILED, type(error).__name__
        finally:
            connection.close()
        if response.status == 200:
            return GOOD, ""
        is_refused = response.status in OVERLOAD_STATUSES and response.headers["Retry-After"]
        return (REFUSED if is_refused else FAILED), str(response.status)
