"""Logs as JSON lines, without personal data.

Of records that others write, only the template is kept ("Not Found: %s"), never what they would fill in; of exceptions
the type and the place, never the message, which may quote a row. Our own records carry fields from a closed list.
"""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from types import TracebackType

OWN_FIELDS = (
    "sequence",
    "kind",
    "mac",
    "method",
    "route",
    "status",
    "milliseconds",
    "request",
    "check",
    "error",
    "bytes",
)
REQUEST_NUMBER = "countersign.request"
"""Key in a request's `META` of the number that it has in the log, and in the header `X-Request-Id` of the answer."""

_OWN_LOGGERS = "countersign"


class PrivateFormatter(logging.Formatter):
    """One JSON object to a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record without what may be personal."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "event": str(record.msg),
        }
        if record.name.partition(".")[0] == _OWN_LOGGERS:
            line |= {field: getattr(record, field) for field in OWN_FIELDS if hasattr(record, field)}
        else:
            if not isinstance(record.msg, str):
                line["event"] = type(record.msg).__name__
            if isinstance(status := getattr(record, "status_code", None), int):
                line["status"] = status
            if number := getattr(getattr(record, "request", None), "META", {}).get(REQUEST_NUMBER):
                line["request"] = number
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__name__
            line["trace"] = _places(record.exc_info[2])
        return json.dumps(line, separators=(",", ":"), default=str)


def _places(trace: TracebackType | None) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]


def logging_settings(level: str) -> dict[str, object]:
    """For `logging.config`. Uvicorn's own access log, which has addresses and whole paths, stays off."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"private": {"()": "countersign.server.web.logs.PrivateFormatter"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "private"}},
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            "countersign": {"level": level},
            "django": {"handlers": [], "level": "WARNING"},
            "django.server": {"handlers": [], "level": "WARNING"},
            "uvicorn": {"handlers": [], "level": level},
            "uvicorn.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
        },
    }
