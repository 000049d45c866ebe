"""Topics: what their events are, and how they become bytes."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

_NAME = re.compile(r"(?!\.{1,2}$)[a-zA-Z0-9._-]{1,249}")


class Identified(Protocol):
    """Something with an id, by which whoever sees it twice knows it again."""

    @property
    def id(self) -> str:
        """As `pkg.uid` makes them, different for every event."""


class Codec[E](Protocol):
    """How an event becomes bytes, and an event again."""

    def encode(self, event: E, /) -> bytes:
        """The event's bytes."""

    def decode(self, data: bytes, /) -> E:
        """The event of bytes.

        Raises:
            BadEvent: they are none's; other exceptions are taken for it.
        """


@dataclass(frozen=True)
class Topic[E: Identified]:
    """A topic and its events.

    Attributes:
        name: on the broker, after the prefix that producer and consumer are given.
        codec: how an event becomes bytes, such as `Json(Verification)`.
        key: what an event belongs to: events of one key keep their order. Without, they are spread.

    Raises:
        ValueError: Kafka has no topics of that name.
    """

    name: str
    codec: Codec[E]
    key: Callable[[E], str] | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(
                f"eventstream: the topic {self.name!r}: give 1 to 249 letters, digits, dots, "
                "underscores and hyphens"
            )
