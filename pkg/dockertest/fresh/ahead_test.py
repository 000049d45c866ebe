"""What is made ahead is what comes, ends with the session however that ends, and hides no error."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from pkg.dockertest import Scope, ServerDied, ahead, engine, slots
from pkg.dockertest.ahead import Stock
from pkg.dockertest.lease import Lease
from pkg.dockertest.redis import Redis, RedisServer
from pkg.testutil import eventually

HEAD = """
import os, time
import pytest
from pkg.dockertest import Scope, ahead
from pkg.dockertest.redis import Redis
from pkg.testutil import eventually
"""


@pytest.fixture(autouse=True)
def nothing_ahead() -> None:
    """What this session has ahead is none of these tests'."""
    ahead.stock.close()
    slots.idle.close()


@pytest.fixture
def stock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The stock that scopes take from, and nobody else asks for anything."""
    own = Stock()
    monkeypatch.setattr(ahead, "stock", own)
    yield own
    own.close()


def lease(stock: Stock, at: int = 0) -> Lease[RedisServer]:
    """What has become of a wish."""
    found: Lease[RedisServer] = stock._wishes[at].lease.result(30)
    return found


def owned(pid: int) -> set[str]:
    owner = f"berth.owner={os.uname().nodename}:{pid}"
    return {one["Names"][0].removeprefix("/") for one in engine.connect().containers(owner)}


class Broken(Redis):
    """It never starts, and counts how often it was tried."""

    tries = 0

    def environment(self, ports: Mapping[int, int]) -> dict[str, str]:
        type(self).tries += 1
        return super().environment(ports) | {"REDIS_PASSWORD": ""}


def test_what_is_wanted_is_taken(stock: Stock) -> None:
    """By its value, not by its identity; another value is not it."""
    stock.want([Redis(maxmemory_mb=32)])
    name = lease(stock).server.container.name
    with Scope() as scope:
        assert scope.start(Redis(maxmemory_mb=33)).container.name != name
        assert scope.start(Redis(maxmemory_mb=32)).container.name == name
        assert scope.start(Redis(maxmemory_mb=32)).container.name != name
        assert [one.is_ahead for one in scope.started] == [False, True, False]


def test_what_is_still_wanted_is_kept_and_the_rest_goes(stock: Stock) -> None:
    """What is given up can be taken by whatever comes."""
    stock.want([Redis(maxmemory_mb=32), Redis(maxmemory_mb=33)])
    kept, gone = lease(stock, 0), lease(stock, 1)
    stock.want([Redis(maxmemory_mb=32)])
    assert lease(stock) is kept
    with Scope() as scope:
        assert scope.start(Redis(maxmemory_mb=34)).container.name == gone.server.container.name


@pytest.mark.parametrize("bound", [{"most": 2}, {"most_mb": 3 * Redis.memory_mb - 1}])
def test_what_is_ahead_is_bounded(bound: dict[str, int]) -> None:
    """In number, and in the memory that the servers may take; the next test's come first."""
    with closing(Stock(**bound)) as stock:
        stock.want([Redis(maxmemory_mb=mb) for mb in (32, 33, 34)])
        assert [wish.service for wish in stock._wishes] == [
            Redis(maxmemory_mb=32),
            Redis(maxmemory_mb=33),
        ]
        lease(stock, 1)


def test_a_server_that_died_while_waiting_is_not_handed_over(stock: Stock) -> None:
    """The test gets another one."""
    stock.want([Redis()])
    ready = lease(stock)
    name = ready.server.container.name
    engine.connect().request("DELETE", f"/containers/{name}", {"force": 1})
    eventually(lambda: time.monotonic() > ready.ready + 1)
    with Scope() as scope:
        server = scope.start(Redis())
        assert server.container.name != name
        assert server.client().ping()


def test_a_server_whose_process_died_while_waiting_is_not_handed_over(stock: Stock) -> None:
    """Its container is alive."""
    stock.want([Redis()])
    ready = lease(stock)
    with suppress(Exception):
        ready.server.client().shutdown(nosave=True, now=True)
    eventually(lambda: ready.server.container.ended() == "code 0")
    eventually(lambda: time.monotonic() > ready.ready + 1)
    with Scope() as scope:
        assert scope.start(Redis()).client().ping()


