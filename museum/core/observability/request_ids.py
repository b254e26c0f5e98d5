"""One id for all that a request causes: its answer, its lines in the log, its tasks and theirs.

A proxy of ours may name it in `X-Request-ID`; otherwise it is made here. It travels with a task in
the message's headers.
"""

import re
import uuid
from contextvars import ContextVar
from typing import Any

from celery import Task
from celery.signals import before_task_publish, task_postrun, task_prerun

HEADER = "request_id"
_GIVEN = re.compile(r"[\w.-]{8,64}", re.ASCII)
_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """The id of what this thread is at; "" where no request and no task began it."""
    return _current.get()


def begin(given: str = "") -> str:
    """Take the id `given`, or make one where it is none; return it."""
    found = given if _GIVEN.fullmatch(given) else uuid.uuid4().hex
    _current.set(found)
    return found


def end() -> None:
    """What this thread does next belongs to no request."""
    _current.set("")


@before_task_publish.connect
def _send(headers: dict[str, Any], **_: Any) -> None:
    if current():
        headers.setdefault(HEADER, current())


@task_prerun.connect
def _receive(task: Task[Any, Any], **_: Any) -> None:
    # A task that runs in the process that asks for it belongs to what that process is at.
    if not task.request.is_eager:
        begin(str(task.request.get(HEADER) or task.request.id))


@task_postrun.connect
def _done(task: Task[Any, Any], **_: Any) -> None:
    if not task.request.is_eager:
        end()
