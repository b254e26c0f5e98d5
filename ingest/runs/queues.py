"""How many tasks wait in each of Celery's queues."""

import redis
from django.conf import settings

from ingest.http.shared_state import client

NAMES = ("metadata", "images", "embed")


def depth(name: str) -> int:
    """Tasks that wait in the queue, not counting those that workers have; raises `RedisError`."""
    # kombu keeps a queue as a list of its name.
    return int(client(settings.REDIS_URL).llen(name)) if settings.REDIS_URL else 0


def depths() -> dict[str, int | None]:
    """`depth` of every queue; None where Redis does not answer. Empty without Redis."""
    if not settings.REDIS_URL:
        return {}
    # Whoever only looks must not wait for half a minute.
    server = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1)
    found: dict[str, int | None] = {}
    for name in NAMES:
        try:
            found[name] = int(server.llen(name))
        except redis.RedisError:
            found[name] = None
    return found