def test_what_fails_ahead_fails_in_the_test(stock: Stock) -> None:
    """With the error that the test would have had."""
    Broken.tries = 0
    stock.want([Broken()])
    with pytest.raises(ServerDied):
        lease(stock)
    with Scope() as scope, pytest.raises(ServerDied, match=r"redis from \S+ ended"):
        scope.start(Broken())
    assert Broken.tries == 2


def test_the_end_of_the_stock_ends_what_is_still_being_made(stock: Stock) -> None:
    """Its container, too: nobody will take it."""
    name: list[str] = []
    seen, go_on = threading.Event(), threading.Event()

    class Slow(Redis):
        def environment(self, ports: Mapping[int, int]) -> dict[str, str]:
            seen.set()
            go_on.wait(10)
            return super().environment(ports)

    stock.want([Slow()])
    assert seen.wait(30)
    name += owned(os.getpid())
    assert name
    stock.close()
    go_on.set()
    eventually(lambda: not owned(os.getpid()))


def test_a_fork_while_servers_are_made_ahead_has_none(stock: Stock) -> None:
    """The child starts its own, and takes none of its parent's."""
    stock.want([Redis(), Redis(maxmemory_mb=32)])
    child = os.fork()
    if child == 0:
        code = 1
        with suppress(BaseException), Scope() as scope:
            code = 0 if scope.start(Redis()).client().ping() else 2
        os._exit(code)
    try:
        status = eventually(lambda: waited(child), within=60)
    except BaseException:
        os.kill(child, signal.SIGKILL)
        raise
    assert status == (child, 0)
    with Scope() as scope:
        assert all(one.client().ping() for one in scope.start(Redis(), Redis(maxmemory_mb=32)))


def waited(child: int) -> tuple[int, int] | None:
    pid, status = os.waitpid(child, os.WNOHANG)
    return (pid, status) if pid else None


