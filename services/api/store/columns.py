"""How values are stored: times as milliseconds, JSON as its text."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from services.api.domain.times import milliseconds, moment


def stored_at(at: datetime | None) -> int | None:
    """A time that may be absent, for a column."""
    return None if at is None else milliseconds(at)


def read_at(at: int | None) -> datetime | None:
    """A column's time that may be absent."""
    return None if at is None else moment(at)


def stored_meta(meta: Mapping[str, Any] | None) -> str | None:
    """What a caller keeps with a key, for a column."""
    return None if meta is None else msgspec.json.encode(meta).decode()


def read_meta(text: str | None) -> Mapping[str, Any] | None:
    """A column's, as the caller gave it."""
    return None if text is None else msgspec.json.decode(text, type=dict[str, Any])


def as_id(text: str) -> str | None:
    """A text as an id, if it can be one: compared with other text, a column of ids has no index."""
    return text if text.isascii() else None
