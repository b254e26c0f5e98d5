"""One line an event, as text or as JSON, without the passwords that this process knows."""

import logging
import re
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from pythonjsonlogger import json as jsonlogger

from museum.core.observability import request_ids

HIDDEN = "[hidden]"
# Facts within a message: event=step run=7 why="404 challenge".
_FACT = re.compile(r'(?:^|(?<=\s))(\w+)=(?:"([^"]*)"|(\S*))')
# Credentials in addresses that are not ours, such as a proxy's in an error message.
_CREDENTIALS = re.compile(r"(?<=://)[^\s/@:]*:[^\s/@]+(?=@)")


@cache
def _secrets() -> tuple[str, ...]:
    found = {settings.SECRET_KEY, settings.METRICS_TOKEN}
    found |= {str(database.get("PASSWORD") or "") for database in settings.DATABASES.values()}
    password = urlsplit(settings.REDIS_URL).password
    if password:
        found |= {password, unquote(password)}
    return tuple(sorted((str(each) for each in found if each), key=len, reverse=True))


def clean(text: str) -> str:
    """`text` on one line, the secrets of the settings and of addresses taken out."""
    for secret in _secrets():
        text = text.replace(secret, HIDDEN)
    text = _CREDENTIALS.sub(HIDDEN, text)
    return text.replace("\r", "").replace("\n", " | ")


class TextFormatter(logging.Formatter):
    """`2026-01-31T14:02:11Z INFO ingest.pipeline.steps event=step run=7 stage=image …`"""

    def format(self, record: logging.LogRecord) -> str:
        line = f"{_time(record)} {record.levelname} {record.name} {record.getMessage()}"
        if request_id := request_ids.current():
            line += f" request={request_id}"
        if record.exc_info:
            line = f"{line}\n{self.formatException(record.exc_info)}"
        return clean(line)


class JsonFormatter(jsonlogger.JsonFormatter):
    """One JSON object: time, level, logger and message, and the message's facts as keys.

    What a record was given as `extra` becomes keys, too.
    """

    def __init__(self) -> None:
        super().__init__(json_ensure_ascii=False, rename_fields={"exc_info": "traceback"})

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        """Add the facts of the message, what every line has, and the request."""
        super().add_fields(log_data, record, message_dict)
        message = record.getMessage()
        log_data |= {name: quoted or plain for name, quoted, plain in _FACT.findall(message)}
        log_data |= {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": message,
        }
        if request_id := request_ids.current():
            log_data["request"] = request_id

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Take the secrets out of every value."""
        return {name: clean(str(value)) for name, value in log_data.items()}


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
