"""What is stored when the process ends: killed amid keys.createKey, all of a key or nothing.

KILLS times at any moment, 4 unless told otherwise, and once before each table that a key is in.
"""

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, select

from pkg.clock import SystemClock
from pkg.db import Database
from pkg.dockertest.kafka import Kafka
from pkg.dockertest.mysql import MySQL
from pkg.dockertest.redis import Redis
from pkg.serving import processes
from pkg.serving.processes import Running
from pkg.testutil import eventually
from pkg.testutil.harness import needs
from services.api.domain import secret
from services.api.domain.stored import RootKey
from services.api.eventing import VERIFICATIONS
from services.api.store.apis import insert_api
from services.api.store.roles import insert_role
from services.api.store.root_keys import insert_root_key
from services.api.store.schema import SCHEMA
from services.api.store.tables import keys
from services.api.store.workspaces import insert_workspace
from services.api.testutil.process import MODULE, variables
from services.api.testutil.store import API, WORKSPACE, database, parts_of_keys
from services.vault.testutil.harness import VaultHarness
from services.vault.testutil.service import TOKEN

KILLS = int(os.environ.get("KILLS", "4"))
CLIENTS = 4
RIGHTS = frozenset(
    {"api.*.create_key", "api.*.encrypt_key", "api.*.verify_key", "rbac.*.create_permission"}
)
TABLES = (
    "api_keys",
    "credits",
    "ratelimits",
    "key_permissions",
    "key_roles",
    "encrypted_keys",
    "changes",
)


class Whole(VaultHarness):
    """All that an instance stands on, and a vault that serves.

    Attributes:
        db: the instance's database, with a workspace, an API and a role in it.
        root_key: may do what these tests do.
    """

    kafka = needs(Kafka(topics={VERIFICATIONS.name: 3}))
    mysql = needs(MySQL(schema=SCHEMA))
    redis = needs(Redis())

    def open(self) -> None:
        """Starts serving the vault."""
        super().open()
        self.db: Database = self.enter(closing(database(self.mysql)))
        made, now = secret.new("root", 16), SystemClock().now()
        self.root_key = made.text

        def work(connection: Connection) -> None:
            insert_workspace(connection, WORKSPACE, "acme", now)
            insert_api(connection, API, now)
            insert_role(connection, WORKSPACE, "role_1", "admin", now)
            key = RootKey("root_1", WORKSPACE, RIGHTS)
            insert_root_key(connection, key, made.digest, start=made.start, now=now)

        self.db.transaction(work)


h = Whole.fixture("module")


@dataclass(frozen=True)
class Client:
    """Makes keys with everything, of one process."""

    at: Running
    root_key: str

    def make(self, number: int) -> Any:
        """What is told of a key that was made.

        Raises:
            httpx.HTTPError: the process has gone.
        """
        return self.ask(
            "keys.createKey",
            apiId=API.id,
            externalId=f"user_{number}",
            meta={"n": number},
            credits={"remaining": number},
            ratelimits=[
                {"name": name, "limit": 3, "duration": 1000, "autoApply": True}
                for name in ("requests", "tokens")
            ],
            permissions=[f"a.{number}", "b"],
            roles=["admin"],
            recoverable=True,
        )

    def ask(self, route: str, **body: Any) -> Any:
        """What is told of a success.

        Raises:
            httpx.HTTPError: the process has gone.
        """
        answer = self.send(route, **body)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def send(self, route: str, **body: Any) -> httpx.Response:
        """The answer, whatever it is.

        Raises:
            httpx.HTTPError: the process has gone.
        """
        return httpx.post(
            f"{self.at.url}/v2/{route}",
            headers={"authorization": f"Bearer {self.root_key}"},
            timeout=30,
            trust_env=False,
            json=body,
        )


