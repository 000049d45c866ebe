"""What happened, for the analytics."""

from typing import Protocol

import msgspec


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """A key was verified. Its text is not in it.

    Attributes:
        id: of the event: whoever sees it twice knows it again.
        time: milliseconds since 1970.
        request_id: the request's that asked.
        external_id: of the key's identity; "" if it has none.
        outcome: the code, such as VALID.
        cost: credits that were spent.
        tags: the caller's own.
    """

    id: str
    time: int
    request_id: str
    workspace_id: str
    api_id: str
    keyspace_id: str
    key_id: str
    external_id: str
    outcome: str
    cost: int
    tags: tuple[str, ...]


class Events(Protocol):
    """Where events go: taken at once, sent on by somebody else."""

    def publish(self, event: Verified, /) -> None:
        """Takes an event, and does not wait but for a disk that hangs.

        Raises:
            Exception: there is no room for it.
        """

    def offer(self, event: Verified, /) -> bool:
        """Takes an event as `publish` does, or returns False where that would wait at all.

        Raises:
            Exception: it is not taken.
        """
