"""What a snapshot holds beside a service's prepared image: a project's schema and seed data."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Content:
    """What is put into a server once, to be there at each later start.

    Attributes:
        option: what asked for it, such as `MySQL(schema=…)`, for messages.
        parts: all that decides what is put there; equal parts make equal content.
        fill: puts it there; called with the server's result.
        environment: for the server that it is put into, over its own.
        leave_out: paths below /data, with `*` for anything, that the next server makes itself.
    """

    option: str
    parts: Sequence[object]
    fill: Callable[[Any], object]
    environment: Mapping[str, str] = field(default_factory=dict)
    leave_out: Sequence[str] = ()

    def key(self, *more: str) -> str:
        """A hash of the parts and of what else decides."""
        return hashlib.sha256(repr((*more, *self.parts)).encode()).hexdigest()
