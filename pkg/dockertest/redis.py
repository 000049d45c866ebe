"""Redis: `dockertest.start(Redis())`."""

import secrets
import socket
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from pkg.dockertest.errors import InvalidOption
from pkg.dockertest.service import Running, Server, Service, whole_number
from pkg.dockertest.snapshots.content import Content
from pkg.dockertest.snapshots.seed import Seed, refuse_function

if TYPE_CHECKING:
    import redis

Text: TypeAlias = str | bytes
Value: TypeAlias = Text | Mapping[Text, Text] | Sequence[Text] | Set[Text]

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
        data: keys that are there when the test gets the server, and their values: text or bytes,
            a dict for a hash, a list, a set. Anything else by a `Seed`. See `docs/snapshots.md`.
        whole: for tests on shared servers whose code needs all of a Redis: commands that no part
            of one may have. They get a fresh server; to others it is nothing new.

    Raises:
        InvalidOption: an option is out of its range, or a value is of no such type.
    """

    maxmemory_mb: int = 0
    data: Mapping[Text, Value] | Seed[RedisServer] = field(
        default_factory=dict, repr=False, hash=False
    )
    whole: bool = False

    service: ClassVar[str] = "redis"
    ports: ClassVar[tuple[int, ...]] = (_PORT,)
    memory_mb: ClassVar[int] = 512
    server_options: ClassVar[tuple[str, ...]] = ("maxmemory_mb", "data")

    def __post_init__(self) -> None:
        whole_number("Redis", "maxmemory_mb", self.maxmemory_mb, 0, self.memory_mb)
        refuse_function("Redis(data=…)", self.data)
        if not isinstance(self.data, Seed):
            object.__setattr__(self, "data", _checked(self.data))

    @property
    def is_whole(self) -> bool:
        return self.whole

    def content(self) -> Content | None:
        data = self.data
        if not data:
            return None
        if isinstance(data, Seed):
            parts: tuple[object, ...] = ("seed", *data.parts())
        else:
            parts = ("data", *sorted(map(_part, data.items())))

        def fill(server: RedisServer) -> None:
            with server.client() as client:
                if isinstance(data, Seed):
                    data.fill(server)
                else:
                    _put(client, data)
                client.save()

        return Content("Redis(data=…)", (*parts, self.maxmemory_mb), fill)

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


def _checked(data: object) -> "dict[Text, Value]":
    """The data, if it is some."""
    if not isinstance(data, Mapping):
        raise InvalidOption(
            f"Redis(data={type(data).__name__}): data must be a dict of keys and values, or "
            'Seed(function, version="1")'
        )
    for key, value in data.items():
        if isinstance(value, Mapping):
            texts = [*value, *value.values()]
        else:
            texts = list(value) if isinstance(value, list | tuple | Set) else [value]
        if not texts or not all(isinstance(text, str | bytes) for text in (key, *texts)):
            raise InvalidOption(
                f"Redis(data={{{key!r}: {type(value).__name__}}}): it must be text or bytes, or a "
                "dict, list or set of such that is not empty; for anything else take a Seed"
            )
    return dict(data)


def _part(item: "tuple[Text, Value]") -> str:
    """What decides of a key and its value, whatever the order of what has none."""
    key, value = item
    if isinstance(value, Mapping):
        shown = f"hash {sorted((_bytes(name), _bytes(text)) for name, text in value.items())}"
    elif isinstance(value, Set):
        shown = f"set {sorted(map(_bytes, value))}"
    elif isinstance(value, str | bytes):
        shown = f"text {_bytes(value)!r}"
    else:
        shown = f"list {[_bytes(text) for text in value]}"
    return f"{_bytes(key)!r} {shown}"


def _bytes(text: Text) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _put(client: "redis.Redis", data: "Mapping[Text, Value]") -> None:
    pipeline: Any = client.pipeline(transaction=False)
    for key, value in data.items():
        if isinstance(value, Mapping):
            pipeline.hset(key, mapping=value)
        elif isinstance(value, str | bytes):
            pipeline.set(key, value)
        elif isinstance(value, Set):
            pipeline.sadd(key, *value)
        else:
            pipeline.rpush(key, *value)
    pipeline.execute()
