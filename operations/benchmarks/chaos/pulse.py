"""Visitors that search all the while, and when they were answered how."""

import threading
import time
from collections import Counter
from http.client import HTTPConnection, HTTPException
from itertools import count
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

from operations.benchmarks.load.visitors import SHED, TIMEOUT

VISITORS = 4
PAUSE = 0.1  # seconds between an answer and the next search
SOUND = 5  # good answers in a row
GOOD, REFUSED, FAILED = "good", "refused", "failed"


class Pulse:
    """Each search is a new one on a new connection, so that no answer comes from a cache.

    "refused" were told when to come back; "failed" had no answer, or an error.
    """

    def __init__(self, port: int, queries: list[str]) -> None:
        self.port, self.queries = port, queries
        self.answers: list[tuple[float, str]] = []  # when (monotonic), and how
        self.why: Counter[str] = Counter()
        self._number = count()
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._ask, daemon=True) for _ in range(VISITORS)]

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
        """How many searches ended so."""
        return sum(how == outcome for _, how in self.answers)

    def sound_since(self, moment: float) -> float | None:
        """The time of the first of `SOUND` good answers in a row after `moment`; None so far."""
        row: list[float] = []
        for at, how in list(self.answers):
            if at >= moment:
                row = [*row, at] if how == GOOD else []
                if len(row) == SOUND:
                    return row[0]
        return None

    def _ask(self) -> None:
        while not self._ended.wait(PAUSE):
            number = next(self._number)
            query = f"{self.queries[number % len(self.queries)]} {number}"
            how, why = self._answer("/api/search?" + urlencode({"q": query}))
            self.answers.append((time.monotonic(), how))
            if how == FAILED:
                self.why[why] += 1

    def _answer(self, path: str) -> tuple[str, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
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
        is_told = response.status in SHED and response.headers["Retry-After"]
        return (REFUSED if is_told else FAILED), str(response.status)
