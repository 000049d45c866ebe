"""The store, as far as a test needs it: what it does not give must not be asked for."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from pkg.clock import FakeClock
from services.api.domain import examples
from services.api.domain.key import Key
from services.api.domain.stored import Api, Permission
from services.api.ports import Changed, Keys, KeyUpdate

CLOCK = FakeClock(examples.NOW)
API = Api("api_12345", "ws_1", "payments", "ks_1")
READ = Permission("perm_1", "may read", "a.read", "reads all")


def port(**methods: Callable[..., Any]) -> Any:
    """A part of the store with these methods alone."""
    return SimpleNamespace(**methods)


def of_workspace[T](thing: T, workspace_id: str = "ws_1") -> Callable[..., T | None]:
    """Finds a thing, for its workspace alone."""
    return lambda asked_by, _, latest=False: thing if asked_by == workspace_id else None


class OneKey:
    """A store of one key, which can be changed.

    Attributes:
        key: as it is.
        update: what has changed last.
        rows: the audit rows that were written.
        forgotten: the digests that caches were told of.
    """

    def __init__(self, key: Key) -> None:
        self.key = key
        self.update: KeyUpdate | None = None
        self.rows: list[Any] = []
        self.forgotten: list[bytes] = []

    def find(self, workspace_id: str, key_id: str) -> Key | None:
        """The key, for its workspace."""
        is_it = (workspace_id, key_id) == (self.key.workspace_id, self.key.id)
        return self.key if is_it else None

    def change(
        self, workspace_id: str, key_id: str, work: Callable[[Key], KeyUpdate], row: Any
    ) -> Changed | None:
        """Changes it."""
        if self.find(workspace_id, key_id) is None:
            return None
        self.update = work(self.key)
        self.key = self.update.key
        self.rows.append(row)
        return Changed(self.key, b"digest", [READ])

    @property
    def port(self) -> Keys:
        """As operations have it."""
        made: Keys = port(find=self.find, change=self.change)
        return made
