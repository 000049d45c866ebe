"""A server in a used container cannot be told from one in a new one, and no test is told."""

import os
from collections.abc import Callable
from contextlib import suppress

import pytest

from pkg.dockertest import EngineError, Scope, engine, slots
from pkg.dockertest.container import Container
from pkg.dockertest.redis import Redis, RedisServer
from pkg.testutil import eventually
from pkg.testutil.processes import line, python


@pytest.fixture(autouse=True)
def no_idle_slots() -> None:
    """Each test begins with a new container."""
    slots.idle.close()


def used() -> RedisServer:
    """A server whose scope has ended."""
    with Scope() as scope:
        return scope.start(Redis())


def test_the_next_server_is_in_the_same_container() -> None:
    """On the same port, with nothing of the one before, and other credentials."""
    with Scope() as scope:
        old = scope.start(Redis())
        old.client().set("x", "y")
    with Scope() as scope:
        new = scope.start(Redis())
        assert (new.container.name, new.port) == (old.container.name, old.port)
        assert new.password != old.password
        assert new.client().dbsize() == 0
        with pytest.raises(Exception, match=r"WRONGPASS|invalid"):
            old.client().ping()


def test_two_at_once_are_two_containers() -> None:
    """A slot serves one test at a time."""
    name = used().container.name
    with Scope() as scope:
        one, other = scope.start(Redis(), Redis())
        assert one.container.name != other.container.name
        assert name in (one.container.name, other.container.name)


def test_other_options_in_the_same_kind_of_container() -> None:
    """What the server alone is told does not make it another container."""
    name = used().container.name
    with Scope() as scope:
        server = scope.start(Redis(maxmemory_mb=32))
        assert server.container.name == name
        assert server.client().config_get("maxmemory") == {"maxmemory": str(32 << 20)}


@pytest.mark.parametrize(
    "fault",
    [
        lambda container: container.exec(["true"]),
        lambda container: container.exec(["no such program"]),
        lambda container: container.pause(),
        lambda container: container.kill(),
        lambda container: container.restart(),
        lambda container: container.terminate(),
        lambda container: container.slow(latency=0.001),
        lambda container: container.cut(),
        lambda container: container.fill_disk(),
    ],
    ids=["exec", "failed", "pause", "kill", "restart", "terminate", "slow", "cut", "fill_disk"],
)
def test_a_tampered_container_is_not_used_again(fault: Callable[[Container], object]) -> None:
    """Who knows what a fault has left, or one that failed."""
    with Scope() as scope:
        server = scope.start(Redis().proxied())
        with suppress(EngineError):
            fault(server.container)
    assert used().container.name != server.container.name


