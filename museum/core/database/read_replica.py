"""Which database answers: a streaming replica the searches, the primary everything else.

With `DATABASE_REPLICA_URL`, requests that only read are answered from the replica: those of
visitors who are not signed in. Whoever is signed in reads what he has just written, from the
primary; so do commands, tasks and the admin. All of one request is read from one server. A replica
that is away is passed over for a while.

Statements that are no querysets take `connection` and `atomic` from here.
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
    """The connection that this request reads from, as `django.db.connection` is the default one."""

    def __getattr__(self, name: str) -> Any:
        return getattr(connections[_alias.get()], name)


connection: Any = _Connection()


def is_read() -> bool:
    """Whether this request reads from the replica."""
    return _alias.get() == REPLICA


def atomic() -> transaction.Atomic:
    """A transaction on `connection`."""
    return transaction.atomic(using=_alias.get())


class ReplicaRouter:
    """Sends querysets that read to where the request reads; whatever writes, to the primary."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        """Tokens are the primary's: a revoked one is refused at once."""
        is_read = (
            model._meta.app_label in settings.REPLICA_APPS
            and model._meta.label_lower not in settings.REPLICA_EXCLUDED_MODELS
        )
        return _alias.get() if is_read else DEFAULT_DB_ALIAS

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        """Return the primary, for rows that were read from the replica as well."""
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        """Both have the same rows."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Return False for the replica, which is given its tables by the primary."""
        return db != REPLICA


class ReplicaMiddleware:
    """Chooses where a request reads."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if REPLICA not in connections.settings or not _only_reads(request) or not _answers():
            return self.get_response(request)
        before = _alias.set(REPLICA)
        try:
            return self.get_response(request)
        finally:
            _alias.reset(before)


def _only_reads(request: HttpRequest) -> bool:
    if settings.SESSION_COOKIE_NAME in request.COOKIES or request.path_info.startswith("/admin/"):
        return False
    return request.method in {"GET", "HEAD"} or request.path_info in settings.REPLICA_POST_PATHS


def _answers() -> bool:
    """Whether the replica can be asked; one that cannot is left alone for `RETRY_SECONDS`."""
    global _away_until  # noqa: PLW0603 - what one request learns, the next ones of this process use
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
