"""For tests: ways of a Redis to be there and to refuse, and how each ends."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

from pkg.dockertest.redis import RedisServer
from pkg.testutil.eventually import eventually

_OTHER = "another-password"


# By a server and a client of it.
_Step: TypeAlias = Callable[[RedisServer, Any], object]


@dataclass(frozen=True)
class Refusal:
    """A state of a server of a test's own, and how it begins and ends."""

    begin: _Step
    end: _Step

    @contextmanager
    def on(self, server: RedisServer) -> Iterator[None]:
        """Puts the server into it, until the block ends."""
        # One connection for both: a password that is another meanwhile does not count for it.
        with server.client() as client:
            self.begin(server, client)
            yield
            self.end(server, client)


def _set(name: str, value: str) -> _Step:
    return lambda _, client: client.config_set(name, value)


def _rights(*rules: str) -> _Step:
    return lambda _, client: client.execute_command("ACL SETUSER", "default", *rules)


def _change_password(_: RedisServer, client: Any) -> None:
    client.execute_command("ACL SETUSER", "default", "resetpass", f">{_OTHER}")
    # Whoever was let in before would stay.
    client.execute_command("CLIENT KILL", "TYPE", "normal", "SKIPME", "yes")


def _restore_password(server: RedisServer, client: Any) -> None:
    client.execute_command("ACL SETUSER", "default", f">{server.password}")


def _fail_to_save(server: RedisServer, client: Any) -> None:
    server.container.fill_disk()
    client.config_set("save", "3600 1")
    client.bgsave()
    eventually(lambda: client.info("persistence")["rdb_last_bgsave_status"] == "err")


def _save_nothing(server: RedisServer, client: Any) -> None:
    client.config_set("save", "")
    server.container.free_disk()


REFUSALS = {
    "its memory is full": Refusal(_set("maxmemory", "1"), _set("maxmemory", "0")),
    "it is a replica": Refusal(
        lambda _, client: client.replicaof("127.0.0.1", 1),
        lambda _, client: client.replicaof("NO", "ONE"),
    ),
    "it has no replicas": Refusal(
        _set("min-replicas-to-write", "1"), _set("min-replicas-to-write", "0")
    ),
    "it can't save": Refusal(_fail_to_save, _save_nothing),
    "the user may nothing": Refusal(_rights("resetkeys"), _rights("allkeys")),
    "its password is another": Refusal(_change_password, _restore_password),
}
