"""Finds the name space that an operation is for."""

from dataclasses import dataclass

from pkg import uid
from pkg.clock import Clock
from pkg.fault import Fault, Kind
from services.api.domain.rights import Right
from services.api.domain.stored import Namespace
from services.api.limiting import Space, Spaces
from services.api.ports import Namespaces
from services.api.rpc.call import Call
from services.api.rpc.changes import change
from services.api.rpc.errors import not_found


@dataclass(frozen=True)
class Rooms:
    """Name spaces of rate limits, for callers.

    Attributes:
        namespaces: where they are stored.
        spaces: finds them fast.
        clock: tells when one is made.
    """

    namespaces: Namespaces
    spaces: Spaces
    clock: Clock

    def stored(self, call: Call, name: str, right: Right) -> Namespace:
        """The name space as it is stored, for what changes it or is to be exact.

        Raises:
            Fault: it is not there, or the root key lacks the right.
        """
        found = self.namespaces.find(call.workspace_id, name, latest=True)
        if found is None or found.deleted:
            raise not_found("namespace")
        call.require(right.on(found.id))
        return found

    def open(self, call: Call, name: str) -> Space:
        """The name space to limit in; made if it is not there, by who may.

        Raises:
            Fault: it is gone, must not be made, or the root key lacks the right.
        """
        space = self.spaces.find(call.workspace_id, name)
        if space is None:
            space = self._made(call, name)
        if space.namespace.deleted:
            raise Fault(Kind.GONE, "namespace_gone", "The namespace was deleted.")
        call.require(Right.LIMIT.on(space.namespace.id))
        return space

    def _made(self, call: Call, name: str) -> Space:
        if not call.may(Right.CREATE_NAMESPACE.on()):
            raise not_found("namespace")
        call.require(Right.LIMIT.on())
        made = Namespace(uid.new("rlns", self.clock), name)
        row = change(call, self.clock, "namespace.create", made.id, name=name)
        found = self.namespaces.add(call.workspace_id, made, row)
        self.spaces.forget(call.workspace_id, found, name)
        return Space(found)
