"""Faults of the network between a test and its server: `server.container.slow(latency=0.2)`."""

from abc import ABC, abstractmethod

from pkg.dockertest.errors import InvalidOption
from pkg.dockertest.faults import standing
from pkg.dockertest.faults.link import check_slow, directions
from pkg.dockertest.faults.proxy import Proxy

_NETWORK = "network"


class NetworkFaults(ABC):
    """What can be done to the connections of a server that was started as `proxied()`.

    All methods take hold of the connections that there are, and of later ones, on every port.
    They return when it is done, and raise InvalidOption where the server has no proxy.
    """

    name: str
    _proxy: Proxy | None

    def slow(
        self,
        *,
        latency: float = 0.0,
        jitter: float = 0.0,
        rate: float | None = None,
        direction: str = "both",
    ) -> None:
        """Makes the network slow, in place of what an earlier call said of that direction.

        Args:
            latency: seconds that bytes are under way. With both directions, a round trip takes
                twice as long.
            jitter: seconds by which the latency varies to both sides, at random; the order of
                bytes is kept.
            rate: bytes per second, all connections together; without it there is no bound.
            direction: "up" is to the server, "down" is from it.

        Raises:
            InvalidOption: a value is out of its range, or the server is not reached through a
                proxy, or shared.
        """
        check_slow(latency, jitter, rate)
        ups = directions(direction)
        proxy = self._through("slow")
        for up in ups:
            proxy.slow(up, latency, jitter, rate)

    def cut(self, *, direction: str = "both", reset: bool = False) -> None:
        """Cuts the line: nothing comes through, and no side is told.

        Connections hang, and new ones are neither accepted nor refused. What was sent meanwhile
        is held, as the kernel would send it again, and arrives after `heal`.

        Args:
            direction: what is cut, "up" to the server or "down" from it. Nobody can connect in
                either case.
            reset: breaks all connections off (RST) and refuses new ones instead, as a machine
                does whose server has gone.

        Raises:
            InvalidOption: a value is out of its range, or the server is not reached through a
                proxy, or shared.
        """
        ups = directions(direction)
        if reset and direction != "both":
            raise InvalidOption(
                f"cut(direction={direction!r}, reset=True): a reset ends both directions; leave "
                "the direction out"
            )
        proxy = self._through("cut")
        if reset:
            proxy.reset()
            return
        for up in ups:
            proxy.cut(up)

    def heal(self) -> None:
        """Undoes `slow` and `cut`. What was held or under way arrives at once."""
        self._to_heal("heal").heal()
        standing.removed(self.name, _NETWORK)

    def _through(self, step: str) -> Proxy:
        """The proxy, about to be given a fault."""
        proxy = self._to_heal(step)
        standing.put(self.name, _NETWORK, proxy.heal)
        return proxy

    def _to_heal(self, step: str) -> Proxy:
        self._check_own()
        proxy = self._proxy
        if proxy is None:
            raise InvalidOption(
                f"{step}(): {self.name} is not reached through a proxy; ask for one when it is "
                "started: dockertest.start(Redis().proxied())"
            )
        proxy.check()
        self._tampering()
        return proxy

    @abstractmethod
    def _check_own(self) -> None: ...

    @abstractmethod
    def _tampering(self) -> None: ...
