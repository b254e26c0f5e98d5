"""How many tasks wait in each of Celery's queues."""

import redis
from django.conf import settings

from ingest.http.shared_state import client

NAMES = ("metadata", "images", "embed")


def depth(name: str) -> int:
    """Return how many tasks wait in the queue, without those in work; raises `RedisError`."""
    # kombu keeps a queue as a list of its name.
    return int(client(settings.REDIS_URL).llen(name)) if settings.REDIS_URL else 0


def depths() -> dict[str, int | None]:
    """Return the depth of every queue; None if Redis does not answer. Empty without Redis."""
    if not settings.REDIS_URL:
        return {}
    # A status page must not wait for half a minute.
    server = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1)
    counts: dict[str, int | None] = {}
    for name in NAMES:
        try:
            counts[name] = int(server.llen(name))
        except redis.RedisError:
            counts[name] = None
    return counts