def session(
    directory: Path, text: str, *options: str, **environment: str
) -> "subprocess.Popen[str]":
    """A session of pytest's in a process of its own, on one file."""
    file = directory / "some_test.py"
    file.write_text(HEAD + text)
    arguments = ["-m", "pytest", "-q", "-p", "pkg.dockertest.plugin", "-p", "no:cacheprovider"]
    return subprocess.Popen(
        [sys.executable, *arguments, "--import-mode=importlib", *options, str(file)],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def output(process: "subprocess.Popen[str]") -> str:
    """What it printed until it ended; then none of its containers is there, soon."""
    try:
        told, _ = process.communicate(timeout=60)
    except BaseException:
        process.kill()
        raise
    eventually(lambda: not owned(process.pid), within=10)
    return told


TWENTY = """
@pytest.mark.services(Redis())
@pytest.mark.parametrize("n", range(20))
def test_one(dockertest: Scope, n: int) -> None:
    dockertest.start(Redis())
    {what}
"""


def test_the_first_failure_ends_the_session_and_what_is_ahead(tmp_path: Path) -> None:
    """pytest -x."""
    assert "1 failed" in output(session(tmp_path, TWENTY.format(what="assert n != 0"), "-x"))


def test_an_interrupted_session_leaves_nothing(tmp_path: Path) -> None:
    """Ctrl-C at any moment, also while servers are being made ahead."""
    for delay in (0.0, 0.1, 0.3):
        what = "print('go', flush=True); time.sleep(0.2)"
        process = session(tmp_path, TWENTY.format(what=what), "-s")
        assert process.stdout
        while "go" not in process.stdout.readline():
            pass
        threading.Event().wait(delay)  # the moment is what is tried
        process.send_signal(signal.SIGINT)
        assert "KeyboardInterrupt" in output(process)


READY = """
from pkg.dockertest.coming import starts

def begun():
    return ahead.stock._wishes and all(wish.is_begun for wish in ahead.stock._wishes)

def test_marks_are_read(dockertest: Scope) -> None:
    eventually(begun)

@pytest.mark.services(Redis())
def test_marked(dockertest: Scope) -> None:
    dockertest.start(Redis())
    assert dockertest.started[0].is_ahead
    eventually(begun)

@pytest.fixture
@starts(Redis(maxmemory_mb=32))
def small(dockertest: Scope):
    return dockertest.start(Redis(maxmemory_mb=32))

def test_by_its_fixture(dockertest: Scope, small) -> None:
    assert dockertest.started[0].is_ahead

def test_one(dockertest: Scope) -> None:
    dockertest.start(Redis(maxmemory_mb=33))

def test_other(dockertest: Scope) -> None:
    dockertest.start(Redis(maxmemory_mb=33))
    eventually(begun)

def test_as_the_ones_before(dockertest: Scope) -> None:
    dockertest.start(Redis(maxmemory_mb=33))
    assert dockertest.started[0].is_ahead
"""


def test_what_tests_say_is_ready_or_on_its_way_when_they_begin(tmp_path: Path) -> None:
    """By a marker, by a fixture, and as the test before in the file."""
    assert "6 passed" in output(session(tmp_path, READY))


def test_deselected_tests_ask_for_nothing(tmp_path: Path) -> None:
    """-k."""
    text = """
@pytest.mark.services(Redis(maxmemory_mb=32))
def test_left_out(dockertest: Scope) -> None: ...

@pytest.mark.services(Redis(maxmemory_mb=33))
def test_chosen(dockertest: Scope) -> None:
    assert [wish.service.maxmemory_mb for wish in ahead.stock._wishes] == [33]

@pytest.mark.services(Redis(maxmemory_mb=34))
def test_left_out_also(dockertest: Scope) -> None: ...
"""
    assert "1 passed" in output(session(tmp_path, text, "-k", "chosen"))


def test_a_fixture_says_what_it_starts(tmp_path: Path) -> None:
    """One that starts it on shared servers has nothing made ahead here."""
    text = """
from pkg.dockertest.coming import starts

@pytest.fixture
@starts(Redis(maxmemory_mb=32))
def fresh(dockertest: Scope) -> None: ...

@pytest.fixture
@starts(Redis(maxmemory_mb=33))
def shared() -> None: ...

def test_one(shared: None) -> None:
    assert [wish.service.maxmemory_mb for wish in ahead.stock._wishes] == [32]

def test_other(fresh: None) -> None: ...
"""
    assert "2 passed" in output(session(tmp_path, text))


def test_a_mark_that_names_no_value_is_the_tests_error(tmp_path: Path) -> None:
    """And no other test's."""
    text = """
@pytest.mark.services(Redis(), Redis)
def test_a_class() -> None: ...

@pytest.mark.services("redis")
def test_a_name() -> None: ...

def test_another() -> None: ...
"""
    told = output(session(tmp_path, text))
    assert "1 passed, 2 errors" in told
    assert "services(Redis): a class needs its parentheses: services(Redis())" in told
    assert "services() takes services such as Redis(), and not 'redis'" in told


WORKER = """
import pytest
from pkg.dockertest import ahead

def pytest_configure(config):
    config.workerinput = {"workerid": "gw0"}  # as a worker of pytest-xdist has it

@pytest.hookimpl(trylast=True)
def pytest_collection_finish():
    assert not ahead.stock._wishes
"""


def test_a_worker_asks_for_its_test_and_the_next_one(tmp_path: Path) -> None:
    """Which other tests of the session are its own, it does not know."""
    (tmp_path / "conftest.py").write_text(WORKER)
    text = """
def asked():
    return [wish.service.maxmemory_mb for wish in ahead.stock._wishes]

@pytest.mark.services(Redis(maxmemory_mb=32))
def test_one(dockertest: Scope) -> None:
    assert asked() == [32, 33]

@pytest.mark.services(Redis(maxmemory_mb=33))
def test_other(dockertest: Scope) -> None:
    assert asked() == [33, 34]

@pytest.mark.services(Redis(maxmemory_mb=34))
def test_last(dockertest: Scope) -> None:
    assert asked() == [34]
"""
    assert "3 passed" in output(session(tmp_path, text))


def test_workers_of_xdist_have_their_own(tmp_path: Path) -> None:
    """One that is killed leaves nothing, and its test is told."""
    pytest.importorskip("xdist")
    what = "n == 3 and os.kill(os.getpid(), 9)"
    told = output(session(tmp_path, TWENTY.format(what=what), "-n2", "-p", "xdist"))
    assert "1 failed, 19 passed" in told
    assert "crashed" in told