@contextmanager
def client(h: Whole, folder: Path) -> Iterator[Client]:
    """A client of a process that has just been started."""
    told = variables(h.mysql, h.redis, h.kafka, folder, vault_url=h.service.url, vault_token=TOKEN)
    with processes.running(MODULE, told) as api:
        yield Client(api, h.root_key)


def all_or_none(h: Whole) -> set[str]:
    """The keys that there are; each has all its rows."""
    found = parts_of_keys(h.db)
    whole = found["api_keys"]
    for table in TABLES:
        assert found[table] == whole, table
    return whole


@pytest.mark.parametrize("table", TABLES)
def test_killed_before_a_table(h: Whole, tmp_path: Path, table: str) -> None:
    """Nothing of the key is there, of whatever it had already in other tables."""
    with (
        client(h, tmp_path) as api,
        closing(h.mysql.client()) as other,
        other.cursor() as cursor,
        ThreadPoolExecutor(1) as pool,
    ):
        api.make(0)
        before = all_or_none(h)
        cursor.execute(f"LOCK TABLES {table} WRITE")
        making = pool.submit(api.make, 1)

        def waits() -> bool:
            cursor.execute(
                "SELECT COUNT(*) FROM information_schema.PROCESSLIST"
                " WHERE STATE LIKE 'Waiting for table metadata lock%'"
            )
            ((waiting,),) = cursor.fetchall()
            return bool(waiting)

        eventually(waits)
        api.at.process.kill()
        assert isinstance(making.exception(), httpx.HTTPError)
        cursor.execute("UNLOCK TABLES")
        eventually(lambda: not waits())
    assert all_or_none(h) == before


def keep_making(api: Client, done: set[str], seed: int) -> None:
    """Makes keys until the process has gone; some of what they name is there already."""
    numbers = Random(seed)
    with suppress(httpx.HTTPError):
        while True:
            done.add(api.make(numbers.randrange(1000))["keyId"])


def has(done: set[str], goal: int) -> bool:
    """Whether so many keys were made."""
    return len(done) >= goal


def test_killed_at_any_moment(h: Whole, tmp_path: Path) -> None:
    """Of what was answered, all is there."""
    random = Random(9)
    done: set[str] = set()
    pause = threading.Event()
    for _ in range(KILLS):
        goal = len(done) + random.randrange(5, 40)
        with client(h, tmp_path) as api, ThreadPoolExecutor(CLIENTS) as pool:
            running = [
                pool.submit(keep_making, api, done, random.randrange(1 << 30))
                for _ in range(CLIENTS)
            ]
            eventually(partial(has, done, goal), within=30, every=0.001)
            pause.wait(random.random() / 50)  # to be at another step of a key each time
            api.at.process.kill()
            for each in running:
                each.result()
        # What the server had been told to commit, it may still be about to.
        eventually(lambda: all_or_none(h))
        assert done <= all_or_none(h)


def test_a_database_that_hangs_is_told(h: Whole, tmp_path: Path) -> None:
    """Before the request's own time is over, so that it is known that nothing was done."""
    with client(h, tmp_path) as api:
        api.make(0)
        before = all_or_none(h)
        h.mysql.container.pause()
        refused = api.send("keys.createKey", apiId=API.id)
        h.mysql.container.resume()
        assert refused.status_code == 503, refused.text
        assert refused.json()["error"]["type"] == "urn:berth:api:database_unavailable"
        assert all_or_none(h) == before
        api.make(1)


def test_stopped_it_writes_what_it_has_noted(h: Whole, tmp_path: Path) -> None:
    """When keys were used last is written behind; a graceful stop waits for that."""
    with client(h, tmp_path) as api:
        key = api.make(0)
        assert api.ask("keys.verifyKey", key=key["key"])["code"] == "USAGE_EXCEEDED"
        api.at.process.send_signal(signal.SIGTERM)
        assert api.at.wait() == 0
    with h.db.read() as connection:
        found = connection.scalar(select(keys.c.last_used_at).where(keys.c.id == key["keyId"]))
    assert found is not None
