"""Events with fields."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

# An attribute of records; not one that others would use.
FIELDS = "pkg_logs_fields"
_bound: ContextVar[Mapping[str, object]] = ContextVar("pkg.logs.bound", default={})  # noqa: B039


class Log:
    """A logger of events: each has a name, and fields of any kind.

    Args:
        name: the module's `__name__`, by which levels are set.
    """

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def debug(self, event: str, /, **fields: object) -> None:
        """What only its developer wants to know."""
        self.write(logging.DEBUG, event, fields)

    def info(self, event: str, /, **fields: object) -> None:
        """What happens in regular service."""
        self.write(logging.INFO, event, fields)

    def warning(self, event: str, /, **fields: object) -> None:
        """What may need somebody, if it goes on."""
        self.write(logging.WARNING, event, fields)

    def error(self, event: str, /, **fields: object) -> None:
        """What needs somebody."""
        self.write(logging.ERROR, event, fields)

    def failure(self, event: str, error: BaseException, /, **fields: object) -> None:
        """An error that nobody has foreseen: its type, its text and where it was raised."""
        self.write(logging.ERROR, event, fields, error)

    def write(
        self,
        level: int,
        event: str,
        fields: Mapping[str, object],
        error: BaseException | None = None,
    ) -> None:
        """An event of any level of `logging`."""
        if self._logger.isEnabledFor(level):
            # Beside the arguments: an event with a % in it is no format.
            self._logger.log(level, "%s", event, extra={FIELDS: fields}, exc_info=error)


@contextmanager
def bound(**fields: object) -> Iterator[None]:
    """Gives every line of the block these fields, also in tasks that are begun in it.

    Threads have them where the work was handed over with its context (`contextvars`).
    """
    token = _bound.set({**_bound.get(), **fields})
    try:
        yield
    finally:
        _bound.reset(token)


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """A record's fields, those that are bound first."""
    return {**_bound.get(), **getattr(record, FIELDS, {})}


def is_event(record: logging.LogRecord) -> bool:
    """Whether a record was made by `Log`."""
    return hasattr(record, FIELDS)
