"""What operations that change a key have in common."""

from collections.abc import Callable
from dataclasses import dataclass

from pkg.clock import Clock
from services.api.domain.key import Key
from services.api.domain.rights import Right
from services.api.ports import Changed, Keys, KeyUpdate
from services.api.rpc.call import Call
from services.api.rpc.changes import change, told
from services.api.rpc.errors import not_found


@dataclass(frozen=True)
class KeyChanges:
    """Changes keys.

    Attributes:
        keys: where they are stored.
        forget: tells the caches that a key of that digest has changed.
        clock: tells when.
    """

    keys: Keys
    forget: Callable[[bytes], None]
    clock: Clock

    def make(
        self,
        call: Call,
        key_id: str,
        work: Callable[[Key], KeyUpdate],
        event: str = "key.update",
        **details: object,
    ) -> Changed:
        """Changes a key, if the root key may.

        Args:
            work: makes of the key as it is what it is to be.
            event: for the audit row.
            details: for the audit row, too.

        Raises:
            Fault: it may not, or there is no such key, or the work has raised it.
        """

        def allowed(key: Key) -> KeyUpdate:
            # Here, where the key is known: its API is what the right is for.
            call.require(Right.UPDATE_KEY.on(key.api_id))
            return work(key)

        row = change(call, self.clock, event, key_id, **details)
        with told():
            changed = self.keys.change(call.workspace_id, key_id, allowed, row)
        if changed is None:
            raise not_found("key")
        self.forget(changed.digest)
        return changed
