"""From one test with raw access to the next: turn and last look are taken over, or let go."""

import os
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from pkg.dockertest.redis import Redis, RedisServer
from pkg.testutil import eventually
from pkg.testutil.containers import Containers, Leaked, leaks, whole
from pkg.testutil.containers.parted import Parted
from pkg.testutil.containers.turns import Turn, TurnTimeout, is_awaited

SERVICE = Redis.service
LONG_SECONDS = 600.0


@pytest.fixture(autouse=True)
def keeper(monkeypatch: pytest.MonkeyPatch) -> Iterator[whole.Keeper]:
    """Lets go of nothing by itself, however slow the machine is."""
    keeper = whole.Keeper(LONG_SECONDS)
    monkeypatch.setattr(whole, "keeper", keeper)
    monkeypatch.setattr("pkg.testutil.containers.shared.keeper", keeper)
    yield keeper
    keeper.let_go(SERVICE)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where stock was taken, one entry for each look."""
    taken: list[str] = []
    stock = leaks.stock

    def counted(parted: Parted) -> object:
        taken.append(parted.whole.container.name)
        return stock(parted)

    monkeypatch.setattr(leaks, "stock", counted)
    return taken


def is_free(*, whole: bool) -> bool:
    try:
        Turn(SERVICE, whole=whole, seconds=0).end()
    except TurnTimeout:
        return False
    return True


def with_raw(set_key: str = "") -> RedisServer:
    """What a test is that has the server whole, and may forget a key."""
    with Containers() as containers:
        server = containers.raw(Redis())
        if set_key:
            server.client().set(set_key, "x")
        return server


def test_the_last_look_is_the_next_tests_first(looks: list[str]) -> None:
    """One for each test, and one before them all."""
    for _ in range(3):
        with_raw()
    assert len(looks) == 4


def test_what_a_test_leaves_is_its_own(looks: list[str]) -> None:
    """Whatever was taken over before it; and the next one begins with a look of its own."""
    key = f"forgotten-{secrets.token_hex(4)}"
    with_raw()
    with pytest.raises(Leaked, match=f"left key {key}"):
        with_raw(set_key=key)
    assert len(looks) == 3
    try:
        with_raw()
        assert len(looks) == 5
    finally:
        with Containers() as containers, pytest.MonkeyPatch.context() as patch:
            patch.setenv(leaks.SETTING, "warn")
            containers.raw(Redis()).client().delete(key)
            with pytest.warns(UserWarning, match=f"removed key {key}"):
                containers.close()


def test_who_waits_comes_before_the_next_test(looks: list[str]) -> None:
    """A row of tests with raw access in one process keeps nobody away for longer than one."""
    with_raw()
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(Turn, SERVICE, whole=True)
        eventually(lambda: is_awaited(SERVICE))
        with Containers() as containers:
            next_one = pool.submit(lambda: other.result().end())
            containers.raw(Redis())
            next_one.result()
    assert len(looks) == 4


def test_a_part_of_it_is_had_at_once() -> None:
    """This process itself would wait for what it keeps."""
    with_raw()
    assert not is_free(whole=False)
    with Containers() as containers:
        assert containers.start(Redis()).client().ping()


def test_it_is_let_go_if_no_test_follows(keeper: whole.Keeper) -> None:
    """Soon: others may be about to come."""
    soon = whole.Keeper(0.05)
    with_raw()
    kept = keeper._kept.pop(SERVICE)
    soon.keep(kept)
    eventually(lambda: is_free(whole=True))


def test_another_server_is_looked_at_anew(looks: list[str], keeper: whole.Keeper) -> None:
    """One that has come in its place was seen by nobody."""
    with_raw()
    kept = keeper._kept[SERVICE]
    kept.parted = Parted(kept.parted.running, kept.parted.whole, kept.parted.tenancy, "later")
    with_raw()
    assert len(looks) == 4


def test_a_forked_child_keeps_no_turn_of_its_parents(keeper: whole.Keeper) -> None:
    """However long it lives."""
    with_raw()
    read, write = os.pipe()
    if not (child := os.fork()):
        os.read(read, 1)
        os._exit(0)
    try:
        keeper.let_go(SERVICE)
        eventually(lambda: is_free(whole=True))
    finally:
        os.write(write, b"x")
        os.waitpid(child, 0)
        os.close(read)
        os.close(write)
