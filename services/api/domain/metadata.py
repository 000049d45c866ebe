"""What callers store with a key: any JSON object, within bounds."""

from collections.abc import Mapping
from typing import Any

import msgspec

from services.api.domain.faults import invalid

MAX_BYTES = 64 << 10
MAX_DEPTH = 32


def encoded(meta: Mapping[str, Any]) -> bytes:
    """The text that is stored.

    Raises:
        InvalidRequest: it is too long, or too deep.
    """
    _check_depth(meta)
    text = msgspec.json.encode(meta)
    if len(text) > MAX_BYTES:
        raise invalid("body.meta", f"it is longer than {MAX_BYTES} bytes of JSON")
    return text


def _check_depth(meta: Mapping[str, Any]) -> None:
    # Not by recursion: who sends it decides how deep.
    level: list[Any] = [meta]
    for _ in range(MAX_DEPTH):
        level = [
            part
            for each in level
            if isinstance(each, Mapping | list)
            for part in (each.values() if isinstance(each, Mapping) else each)
        ]
        if not level:
            return
    if any(isinstance(each, Mapping | list) for each in level):
        raise invalid("body.meta", f"it is nested more than {MAX_DEPTH} deep")
