"""Route reads of visitors to a streaming replica, and everything else to the primary.

With `DATABASE_REPLICA_URL`, requests that only read and whose visitor is not signed in read from
the replica. People who are signed in read from the primary, so that they see what they have just
saved; so do commands, tasks and the admin. A request reads everything from one server. A replica
that does not answer is skipped for `RETRY_SECONDS`. The settings `REPLICA_...` say what may be
read from it.

Raw SQL takes `connection` and `atomic` from here.
"""

import logging
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

logger = logging.getLogger(__name__)
REPLICA = "replica"
RETRY_SECONDS = 10.0
_alias: ContextVar[str] = ContextVar("database", default=DEFAULT_DB_ALIAS)
_away_until = 0.0


class _Connection:
    """The connection that this request reads from; used like `django.db.connection`."""

    def __getattr__(self, name: str) -> Any:
        return getattr(connections[_alias.get()], name)


connection: Any = _Connection()


def is_read() -> bool:
    """Return whether this request reads from the replica."""
    return _alias.get() == REPLICA


def atomic() -> transaction.Atomic:
    """Return a transaction on `connection`."""
    return transaction.atomic(using=_alias.get())


class ReplicaRouter:
    """Sends reads to the database that the request reads from, and writes to the primary."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        """Return the database that this request reads `model` from."""
        is_read = (
            model._meta.app_label in settings.REPLICA_APPS
            and model._meta.label_lower not in settings.REPLICA_EXCLUDED_MODELS
        )
        return _alias.get() if is_read else DEFAULT_DB_ALIAS

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        """Return the primary, also for rows that were read from the replica."""
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        """Return True: both databases have the same rows."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Return False for the replica: it gets its tables from the primary."""
        return db != REPLICA


class ReplicaMiddleware:
    """Chooses the database that a request reads from."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if REPLICA not in connections.settings or not _only_reads(request) or not _answers():
            return self.get_response(request)
        token = _alias.set(REPLICA)
        try:
            return self.get_response(request)
        finally:
            _alias.reset(token)


def _only_reads(request: HttpRequest) -> bool:
    if settings.SESSION_COOKIE_NAME in request.COOKIES or request.path_info.startswith("/admin/"):
        return False
    return request.method in {"GET", "HEAD"} or request.path_info in settings.REPLICA_POST_PATHS


def _answers() -> bool:
    """Return whether the replica answers; if not, do not ask again for `RETRY_SECONDS`."""
    global _away_until  # noqa: PLW0603 - shared by the requests of this process
    if time.monotonic() < _away_until:
        return False
    replica: BaseDatabaseWrapper = connections[REPLICA]
    try:
        replica.close_if_health_check_failed()
        replica.ensure_connection()
    except DatabaseError as error:
        _away_until = time.monotonic() + RETRY_SECONDS
        logger.error("event=replica-away why=%s", type(error).__name__)
        return False
    return True
