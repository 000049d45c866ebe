"""MySQL is killed and comes back: warm keys verify, changes fail clearly, nothing is half done."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
from sqlalchemy import select

from pkg.testutil import eventually
from services.api.store.tables import METADATA
from services.api.testutil.harness import ApiHarness
from services.api.testutil.store import parts_of_keys
from services.api.verifying.last_uses import EVERY_SECONDS

h = ApiHarness.fixture()
LIMIT = {"name": "requests", "limit": 3, "duration": 60_000, "autoApply": True}


class Caller:
    """A client with a root key that may do everything, which looks at answers as they come."""

    def __init__(self, h: ApiHarness) -> None:
        self.workspace_id = h.create_workspace().id
        self._headers = {"authorization": f"Bearer {h.create_root_key(self.workspace_id)}"}
        self._http = h.served.http

    def ask(self, route: str, **body: Any) -> httpx.Response:
        """The answer."""
        return self._http.post(f"/v2/{route}", json=body, headers=self._headers)

    def done(self, route: str, **body: Any) -> Any:
        """What is told of a success."""
        answer = self.ask(route, **body)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def verified(self, key: str) -> str:
        """The code of a verification."""
        code: str = self.done("keys.verifyKey", key=key)["code"]
        return code


def is_told(answer: httpx.Response) -> None:
    """The outage is, in the shape that callers expect; nothing of the server is."""
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["retry-after"]) > 0
    body = answer.json()
    assert body["meta"]["requestId"].startswith("req_")
    assert body["error"] == {
        "detail": "The database does not serve. Nothing was done; try again later.",
        "status": 503,
        "title": "Service Unavailable",
        "type": "urn:berth:api:database_unavailable",
    }


def rows(h: ApiHarness) -> dict[str, list[Any]]:
    """All that is stored, but for when keys were used last: that is written behind."""
    with h.db.read() as connection:
        return {
            name: sorted(
                map(
                    tuple,
                    connection.execute(
                        select(*(each for each in table.columns if each.name != "last_used_at"))
                    ),
                ),
                key=repr,
            )
            for name, table in METADATA.tables.items()
        }


def test_an_instance_lives_through_an_outage(h: ApiHarness) -> None:
    """What is known goes on, what is not is refused; it is well again without being restarted."""
    caller = Caller(h)
    api_id = caller.done("apis.createApi", name="payments")["apiId"]
    wanted: dict[str, dict[str, Any]] = {
        "plain": {},
        "limited": {"ratelimits": [LIMIT]},
        "paid": {"credits": {"remaining": 5}},
        "cold": {},
    }
    made = {
        name: caller.done("keys.createKey", apiId=api_id, **asked) for name, asked in wanted.items()
    }
    for name in ("plain", "limited", "paid"):
        assert caller.verified(made[name]["key"]) == "VALID"
    key_id = made["plain"]["keyId"]
    changes: dict[str, dict[str, Any]] = {
        "apis.createApi": {"name": "another"},
        "apis.deleteApi": {"apiId": api_id},
        "keys.createKey": {"apiId": api_id, "credits": {"remaining": 1}, "permissions": ["a"]},
        "keys.updateKey": {"keyId": key_id, "name": "another", "permissions": ["a"]},
        "keys.deleteKey": {"keyId": key_id},
        "keys.rerollKey": {"keyId": key_id, "expiration": 0},
        "keys.updateCredits": {"keyId": key_id, "operation": "set", "value": 1},
        "keys.addPermissions": {"keyId": key_id, "permissions": ["a"]},
        "keys.setPermissions": {"keyId": key_id, "permissions": []},
        "permissions.createPermission": {"name": "a", "slug": "a"},
        "ratelimit.setOverride": {
            "namespace": "sms",
            "identifier": "*",
            "limit": 1,
            "duration": 1000,
        },
    }
    caller.done(
        "ratelimit.limit", namespace="sms", identifier="user", limit=9, duration=60_000, cost=1
    )
    before = rows(h)
    h.mysql.container.kill()

    assert {caller.verified(made["plain"]["key"]) for _ in range(10)} == {"VALID"}
    assert [caller.verified(made["limited"]["key"]) for _ in range(3)] == [
        "VALID",
        "VALID",
        "RATE_LIMITED",
    ]
    for route, body in changes.items():
        is_told(caller.ask(route, **body))
    # What nobody knows by heart: credits are exact, and this key was never seen.
    is_told(caller.ask("keys.verifyKey", key=made["paid"]["key"]))
    is_told(caller.ask("keys.verifyKey", key=made["cold"]["key"]))
    is_told(caller.ask("keys.getKey", keyId=key_id))
    assert h.served.http.get("/health/ready").status_code == 503
    assert h.served.http.get("/health/live").status_code == 200
    # What is not fresh any more is good enough while it can't be loaded anew.
    h.clock.advance(15)
    assert caller.verified(made["plain"]["key"]) == "VALID"

    h.mysql.container.restart()
    eventually(lambda: caller.ask("keys.getKey", keyId=key_id).status_code == 200, within=20)
    assert rows(h) == before
    h.clock.advance(1)  # what it needs is asked once a second at most
    eventually(lambda: h.served.http.get("/health/ready").status_code == 200)
    for name in ("plain", "paid", "cold"):
        assert caller.verified(made[name]["key"]) == "VALID"
    for route in ("keys.createKey", "keys.updateKey", "keys.updateCredits"):
        caller.done(route, **changes[route])
    # Uses during the outage are not forgotten.
    h.clock.advance(EVERY_SECONDS)
    eventually(lambda: "lastUsedAt" in caller.done("keys.getKey", keyId=made["limited"]["keyId"]))


def test_keys_that_are_made_while_it_goes_are_whole(h: ApiHarness) -> None:
    """Each answer is a success, or says what it is; and every key has all its rows, or none."""
    caller = Caller(h)
    api_id = caller.done("apis.createApi", name="payments")["apiId"]
    done: set[str] = set()
    statuses: set[int] = set()
    stop = threading.Event()

    def keep_making() -> None:
        while not stop.is_set():
            answer = caller.ask(
                "keys.createKey",
                apiId=api_id,
                credits={"remaining": 1},
                ratelimits=[LIMIT, {**LIMIT, "name": "tokens"}],
                permissions=["a.read"],
                recoverable=True,
            )
            statuses.add(answer.status_code)
            if answer.status_code == 200:
                done.add(answer.json()["data"]["keyId"])

    def has(goal: int) -> Callable[[], bool]:
        return lambda: len(done) > goal

    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(keep_making) for _ in range(4)]
        for turn in range(1, 4):
            eventually(has(15 * turn), within=30)
            h.mysql.container.kill()
            h.mysql.container.restart()
        eventually(has(60), within=30)
        stop.set()
        for each in running:
            each.result()
    assert statuses <= {200, 503, 504}
    found = parts_of_keys(h.db)
    made = found.pop("api_keys")
    assert done <= made
    for table in ("credits", "ratelimits", "key_permissions", "encrypted_keys"):
        assert found[table] == made, table
    assert {each for each in found["changes"] if each.startswith("key_")} == made
