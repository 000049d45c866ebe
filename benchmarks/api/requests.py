"""The service as a process on one processor, on servers of its own, and what it is asked."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks import load
from benchmarks.api.serve import EMPTY, EMPTY_IN_A_THREAD
from pkg.clock import SystemClock
from pkg.db import Config, Database, Server
from pkg.dockertest import Scope
from pkg.dockertest.kafka import Kafka
from pkg.dockertest.mysql import MySQL, MySQLServer
from pkg.dockertest.redis import Redis
from pkg.testutil.processes import line, python
from pkg.testutil.round_trips import RoundTrips, round_trips
from services.api.eventing import VERIFICATIONS
from services.api.store.schema import SCHEMA
from services.api.wire import Route
from services.api.wire.apis import CREATE_API
from services.api.wire.keys import CREATE_KEY
from services.api.wire.verification import VERIFY_KEY
from services.api.workspaces import new_workspace

_SERVE = "from benchmarks.api import serve; serve.main()"
_PARTITIONS = 3
# Never used up, so that each request does the same: a second's units are remembered.
_LIMIT = {"name": "requests", "limit": 100_000, "duration": 1000, "autoApply": True}
_CREDITS = {"remaining": 10**12}


@dataclass(frozen=True)
class Requests:
    """What a service that serves is asked.

    Attributes:
        empty: a route that does nothing, without a thread.
        empty_in_a_thread: one that does nothing in a thread.
        verify: a key that has neither limits nor credits.
        verify_limit: a key with one limit.
        verify_credits: a key with credits.
        create: a key in an API.
        mysql: where the keys are.
        trips: the service's round trips to it, if they are counted.
    """

    empty: load.Request
    empty_in_a_thread: load.Request
    verify: load.Request
    verify_limit: load.Request
    verify_credits: load.Request
    create: load.Request
    mysql: MySQLServer
    trips: RoundTrips | None


@contextmanager
def serving(*, counting: bool = False) -> Iterator[Requests]:
    """A service that serves on MySQL, Redis and Kafka, with the keys that it is asked for.

    This process stays off the service's processor meanwhile, where there are two; the servers run
    wherever the kernel has them.

    Args:
        counting: whether its round trips to MySQL are counted, which makes them slower.
    """
    with ExitStack() as opened, Scope() as scope, tempfile.TemporaryDirectory() as folder:
        mysql, redis, kafka = scope.start(
            MySQL(schema=SCHEMA), Redis(), Kafka(topics={VERIFICATIONS.name: _PARTITIONS})
        )
        clock, where = SystemClock(), _where(mysql)
        with Database(Config(primary=Server(**where)), clock=clock) as db:
            _, root_key = new_workspace(db, "benchmark", clock)
        trips = opened.enter_context(round_trips(mysql.port)) if counting else None
        if trips:
            where |= {"host": "127.0.0.1", "port": trips.port}
        told = {
            "mysql": where,
            "redis_url": redis.url,
            "kafka": kafka.config,
            "folder": folder,
            "secrets": [mysql.password, redis.password, kafka.password],
        }
        with python(_SERVE) as server, load.apart() as processor:
            assert server.stdin
            server.stdin.write(json.dumps({"processor": processor, **told}) + "\n")
            server.stdin.flush()
            host, _, port = line(server).removeprefix("http://").rpartition(":")
            yield _Asked((host, int(port)), server.pid, root_key).all(mysql, trips)


def _where(mysql: MySQLServer) -> dict[str, Any]:
    names = ("host", "port", "user", "password", "database")
    return {name: getattr(mysql, name) for name in names}


@dataclass(frozen=True)
class _Asked:
    address: tuple[str, int]
    pid: int
    root_key: str

    def all(self, mysql: MySQLServer, trips: RoundTrips | None) -> Requests:
        """All requests; the keys that they are about are made."""
        api = {"apiId": self._made(CREATE_API, {"name": "benchmark"}, "apiId")}
        return Requests(
            empty=self._request(EMPTY, {}),
            empty_in_a_thread=self._request(EMPTY_IN_A_THREAD, {}),
            verify=self._verify(api),
            verify_limit=self._verify({**api, "ratelimits": [_LIMIT]}),
            verify_credits=self._verify({**api, "credits": _CREDITS}),
            create=self._request(CREATE_KEY, api),
            mysql=mysql,
            trips=trips,
        )

    def _verify(self, created: Mapping[str, object]) -> load.Request:
        key = self._made(CREATE_KEY, created, "key")
        return self._request(VERIFY_KEY, {"key": key}, b'"code":"VALID"')

    def _made(self, route: Route, body: Mapping[str, object], name: str) -> str:
        answer = json.loads(load.once(self._request(route, body)))
        return str(answer["data"][name])

    def _request(
        self, route: Route, body: Mapping[str, object], expects: bytes = b'"requestId"'
    ) -> load.Request:
        content = json.dumps(body).encode()
        return load.post(self.address, self.pid, route.path, self.root_key, content, expects)
