"""Draws items in a thread, so that whoever waits for the database need not wait for them, too."""

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def prefetch(items: Iterator[T], number: int) -> Generator[T]:
    """Yield `items`, of which a thread draws up to `number` ahead; errors come in their place.

    Closed early, it waits for the item under way, and closes `items`.
    """
    end = object()
    with ThreadPoolExecutor(1, "prefetch") as pool:
        drawn = deque(pool.submit(next, items, end) for _ in range(number))
        try:
            while (item := drawn.popleft().result()) is not end:
                drawn.append(pool.submit(next, items, end))
                yield item  # type: ignore[misc]
        finally:
            pool.shutdown(cancel_futures=True)
            if isinstance(items, Generator):
                items.close()
