"""Overrides as operations find and show them."""

from services.api.domain.overrides import Override
from services.api.domain.stored import Namespace
from services.api.domain.times import milliseconds
from services.api.rpc.errors import not_found
from services.api.rpc.namespaces import Rooms
from services.api.wire import ratelimit as wire


def of_pattern(rooms: Rooms, namespace: Namespace, pattern: str) -> Override:
    """The override that was set for exactly that.

    Raises:
        Fault: there is none.
    """
    found = rooms.namespaces.override(namespace.id, pattern)
    if found is None:
        raise not_found("override")
    return found


def show(override: Override) -> wire.Override:
    """An override as it is answered."""
    return wire.Override(
        override_id=override.id,
        duration=milliseconds(override.duration),
        identifier=override.pattern,
        limit=override.limit,
    )
