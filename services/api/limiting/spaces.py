"""Name spaces of rate limits with their overrides: in memory, in Redis, in the store."""

from dataclasses import dataclass
from datetime import timedelta

from pkg.cache.tiered import Ages, TieredCache
from services.api.domain.overrides import Override
from services.api.domain.secret import digest
from services.api.domain.stored import Namespace
from services.api.ports import Namespaces

# Other instances see a change within the sum of the first two.
AGES = Ages(fresh=timedelta(seconds=5), stale=timedelta(seconds=5), absent=timedelta(seconds=1))


@dataclass(frozen=True)
class Space:
    """A name space, with all of its overrides."""

    namespace: Namespace
    overrides: tuple[Override, ...] = ()


class Spaces:
    """Finds name spaces. Usable from several threads.

    Args:
        cache: what was found, by workspace and name.
        namespaces: where they are stored.
    """

    def __init__(self, cache: TieredCache[Space], namespaces: Namespaces) -> None:
        self._cache = cache
        self._namespaces = namespaces

    def find(self, workspace_id: str, name: str) -> Space | None:
        """The name space of that id or name, as it was ten seconds ago at the earliest."""
        return self._cache.get(_name(workspace_id, name), lambda: self._load(workspace_id, name))

    def forget(self, workspace_id: str, namespace: Namespace, name: str) -> None:
        """What is known is no longer so: here, and for who asks Redis.

        Args:
            name: by which the caller knows it, if it is neither its id nor its name.
        """
        for each in {namespace.id, namespace.name, name}:
            self._cache.forget(_name(workspace_id, each))

    def _load(self, workspace_id: str, name: str) -> Space | None:
        found = self._namespaces.find(workspace_id, name)
        if found is None:
            return None
        return Space(found, tuple(self._namespaces.overrides(found.id)))


def _name(workspace_id: str, name: str) -> str:
    # Callers' names are of any characters and length.
    return f"space:{workspace_id}:{digest(name).hex()}"
