"""What an operation can do without waiting needs no thread, and is answered like all else."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx
import pytest

from pkg.clock import FakeClock
from pkg.fault import Fault, Kind
from pkg.serving import Limits
from pkg.testutil import eventually
from services.api.rpc.bind import QUICK_BYTES
from services.api.rpc.call import Call, Operation
from services.api.testutil.serving import Api, serving
from services.api.wire.apis import CREATE_API, CreateApiRequest, CreatedApi


@dataclass
class Ways:
    """An operation with both ways, which tells the way in its answer.

    Attributes:
        go_on: what is asked for in a thread waits for it.
    """

    go_on: threading.Event = field(default_factory=threading.Event)
    in_threads: int = 0

    def run(self, _: Call, asked: CreateApiRequest) -> CreatedApi:
        """In a thread."""
        self.in_threads += 1
        assert self.go_on.wait(30)
        assert "worker" in threading.current_thread().name
        return CreatedApi(api_id="slow")

    def quick(self, call: Call, asked: CreateApiRequest) -> CreatedApi | None:
        """On the event loop, if the name says so."""
        if asked.name == "refused":
            raise Fault(Kind.FORBIDDEN, "forbidden", "You may not.")
        return CreatedApi(api_id=call.workspace_id) if asked.name == "quick" else None


@pytest.fixture
def ways() -> Ways:
    """Nobody waits."""
    made = Ways()
    made.go_on.set()
    return made


@pytest.fixture
def api(ways: Ways, clock: FakeClock) -> Iterator[Api]:
    """With one thread."""
    operation = Operation(CREATE_API, CreateApiRequest, ways.run, ways.quick)
    with serving([operation], clock, Limits(stop_delay=0, threads=1)) as made:
        yield made


def asked(api: Api, root_key: str, body: object) -> httpx.Response:
    """The answer to a request."""
    headers = {"authorization": f"Bearer {root_key}"}
    return api.served.http.post(CREATE_API.path, json=body, headers=headers)


def way(api: Api, root_key: str, name: str = "quick") -> str:
    """By which way it is answered."""
    answer = asked(api, root_key, {"name": name})
    assert answer.json()["meta"]["requestId"] == answer.headers["x-request-id"]
    return str(answer.json()["data"]["apiId"])


def test_a_root_key_that_is_not_in_memory_needs_a_thread(api: Api, clock: FakeClock) -> None:
    """Once, and again when it is not fresh any more."""
    root_key = api.root_key()
    for _ in range(2):
        assert way(api, root_key) == "slow"
        assert way(api, root_key) == "ws_1"
        assert way(api, root_key, "other") == "slow"
        clock.advance(3600)


def test_what_is_quick_waits_for_no_thread(api: Api, ways: Ways) -> None:
    """However long all threads hang."""
    root_key = api.root_key()
    assert way(api, root_key) == "slow"
    ways.go_on.clear()
    with ThreadPoolExecutor(1) as pool:
        hanging = pool.submit(way, api, root_key, "other")
        try:
            eventually(lambda: ways.in_threads == 2)
            assert way(api, root_key) == "ws_1"
        finally:
            ways.go_on.set()
        assert hanging.result() == "slow"


def test_a_long_body_is_read_in_a_thread(api: Api) -> None:
    """The others would wait for it."""
    root_key = api.root_key()
    assert way(api, root_key) == "slow"
    body = b'{"name":"quick"}'
    headers = {"authorization": f"Bearer {root_key}", "content-type": "application/json"}
    for length, expected in ((QUICK_BYTES, "ws_1"), (QUICK_BYTES + 1, "slow")):
        answer = api.served.http.post(CREATE_API.path, content=body.ljust(length), headers=headers)
        assert answer.json()["data"]["apiId"] == expected


def test_faults_are_told_alike(api: Api, ways: Ways) -> None:
    """Of the root key, of the body, and of the operation."""
    root_key = api.root_key()
    assert way(api, root_key) == "slow"
    for key, body, status in (
        (root_key, {"name": "refused"}, 403),
        (root_key, {"name": 1}, 400),
        ("nobodys", {"name": 1}, 401),
    ):
        for _ in range(2):
            answer = asked(api, key, body)
            assert answer.status_code == answer.json()["error"]["status"] == status
            assert answer.json()["meta"]["requestId"] == answer.headers["x-request-id"]
    assert ways.in_threads == 1
