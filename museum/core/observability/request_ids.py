"""One id for everything that a request causes: its answer, log lines, tasks and their tasks.

A proxy may send it in `X-Request-ID`; otherwise it is made here. A task's message carries it in a
header.
"""

import re
import uuid
from contextvars import ContextVar
from typing import Any

from celery import Task
from celery.signals import before_task_publish, task_postrun, task_prerun

HEADER = "request_id"
_VALID_ID = re.compile(r"[\w.-]{8,64}", re.ASCII)
_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """Return the id of the request or task in this thread; "" outside of both."""
    return _current.get()


def begin(given: str = "") -> str:
    """Set and return the id `given`, or a new one where it is not a valid id."""
    request_id = given if _VALID_ID.fullmatch(given) else uuid.uuid4().hex
    _current.set(request_id)
    return request_id


def end() -> None:
    """Forget the id: this thread is done with the request."""
    _current.set("")


@before_task_publish.connect
def _send(headers: dict[str, Any], **_: Any) -> None:
    if current():
        headers.setdefault(HEADER, current())


@task_prerun.connect
def _receive(task: Task[Any, Any], **_: Any) -> None:
    # An eager task belongs to the request or task that called it.
    if not task.request.is_eager:
        begin(str(task.request.get(HEADER) or task.request.id))


@task_postrun.connect
def _end(task: Task[Any, Any], **_: Any) -> None:
    if not task.request.is_eager:
        end()
