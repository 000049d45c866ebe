"""No container outlives its holder, however the holder ends."""

import os
import random
import signal
import subprocess
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from pkg.dockertest import Scope, engine, lease, slots
from pkg.dockertest.redis import Redis
from pkg.testutil import eventually
from pkg.testutil.processes import line, python

HOLD = """
import sys
from pkg.dockertest import Scope
from pkg.dockertest.redis import Redis
scope = Scope()
redis = scope.start(Redis())
"""
HOLD_NETWORK = """
import sys
from pkg.dockertest import Scope
from pkg.dockertest.foreign_redis import redis
scope = Scope()
network = scope.network()
scope.start(redis().on(network, "one"), redis(files={"/x": "y"}).on(network, "two"))
"""
SAY_READY = "print('ready', flush=True); sys.stdin.read()\n"
KILLS = 12
# The guard may not have come up itself yet, and the engine may still be making the container. The
# engine takes containers off one network one by one. The guard goes on asking for so long.
GUARD_SECONDS = 30.0


def held_by(process: "subprocess.Popen[str]") -> list[str]:
    owner = f"berth.owner={os.uname().nodename}:{process.pid}"
    return [one["Names"][0] for one in engine.connect().containers(owner)]


def networks_of(process: "subprocess.Popen[str]") -> list[str]:
    query: engine.Query = {
        "filters": engine.filters(label=[f"berth.owner={os.uname().nodename}:{process.pid}"])
    }
    return [one["Name"] for one in engine.connect().request("GET", "/networks", query)]


def assert_gone(process: "subprocess.Popen[str]") -> None:
    """Within a second. On a busy machine, before the engine has made and removed another one."""
    try:
        eventually(lambda: held_by(process) == [], within=1.0)
    except AssertionError:
        with Scope() as scope:
            other = scope.start(Redis(new_container=True)).container.name
            engine.connect().remove(f"/containers/{other}", {"force": 1, "v": 1})
        assert held_by(process) == []


def assert_removed(process: "subprocess.Popen[str]") -> None:
    """By the guard, of what was being made."""
    eventually(lambda: held_by(process) == [], within=GUARD_SECONDS)
    eventually(lambda: networks_of(process) == [], within=GUARD_SECONDS)


def test_a_killed_holder_leaves_nothing() -> None:
    """SIGKILL leaves no time to clean up, and none is needed."""
    with python(HOLD + SAY_READY) as process:
        assert line(process) == "ready"
        assert len(held_by(process)) == 1
        process.kill()
        process.wait()
        assert_gone(process)


def test_a_holder_that_is_killed_while_it_starts_leaves_nothing() -> None:
    """Whatever the moment: before, between or after create, start and attach."""
    for _ in range(KILLS):
        with python("print('go', flush=True)\n" + HOLD + SAY_READY) as process:
            assert line(process) == "go"
            try:
                process.wait(random.uniform(0.0, 0.6))
            except subprocess.TimeoutExpired:
                process.kill()
            process.wait()
            assert_removed(process)


def test_a_killed_holder_of_a_paused_server_leaves_nothing() -> None:
    """Stopped processes end too."""
    with python(HOLD + "redis.container.pause()\n" + SAY_READY) as process:
        assert line(process) == "ready"
        process.kill()
        process.wait()
        assert_gone(process)


def test_a_killed_holder_leaves_no_network() -> None:
    """Nor containers of any image on it; it goes after them."""
    with python(HOLD_NETWORK + SAY_READY) as process:
        assert line(process) == "ready"
        assert len(held_by(process)) == 2
        assert len(networks_of(process)) == 1
        process.kill()
        process.wait()
        assert_removed(process)


def test_a_holder_that_is_killed_while_it_makes_a_network_leaves_nothing() -> None:
    """Before, between or after the network, the archive and the containers on it."""
    for _ in range(KILLS // 2):
        with python("print('go', flush=True)\n" + HOLD_NETWORK + SAY_READY) as process:
            assert line(process) == "go"
            try:
                process.wait(random.uniform(0.0, 1.2))
            except subprocess.TimeoutExpired:
                process.kill()
            process.wait()
            assert_removed(process)


@pytest.mark.parametrize(
    "child",
    [
        "import os, time\nif not os.fork(): time.sleep(60)\n",
        "import subprocess\nsubprocess.Popen(['sleep', '60'], close_fds=False)\n",
    ],
    ids=["forked", "spawned"],
)
def test_children_of_a_killed_holder_do_not_hold(child: str) -> None:
    """The leash is not inherited, neither over fork nor over exec."""
    with python(HOLD + child + SAY_READY) as process:
        assert line(process) == "ready"
        process.kill()
        process.wait()
        assert_gone(process)


def test_an_interrupted_holder_leaves_nothing() -> None:
    """Ctrl-C in the middle of the holder's work."""
    with python(HOLD + SAY_READY) as process:
        assert line(process) == "ready"

        def has_ended() -> bool:
            # One that comes just before Python begins to read is not looked at until it has read.
            process.send_signal(signal.SIGINT)
            return process.poll() is not None

        eventually(has_ended, within=30, every=1)
        assert_gone(process)


def test_a_forked_child_leaves_the_holder_its_server(dockertest: Scope) -> None:
    """A child that forks and exits, as multiprocessing does, ends nothing."""
    redis = dockertest.start(Redis())
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    assert redis.client().ping()
    assert redis.container.ended() is None


def test_a_closed_scope_starts_nothing() -> None:
    """It says so instead of leaking what nobody would end."""
    scope = Scope()
    scope.close()
    with pytest.raises(RuntimeError, match="the scope is closed"):
        scope.start(Redis())


def test_a_scope_that_is_closed_while_it_starts_says_so() -> None:
    """Not that the engine went away, and nothing is left."""
    for delay in (0.0, 0.02, 0.05, 0.1):
        scope = Scope()
        with ThreadPoolExecutor(1) as pool:
            starting = pool.submit(scope.start, Redis())
            wait([starting], delay)
            scope.close()
            with pytest.raises(RuntimeError, match=r"the scope (is|was) closed"):
                starting.result()
    eventually(lambda: own_containers() == set())


def test_the_others_end_when_one_of_several_cannot_start() -> None:
    """A failed start leaves nothing of its companions after the scope."""
    with Scope() as scope, pytest.raises(RuntimeError, match="no environment"):
        scope.start(Redis(), Broken())
    eventually(lambda: own_containers() == set())


def own_containers() -> set[str]:
    """This process's containers, those aside that would serve the next test."""
    slots.idle.close()
    mine = f"berth.owner={os.uname().nodename}:{os.getpid()}"
    return {one["Names"][0] for one in engine.connect().containers(mine)}


class Broken(Redis):
    def environment(self, ports: Mapping[int, int]) -> dict[str, str]:
        raise RuntimeError("no environment")


def test_a_client_library_that_is_not_there_is_named_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With what to install, by its path, and without a word from the thread that looked for it."""

    def load(_redis: Redis) -> None:
        raise ModuleNotFoundError("No module named 'redis'")

    unhandled: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", unhandled.append)
    monkeypatch.setattr(lease, "_loaded", set[type]())
    monkeypatch.setattr(Redis, "load", load)
    with Scope() as scope:
        with pytest.raises(ModuleNotFoundError) as caught:
            scope.start(Redis(new_container=True))
        [note] = caught.value.__notes__
        assert note.startswith("Redis needs its client library: pip install '/")
        assert note.endswith("[redis]'")
        owner = f"berth.owner={os.uname().nodename}:{os.getpid()}"
        eventually(lambda: not engine.connect().containers(owner))
    assert unhandled == []
