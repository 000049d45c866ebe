"""Redis: `dockertest.start(Redis())`."""

import secrets
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from pkg.dockertest.service import Running, Server, Service, whole_number

if TYPE_CHECKING:
    import redis

_PORT = 6379
_REPLY_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class RedisServer(Server):
    """A Redis server that is ready for use.

    Attributes:
        password: the user's.
        user: may do everything; on a shared server, with the keys and channels below `prefix`.
        administrator: the whole of a shared server, for what Redis cannot limit to a prefix.
    """

    password: str = field(repr=False)
    user: str = "default"
    administrator: "RedisServer | None" = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """What `redis.Redis.from_url` takes; it contains the password."""
        return f"redis://{self.user}:{self.password}@{self.host}:{self.port}/0"

    def client(self) -> "redis.Redis":
        """A new redis-py client; answers are bytes."""
        import redis

        return redis.Redis(
            host=self.host, port=self.port, username=self.user, password=self.password
        )

    def scan(self, match: str = "*") -> Iterator[bytes]:
        """The keys that match a pattern below `prefix`, whole, in no order.

        What SCAN does, which a tenant of a shared server may not send: it would tell of others'.
        """
        with (self.administrator or self).client() as client:
            yield from client.scan_iter(match=f"{self.prefix}{match}", count=1000)


@dataclass(frozen=True)
class Redis(Service[RedisServer]):
    """A Redis server that saves nothing to disk.

    Attributes:
        maxmemory_mb: memory for data in MiB; 0 sets no limit below the container's.

    Raises:
        InvalidOption: an option is out of its range.
    """

    maxmemory_mb: int = 0

    service: ClassVar[str] = "redis"
    ports: ClassVar[tuple[int, ...]] = (_PORT,)
    memory_mb: ClassVar[int] = 512
    server_options: ClassVar[tuple[str, ...]] = ("maxmemory_mb",)

    def __post_init__(self) -> None:
        whole_number("Redis", "maxmemory_mb", self.maxmemory_mb, 0, self.memory_mb)

    def environment(self, ports: Mapping[int, int]) -> dict[str, str]:
        return {
            "REDIS_PASSWORD": secrets.token_hex(16),
            "REDIS_MAXMEMORY": f"{self.maxmemory_mb}mb",
        }

    def result(self, running: Running) -> RedisServer:
        return RedisServer(
            host=running.host,
            port=running.ports[_PORT],
            container=running.container,
            password=running.environment["REDIS_PASSWORD"],
        )

    def check(self, server: RedisServer) -> None:
        """Authenticates and pings, without redis-py, whose client is 2 ms in the making."""
        address = (server.host, server.port)
        with socket.create_connection(address, timeout=_REPLY_SECONDS) as connection:
            connection.sendall(f"AUTH {server.user} {server.password}\r\nPING\r\n".encode())
            with connection.makefile("rb") as answers:
                for _ in ("AUTH", "PING"):
                    if not (answer := answers.readline()).startswith(b"+"):
                        raise ConnectionError(answer.decode().strip() or "no answer")

    def load(self) -> None:
        import redis  # noqa: F401
