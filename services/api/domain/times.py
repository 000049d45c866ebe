"""Times as the wire has them: milliseconds since 1970."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def milliseconds(of: datetime | timedelta) -> int:
    """Since 1970, or of a duration; parts of one are cut off."""
    return (of - _EPOCH if isinstance(of, datetime) else of) // _MILLISECOND


def moment(at: int) -> datetime:
    """The time so many milliseconds after 1970; aware, in UTC."""
    return _EPOCH + at * _MILLISECOND


def duration(of: int) -> timedelta:
    """So many milliseconds."""
    return of * _MILLISECOND
