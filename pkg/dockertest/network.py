"""A network on which containers reach one another by name.

The engine keeps a network until somebody removes it, and refuses while containers are on it. So a
network is removed by the guard, once the containers have ended: those of a holder that was killed
end by themselves. Where the guard was killed too, the next holder that makes a network removes it.
"""

import os
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pkg.dockertest import checkout, guard
from pkg.dockertest.engine import Engine, Query, filters
from pkg.dockertest.errors import EngineError, InvalidOption
from pkg.dockertest.options import matching

ROLE = "dynamic"
_MADE = "berth.made"  # seconds since the epoch
_OLD_SECONDS = 3600.0


class Network:
    """A bridge network of its own. Made by a scope, ended with it.

    Attributes:
        name: its name on the engine.
    """

    def __init__(self, engine: Engine) -> None:
        """Names it; `ensure` makes it."""
        self.name = f"berth-network-{secrets.token_hex(6)}"
        self._engine = engine
        self._owner = os.getpid()
        self._closed = False

    def ensure(self) -> None:
        """Makes the network if it is not there: yet, or any more, having been unused for long.

        Raises:
            EngineError: the engine refused it.
            EngineUnavailable: no engine answers.
            RuntimeError: it has been closed.
        """
        if self._closed:
            raise RuntimeError(f"the scope of the network {self.name} is closed")
        try:
            self._engine.request("GET", f"/networks/{self.name}")
        except EngineError as error:
            if error.status != 404:
                raise
            guard.keep(self.name)
            remove_old(self._engine, time.time())
            self._make()

    def close(self) -> None:
        """Has it removed once the containers on it have ended. A forked child's copy does not."""
        if not self._closed and self._owner == os.getpid():
            self._closed = True
            guard.remove_network(self.name)

    def _make(self) -> None:
        labels = {**checkout.labels("network", ROLE), _MADE: str(int(time.time()))}
        body = {"Name": self.name, "Driver": "bridge", "CheckDuplicate": True, "Labels": labels}
        try:
            self._engine.request("POST", "/networks/create", {}, body)
        except EngineError as error:
            if error.status == 409:  # another thread was faster
                return
            guard.drop(self.name)
            raise EngineError(
                f"{error}; see which networks there are with: docker network ls", error.status
            ) from error


@dataclass(frozen=True)
class Membership:
    """A container's place on a network.

    Raises:
        InvalidOption: the name cannot be a host's name.
    """

    network: Network
    name: str

    def __post_init__(self) -> None:
        if not isinstance(self.network, Network):
            raise InvalidOption(
                f"on({self.network!r}): a network is what a scope's network() returns"
            )
        rule = "1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end"
        matching("on", "name", self.name, r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", rule)

    def description(self) -> dict[str, Any]:
        """What the engine is told of a container that has it."""
        endpoint = {"Aliases": [self.name]}
        return {
            "Hostname": self.name,
            "NetworkingConfig": {"EndpointsConfig": {self.network.name: endpoint}},
        }


def remove_old(engine: Engine, now: float) -> None:
    """Removes networks that nobody else will: old, and no container is on them.

    A holder that is still there makes its own again when it needs it. Refusals are of those that
    are in use; of others it does no harm to try again.
    """
    query: Query = {"filters": filters(label=["berth=network", f"berth.role={ROLE}"])}
    for one in engine.request("GET", "/networks", query):
        if now - float(one["Labels"].get(_MADE, now)) >= _OLD_SECONDS:
            with suppress(EngineError):
                engine.request("DELETE", f"/networks/{one['Id']}")
