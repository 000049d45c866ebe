"""The log: one JSON object a line."""

import logging
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import IO

import msgspec

LEVELS = ("debug", "info", "warning", "error")
logger = logging.getLogger("vault")


def log(level: int, event: str, **fields: object) -> None:
    """Writes a line; `fields` go into it beside time, level and event."""
    if logger.isEnabledFor(level):
        logger.log(level, event, extra={"fields": fields})


class JsonLines(logging.Formatter):
    """A record as one line of JSON.

    Of an exception it tells the type and the places in the code. Its text may hold what the code
    was working on, and is left out.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        fields: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage().strip(),
        }
        if record.name != logger.name:
            fields["logger"] = record.name
        fields.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[0]:
            fields["exception"] = record.exc_info[0].__name__
            fields["trace"] = _places(record.exc_info[2])
        return msgspec.json.encode(fields, enc_hook=str).decode()


def _places(trace: TracebackType | None) -> list[str]:
    return [
        f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)
    ]


def handler(stream: IO[str]) -> logging.Handler:
    """Writes records to a stream as JSON lines."""
    made = logging.StreamHandler(stream)
    made.setFormatter(JsonLines())
    return made


def configure(stream: IO[str], level: str) -> None:
    """Lets all logs of the process go to the stream; libraries' from warnings on."""
    logging.basicConfig(handlers=[handler(stream)], level=logging.WARNING, force=True)
    logger.setLevel(level.upper())
