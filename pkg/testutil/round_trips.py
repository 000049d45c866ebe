"""How often a client has waited for a server: counted on the line between the two."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from pkg.dockertest.faults.proxy import Proxy


@dataclass(frozen=True)
class RoundTrips:
    """What has gone over a line.

    Attributes:
        port: on 127.0.0.1, where the line begins.
    """

    port: int
    _line: Proxy

    @property
    def count(self) -> int:
        """How often a client has spoken after the server had.

        For protocols of question and answer it is the number of round trips, of all connections
        together, whatever a question's size, and encrypted or not. A new connection has some of
        its own.
        """
        return self._line.round_trips


@contextmanager
def round_trips(port: int) -> Iterator[RoundTrips]:
    """Passes connections on to a server's port, and counts their round trips, until the block
    ends."""
    with closing(Proxy({port: port})) as line:
        yield RoundTrips(line.ports[port], line)
