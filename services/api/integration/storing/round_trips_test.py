"""How often a request waits for MySQL and for Redis: counted on the line, from the SDK on."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pkg.db.hearing import hearing
from pkg.dockertest.mysql import MySQLServer
from pkg.testutil.round_trips import RoundTrips, round_trips
from services.api.store.roles import insert_role
from services.api.testutil.harness import ApiHarness

_numbers = itertools.count(1)


class Counted(ApiHarness):
    """An instance whose round trips are counted.

    Attributes:
        direct: MySQL, past the line on which is counted.
        to_mysql: what has gone to it.
        to_redis: what has gone to Redis.
    """

    def open(self) -> None:
        """Starts serving."""
        self.direct: MySQLServer = self.mysql
        self.to_mysql = self._counted("mysql")
        self.to_redis = self._counted("redis")
        super().open()

    def _counted(self, name: str) -> RoundTrips:
        server = self.servers_by_name[name]
        counted = self.enter(round_trips(server.port))
        self.servers_by_name[name] = replace(server, host="127.0.0.1", port=counted.port)
        return counted


h = Counted.fixture()


def everything(permissions: list[str]) -> dict[str, Any]:
    """What a key can have; its identity is new."""
    return {
        "prefix": "prod",
        "name": "a key",
        "external_id": f"user_{next(_numbers)}",
        "meta": {"plan": "free"},
        "credits": {"remaining": 5, "refill": {"interval": "daily", "amount": 10}},
        "ratelimits": [
            {"name": name, "limit": 3, "duration": 60_000, "auto_apply": True}
            for name in ("requests", "tokens", "uploads")
        ],
        "permissions": permissions,
        "roles": ["admin"],
        "recoverable": True,
        "expires": 4_000_000_000_000,
    }


@pytest.fixture
def caller(h: Counted) -> tuple[Any, str]:
    """The SDK with a root key that is warm, and an API in a workspace that has a role."""
    workspace_id = h.create_workspace().id
    h.db.transaction(
        lambda connection: insert_role(connection, workspace_id, "role_1", "admin", h.clock.now())
    )
    sdk: Any = h.sdk(h.create_root_key(workspace_id))
    api_id = sdk.apis.create_api(name="payments").data.api_id
    sdk.keys.create_key(api_id=api_id, **everything(["a.read"]))
    return sdk, api_id


def test_a_key_is_made_in_two_and_the_commit(h: Counted, caller: tuple[Any, str]) -> None:
    """A look and a batch, whatever the key has: nothing, what is there, or what is made with it."""
    sdk, api_id = caller
    same = everything(["a.read"])
    for asked, statements in (
        ({}, 2),
        (everything(["a.read", "a.new"]), 9),
        (same, 8),
        (same, 7),
    ):
        before, redis_before = h.to_mysql.count, h.to_redis.count
        with hearing(h.direct) as heard:
            made = sdk.keys.create_key(api_id=api_id, **asked).data
        assert h.to_mysql.count - before == 3
        assert h.to_redis.count == redis_before
        # The server's own log: a batch is the statements that are in it.
        assert [each.split()[0] for each in heard] == [
            "SELECT",
            *["INSERT"] * statements,
            "COMMIT",
        ]
        told = sdk.keys.get_key(key_id=made.key_id, decrypt=True).data
        if asked:
            assert told.plaintext == made.key
            assert set(told.permissions) == set(asked["permissions"])
            assert told.roles == ["admin"]
            assert told.identity.external_id == asked["external_id"]
            assert [each.name for each in told.ratelimits] == ["requests", "tokens", "uploads"]


def test_many_permissions_change_in_as_many_as_one(h: Counted, caller: tuple[Any, str]) -> None:
    """Those that there are: added, taken, set."""
    sdk, api_id = caller
    slugs = [f"slug_{n}" for n in range(32)]
    key_id = sdk.keys.create_key(api_id=api_id, permissions=slugs).data.key_id
    own = sdk.keys.create_key(api_id=api_id, permissions=["a.read"]).data.key_id

    def trips(change: Callable[..., Any], of: str, permissions: list[str]) -> int:
        before = h.to_mysql.count
        change(key_id=of, permissions=permissions)
        return h.to_mysql.count - before

    keys = sdk.keys
    for change, of in ((keys.remove_permissions, key_id), (keys.add_permissions, own)):
        assert trips(change, of, slugs[:1]) == trips(change, of, slugs[1:31])
    assert trips(keys.set_permissions, own, slugs[:1]) == trips(keys.set_permissions, own, slugs)
    assert sdk.keys.get_key(key_id=key_id).data.permissions == slugs[31:]


def test_a_warm_verification_is_one_to_redis(h: Counted, caller: tuple[Any, str]) -> None:
    """However many limits it counts; MySQL is asked for credits alone."""
    sdk, api_id = caller
    limits = everything([])["ratelimits"]
    key = sdk.keys.create_key(api_id=api_id, ratelimits=limits).data.key
    paid = sdk.keys.create_key(api_id=api_id, credits={"remaining": 5}).data.key
    for each, mysql, redis in ((key, 0, 1), (paid, 1, 0)):
        sdk.keys.verify_key(key=each)
        before = h.to_mysql.count, h.to_redis.count
        assert sdk.keys.verify_key(key=each).data.valid
        assert (h.to_mysql.count - before[0], h.to_redis.count - before[1]) == (mysql, redis)


def test_many_limits_are_one_to_redis(h: Counted, caller: tuple[Any, str]) -> None:
    """Each is decided for itself, also one that stands twice; Redis has run one script."""
    sdk, _ = caller

    def asked(identifier: str, cost: int, namespace: str = "sms") -> dict[str, Any]:
        return {
            "namespace": namespace,
            "identifier": identifier,
            "limit": 5,
            "duration": 60_000,
            "cost": cost,
        }

    for _ in range(2):  # the first one makes the name spaces, the second one finds them
        sdk.ratelimit.multi_limit(request=[asked("warm", 1), asked("warm", 1, "e-mail")])
    wanted = [asked("a", 4), asked("a", 2), asked("a", 1), asked("a", 3, "e-mail"), asked("b", 6)]
    scripts_before = scripts(h)
    before = h.to_mysql.count, h.to_redis.count
    told = sdk.ratelimit.multi_limit(request=wanted).data
    assert (h.to_mysql.count - before[0], h.to_redis.count - before[1]) == (0, 1)
    assert scripts(h) - scripts_before == 1
    assert [(each.passed, each.remaining) for each in told.limits] == [
        (True, 1),
        (False, 1),
        (True, 0),
        (True, 2),
        (False, 5),
    ]
    assert not told.passed


def scripts(h: Counted) -> int:
    """How often Redis has run a script."""
    with h.redis.client() as client:
        calls: int = client.info("commandstats")["cmdstat_evalsha"]["calls"]
    return calls