def test_what_is_about_to_be_done_is_said_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """One who is interrupted before the engine is asked has already cost the slot its reuse."""
    with Scope() as scope:
        server = scope.start(Redis())

        def interrupted(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(engine.Engine, "request", interrupted)
            with pytest.raises(KeyboardInterrupt):
                server.container.exec(["true"])
    assert used().container.name != server.container.name


def test_a_slot_that_nobody_takes_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """By itself, while its process goes on."""
    monkeypatch.setattr(slots, "idle", slots.Slots(idle_seconds=0.2))
    name = used().container.name
    eventually(lambda: name not in running())
    assert len(slots.idle) == 0


def test_no_more_wait_than_may(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that has waited longest ends."""
    monkeypatch.setattr(slots, "idle", slots.Slots(most=1))
    with Scope() as scope:
        last, first = scope.start(Redis()), scope.start(Redis())  # the last one is ended first
    eventually(lambda: first.container.name not in running())
    assert used().container.name == last.container.name
    slots.idle.close()


def test_a_container_of_its_own_is_neither_used_nor_left() -> None:
    """new_container=True."""
    name = used().container.name
    with Scope() as scope:
        own = scope.start(Redis(new_container=True)).container.name
        assert own != name
    assert used().container.name == name


def test_the_log_is_cut() -> None:
    """Neither server's log shows a line of the other's."""
    with Scope() as scope:
        old = scope.start(Redis())
        name = old.container.name
        old.client().config_set("loglevel", "debug")
        eventually(lambda: "clients connected" in old.container.logs(), within=15)
    with Scope() as scope:
        new = scope.start(Redis())
        assert new.container.name == name
        assert "clients connected" not in new.container.logs()
        assert "clients connected" in old.container.logs()
        assert old.container.ended() != new.container.ended()


def test_a_server_that_has_ended_is_out_of_reach() -> None:
    """Its container may serve another test: orders to it are refused."""
    container = used().container
    for order in (container.kill, container.pause, container.memory_bytes):
        with pytest.raises(RuntimeError, match="let go"):
            order()
    with pytest.raises(RuntimeError, match="let go"):
        container.exec(["true"])


# What a server may leave where it may write, done by its own user in place of the server.
LEAVE = """
set -e
mkdir -p /data/a/b/c /tmp/x; echo secret > /data/a/b/c/file; chmod 000 /data/a/b /data/a
ln -s /etc /data/link; mkfifo /tmp/x/fifo; echo x > /dev/shm/memory
n=0; cd /tmp; while [ $n -lt 600 ]; do mkdir d; cd d; n=$((n+1)); done; echo deep > file; cd /
chmod 755 /data; chmod 700 /tmp
ipcmk -M 4096 -S 1 -Q
"""


def stock(server: RedisServer) -> dict[str, list[str]]:
    """What is there: files with their modes, IPC objects, mounts; it costs the reuse."""
    commands = {
        "files": "find /data /tmp /dev/shm /dev/mqueue -printf '%p %M %u %s\\n'",
        "ipc": "cat /proc/sysvipc/shm /proc/sysvipc/sem /proc/sysvipc/msg",
        "environment": "tr '\\0' '\\n' < /proc/self/environ | grep -v ^HOSTNAME=",
        "limits": "cat /proc/self/limits",
        "processes": "for p in /proc/[0-9]*; do read name < $p/comm; echo $name; done",
    }
    return {
        what: sorted(server.container.exec(["sh", "-c", command]).stdout.splitlines())
        for what, command in commands.items()
    }


def test_nothing_is_left_where_a_server_may_write() -> None:
    """Files however deep and closed, modes, IPC objects: the same stock as in a new container."""
    with Scope() as scope:
        new = stock(scope.start(Redis()))
    with Scope() as scope:
        server = scope.start(Redis())
        name = server.container.name
        leave(server)
    with Scope() as scope:
        again = scope.start(Redis())
        assert again.container.name == name
        assert stock(again) == new


def leave(server: RedisServer) -> None:
    """Does what tampering does, without saying so."""
    untold = Container(engine.connect(), server.container.name, server.container.image)
    made = untold.exec(["sh", "-c", LEAVE])
    assert made.status == 0, made.stderr


def test_a_process_that_cannot_be_ended_ends_with_the_container() -> None:
    """Another user's, which the first process may not kill: the next server is elsewhere."""
    with Scope() as scope:
        name = scope.start(Redis()).container.name
        sleep_as_root(name)
    with Scope() as scope:
        assert scope.start(Redis()).container.name != name
    eventually(lambda: name not in running(), within=20)


def sleep_as_root(name: str) -> None:
    at = engine.connect()
    body = {"Cmd": ["sleep", "1000"], "User": "0:0"}
    made = at.request("POST", f"/containers/{name}/exec", {}, body)
    at.request("POST", f"/exec/{made['Id']}/start", {}, {"Detach": True})


def test_a_container_that_ended_while_idle_is_not_taken() -> None:
    """Somebody removed it, or the engine was restarted: the test gets a new one."""
    name = used().container.name
    engine.connect().request("DELETE", f"/containers/{name}", {"force": 1})
    assert used().container.name != name


def test_idle_containers_end_with_their_process() -> None:
    """Also one that is killed."""
    code = "from pkg.dockertest.slot_test import used; print(used().container.name, flush=True); "
    with python(code + "input()") as process:
        name = line(process)
        assert name in running()
        process.kill()
    eventually(lambda: name not in running(), within=5)


def test_a_forked_child_has_none_of_its_parents_containers() -> None:
    """It starts its own, and its end ends none of its parent's."""
    name = used().container.name
    child = os.fork()
    if child == 0:
        os._exit(used().container.name == name)
    assert os.waitpid(child, 0)[1] == 0
    assert used().container.name == name


def running() -> set[str]:
    return {one["Names"][0].removeprefix("/") for one in engine.connect().containers("berth")}
