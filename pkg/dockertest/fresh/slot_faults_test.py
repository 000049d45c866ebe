"""Whatever the test before has done to its container, the next one gets a server, and soon."""

import itertools
import re
import socket
import socketserver
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

import pytest

from pkg.dockertest import DockertestError, Scope, ServerDied, engine, slots
from pkg.dockertest.fresh import stock
from pkg.dockertest.image import Image
from pkg.dockertest.redis import Redis, RedisServer
from pkg.testutil import eventually

FILES = 100_000
MANY_FILES = f"""
for my $d ("/data/deep", "/data/deep/deeper") {{
    mkdir $d or die; for (1..{FILES // 2}) {{ open(my $f, ">", "$d/$_") or die; }}
}}
"""
# A process that goes on, with 100 MB in a file without a name.
DELETED = r"""
if (my $child = fork) {
    waitpid($child, 0); select(undef, undef, undef, 0.05) until -e "/data/done";
} else {
    exit if fork; open(STDOUT, ">", "/dev/null"); open(STDERR, ">&", \*STDOUT);
    open(my $f, ">", "/data/x") or die; unlink "/data/x";
    print $f "x" x 1e6 for 1..100; mkdir "/data/done"; sleep 1000;
}
"""
# Until there is no room for one more process, which the shell ends by.
BOMB = "bomb() { bomb | bomb & bomb; }; bomb >/dev/null 2>&1 & while /bin/true; do :; done"
FILL = "cat /dev/zero > /data/full"
USE_UP_MEMORY = f"{FILL}; cat /dev/zero > /tmp/full"


@pytest.fixture(autouse=True)
def no_idle_slots() -> None:
    """Each test begins with a new container."""
    slots.idle.close()


def assert_usable(server: RedisServer) -> None:
    client = server.client()
    assert client.dbsize() == 0
    client.set("x", "y" * 1_000_000)


@pytest.mark.parametrize(
    ("command", "said", "is_used_again"),
    [
        (["sh", "-c", BOMB], "(?i)fork", True),
        (["sh", "-c", FILL], "No space left on device", True),
        (["sh", "-c", USE_UP_MEMORY], "", False),
        (["perl", "-e", MANY_FILES], "^$", True),
        (["perl", "-e", DELETED], "^$", True),
    ],
    ids=["processes", "full", "memory", "files", "deleted"],
)
def test_the_next_server_has_all_the_room(
    command: list[str], said: str, is_used_again: bool
) -> None:
    """After a fork bomb, a tmpfs and memory to the brim, 100,000 files, a file without a name."""
    with Scope() as scope:
        server = scope.start(Redis())
        name = server.container.name
        # As the server's user, and nobody is told.
        assert re.search(said, stock.untold(server).exec(command).stderr)
    with Scope() as scope:
        server = scope.start(Redis())
        assert (server.container.name == name) == is_used_again
        assert_usable(server)
        eventually(lambda: server.container.memory_bytes() < 32 << 20)
        assert not [
            one for one in stock.take(server) if one.startswith(("file /data", "file /tmp"))
        ]


class Moody(Redis):
    """A server that refuses its second start."""

    starts: ClassVar[Iterator[int]]

    def description(self, of: Image) -> dict[str, Any]:
        start = '[ "$START" != 2 ] && exec sh /berth/start.sh; echo "a port is in use"; exit 3'
        return super().description(of) | {"Cmd": ["sh", "-c", start]}

    def environment(self, ports: Mapping[int, int]) -> dict[str, str]:
        return super().environment(ports) | {"START": str(next(self.starts))}


def test_what_fails_in_a_used_container_is_tried_in_a_new_one() -> None:
    """The kernel keeps the connections of the one before, which not every server bears."""
    Moody.starts = itertools.count(1)
    with Scope() as scope:
        server = scope.start(Moody())
    with Scope() as scope:
        again = scope.start(Moody())
        assert again.container.name != server.container.name
        assert_usable(again)


def test_what_fails_in_a_new_container_is_not_tried_again() -> None:
    """It is the server's own fault."""
    Moody.starts = itertools.count(2)
    with Scope() as scope, pytest.raises(ServerDied, match="a port is in use"):
        scope.start(Moody())
    assert next(Moody.starts) == 3


def test_a_clock_that_jumps_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever waits, waits by the clock that only goes on: starts, commands, and faults, too."""
    now = time.time()
    jumps = iter([now + 1e9, 0.0, now, now - 1e9] * 1000)
    monkeypatch.setattr(time, "time", lambda: next(jumps))
    names = set()
    for _ in range(3):
        with Scope() as scope:
            server = scope.start(Redis())
            assert_usable(server)
            names.add(server.container.name)
    assert len(names) == 1
    with Scope() as scope:
        container = scope.start(Redis()).container
        assert container.exec(["echo", "x"]).stdout == "x\n"
        container.pause()
        container.resume()
        container.kill()
        assert container.ended() == "signal 9"
        container.restart()
        assert container.ended() is None
        container.fill_disk()
        container.free_disk()


class Door(socketserver.ThreadingUnixStreamServer):
    """A socket in front of the engine's, whose connections can all be cut."""

    daemon_threads = True

    def __init__(self, path: Path) -> None:
        self.engine = engine.connect().endpoint
        self.pairs: list[tuple[socket.socket, socket.socket]] = []
        super().__init__(str(path), Passing)

    def cut(self) -> None:
        """As when the engine ends: nobody who is connected hears from it any more."""
        for pair in self.pairs:
            for one in pair:
                with suppress(OSError):  # ended already
                    one.shutdown(socket.SHUT_RDWR)
        self.pairs.clear()


class Passing(socketserver.BaseRequestHandler):
    """One connection to the engine."""

    server: Door

    def handle(self) -> None:
        """Passes on what comes, until one side ends."""
        with self.server.engine.open(None) as behind:
            self.server.pairs.append((self.request, behind))
            back = threading.Thread(target=passed_on, args=[behind, self.request], daemon=True)
            back.start()
            passed_on(self.request, behind)
            back.join()


def passed_on(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):  # cut
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    """This process reaches the engine through it."""
    # A socket's path has 107 bytes at most.
    path = Path("/tmp") / f"berth-door-{tmp_path.stat().st_ino}"
    with Door(path) as opened:
        threading.Thread(target=opened.serve_forever, daemon=True).start()
        monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
        yield opened
        opened.shutdown()
        opened.cut()
    path.unlink(missing_ok=True)


def test_an_engine_that_was_restarted_costs_what_was_running(door: Door) -> None:
    """The running test is told, idle containers are not taken, and the next test has a server."""
    with Scope() as scope:
        idle = scope.start(Redis()).container.name
    with Scope() as scope:
        assert scope.start(Redis()).container.name == idle
        other = scope.start(Redis())
        door.cut()
        eventually(lambda: other.container.name not in running())
        with pytest.raises(DockertestError, match=r"No such container|is gone|broke off|marked"):
            other.container.pause()
        with pytest.raises(DockertestError, match=r"No such container|marked"):
            other.container.logs()
    with Scope() as scope:
        server = scope.start(Redis())
        assert server.container.name not in (idle, other.container.name)
        assert_usable(server)
        door.cut()
    with Scope() as scope:
        assert_usable(scope.start(Redis()))


def running() -> set[str]:
    return {one["Names"][0].removeprefix("/") for one in engine.connect().containers("berth")}
