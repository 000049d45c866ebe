"""A record as one line of JSON."""

import json
import logging
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType

from pkg.logs import values
from pkg.logs.log import fields_of, is_event
from pkg.logs.redactor import Redactor
from pkg.logs.values import Json

_MOST_CHARACTERS = 64 << 10
_MOST_FRAMES = 30
_MOST_CAUSES = 8


class JsonLines(logging.Formatter):
    """A record as one line of JSON, in ASCII: time, level and event, then its fields.

    It never raises. Long values are cut, and a line is never longer than 64 KiB.

    Args:
        redactor: hides secrets.
        error_texts: whether errors are logged with their texts. Without, a line has their types
            and the places in the code: for a service whose errors may hold what callers gave it.
    """

    def __init__(self, redactor: Redactor | None = None, *, error_texts: bool = True) -> None:
        super().__init__()
        self._redactor = redactor or Redactor()
        self._error_texts = error_texts

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line: dict[str, Json] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": self._event(record),
        }
        if not is_event(record):
            line["logger"] = record.name
        own = len(line)
        for name, value in values.fields(fields_of(record), self._redactor).items():
            line[f"{name}_" if name in line else name] = value
        if record.exc_info and record.exc_info[1]:
            line.update(self._error(record.exc_info[1]))
        made = json.dumps(line)
        if len(made) > _MOST_CHARACTERS:
            line = dict(list(line.items())[:own])
            made = json.dumps({**line, "cut": f"{len(made)} characters"})
        return made

    def _event(self, record: logging.LogRecord) -> str:
        try:
            said = record.getMessage().strip()
        except Exception:  # its arguments do not fit, or one has no text
            said = values.shown(record.msg)
        return values.text(said, self._redactor)

    def _error(self, error: BaseException) -> dict[str, Json]:
        made: dict[str, Json] = {"exception": type(error).__name__}
        if self._error_texts:
            made["message"] = values.text(values.shown(error), self._redactor)
        made["trace"] = _places(error.__traceback__)
        if causes := [self._told(cause) for cause in _causes(error)]:
            made["causes"] = causes
        return made

    def _told(self, error: BaseException) -> Json:
        kind = type(error).__name__
        if not self._error_texts:
            return kind
        return values.text(f"{kind}: {values.shown(error)}", self._redactor)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """What an error was raised from, or while; not in circles."""
    seen = {id(error)}
    for _ in range(_MOST_CAUSES):
        below = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if below is None or id(below) in seen:
            return
        seen.add(id(below))
        yield (error := below)


def _places(trace: TracebackType | None) -> list[Json]:
    frames = traceback.extract_tb(trace, limit=-_MOST_FRAMES)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
