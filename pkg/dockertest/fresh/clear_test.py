"""What a process of the server's user can set beside files does not reach the next server.

Such a process stands in for a server that can be brought to do anything.
"""

from dataclasses import replace
from typing import Any

import pytest

from pkg.dockertest import EngineError, Scope, Service, engine, lease, slots
from pkg.dockertest.container import Container
from pkg.dockertest.fresh import stock
from pkg.dockertest.image import Image
from pkg.dockertest.redis import Redis, RedisServer
from pkg.dockertest.slot import Spec
from pkg.testutil import eventually

# System calls by their numbers, which are those of x86-64 or of all other machines.
PERL = """
use Config; my $x = $Config{archname} =~ /x86_64/; my @places = ("/data", "/tmp");
sub call { my ($name, $one, $other, @rest) = @_;
    syscall($x ? $one : $other, @rest) == 0 or die "$name: $!" }
"""
KILLED = 137  # with the container, which a signal to its first process ends
# On the first process, whose number is 1.
SET_ON_FIRST = {
    "files": 'call("prlimit", 302, 261, 1, 7, pack("QQ", 3, 3), 0);',
    "memory": 'call("prlimit", 302, 261, 1, 9, pack("QQ", 1 << 30, 1 << 30), 0);',
    "priority": 'call("setpriority", 141, 140, 0, 1, 5);',
    "policy": 'call("sched_setscheduler", 144, 119, 1, 3, pack("i", 0));',
    "slice": 'call("sched_setattr", 314, 274, 1, pack("LLQlLQQQ", 48, 0, 0, 0, 0, 4e6, 0, 0), 0);',
    "disk": 'call("ioprio_set", 251, 30, 1, 1, (3 << 13));',
    "processors": 'call("sched_setaffinity", 203, 122, 1, 8, pack("Q", 1));',
    "signal": "kill('TERM', 1) == 1 or die;",
}
# As chattr +dA does, where the kernel has flags for files in memory.
FLAGS = """
for (@places) {
    my $flags = pack("q", 0xC0); sysopen(my $one, $_, 0) or die; ioctl($one, 0x40086602, $flags);
}
utime(1, 2, @places) == @places or die "times: $!";
"""
CHECK_FLAGS = """
for (@places) {
    my $flags = pack("q", 0); sysopen(my $one, $_, 0) or die; ioctl($one, 0x80086601, $flags);
    die "flags of $_: " . unpack("V", $flags) if unpack("V", $flags) & 0xC0;
    die "times of $_" if (stat)[8] == 1 or (stat)[9] == 2;
}
"""
LOG = """
my ($server) = grep { (readlink("$_/exe") // "") =~ /redis/ } glob "/proc/[0-9]*";
open(my $log, "+<", "$server/fd/1") or die "$server: $!";
fcntl($log, 1031, 4096) or die "size: $!";
chmod(0, "$server/fd/1") or die "mode: $!";
"""

KEY = 'my ($type, $name, $key) = ("user", "left", "x");'
ADD_KEY = KEY + 'syscall($x ? 248 : 217, $type, $name, $key, 1, -3) > 0 or die "add: $!";'
FIND_KEY = KEY + 'syscall($x ? 250 : 219, 10, -3, $type, $name, 0) > 0 or die "find: $!";'

NESTED = ("/data", "/data/one/two", "/data/one/two/three/four")


class Nested(Redis):
    def description(self, of: Image) -> dict[str, Any]:
        own = super().description(of)
        options = own["HostConfig"]["Tmpfs"]["/data"]
        own["HostConfig"]["Tmpfs"] |= dict.fromkeys(NESTED, options)
        return own


@pytest.fixture(autouse=True)
def no_idle_slots() -> None:
    """Each test begins with a new container."""
    slots.idle.close()


def perl(server: RedisServer, program: str) -> None:
    """Runs a program as the server's user, and tells nobody."""
    made = stock.untold(server).exec(["perl", "-e", PERL + program])
    assert made.status in (0, KILLED), made.stderr


def after(program: str, check: str = "") -> tuple[str, RedisServer, list[str]]:
    """The name of a container in which a program ran, and what comes after it, with its stock."""
    with Scope() as scope:
        server = scope.start(Redis())
        name = server.container.name
        perl(server, program)
    with Scope() as scope:
        server = scope.start(Redis())
        perl(server, check)
        return name, server, stock.take(server)


@pytest.fixture(scope="module")
def new() -> list[str]:
    """The stock of a new container."""
    with Scope() as scope:
        return stock.take(scope.start(Redis(new_container=True)))


@pytest.mark.parametrize("what", SET_ON_FIRST)
def test_what_is_set_on_the_first_process_ends_the_container(what: str, new: list[str]) -> None:
    """Every server would inherit it; the next one is elsewhere."""
    name, server, found = after(SET_ON_FIRST[what])
    assert server.container.name != name
    assert found == new


def test_a_container_that_is_half_removed_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine removes its log first: the next test gets a new one then, too."""
    with Scope() as scope:
        name = scope.start(Redis()).container.name
    ask = Container.ended

    def half_removed(container: Container) -> str | None:
        if container.name == name:
            raise EngineError("refused GET logs: open x-json.log: no such file or directory", 500)
        return ask(container)

    monkeypatch.setattr(Container, "ended", half_removed)
    engine.connect().request("DELETE", f"/containers/{name}", {"force": 1})
    with Scope() as scope:
        assert scope.start(Redis()).container.name != name


def test_flags_and_times_of_the_places_are_reset(new: list[str]) -> None:
    """New files would inherit the flags."""
    name, server, found = after(FLAGS, CHECK_FLAGS)
    assert server.container.name == name
    assert found == new


def test_the_logs_pipe_is_as_it_was(new: list[str]) -> None:
    """Its size and its mode: the next server opens it anew."""
    name, server, found = after(LOG)
    assert server.container.name == name
    assert found == new


def test_keys_are_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the engine lets a server near the kernel's, as it does not by itself."""
    describe = lease._spec

    def unconfined(at: engine.Engine, service: Service[Any], of: Image) -> Spec:
        spec = describe(at, service, of)
        options = {"SecurityOpt": ["no-new-privileges", "seccomp=unconfined"]}
        return replace(spec, body={**spec.body, "HostConfig": spec.body["HostConfig"] | options})

    with Scope() as scope:
        server = scope.start(Redis())
        assert "not permitted" in stock.untold(server).exec(["perl", "-e", PERL + ADD_KEY]).stderr
    monkeypatch.setattr(lease, "_spec", unconfined)
    with Scope() as scope:
        server = scope.start(Redis())
        name = server.container.name
        perl(server, ADD_KEY)
        perl(server, FIND_KEY)
    with Scope() as scope:
        server = scope.start(Redis())
        assert server.container.name == name
        found = stock.untold(server).exec(["perl", "-e", PERL + FIND_KEY])
        assert "not available" in found.stderr


def test_words_of_the_first_process_cannot_be_forged() -> None:
    """What a server writes into the log is its own, whatever it looks like."""
    forged = (
        r"\n\30berth signed\n\30berth exited code 3\n\30berth cleared\n\30berth obeyed 99\nsaid"
    )
    with Scope() as scope:
        old = scope.start(Redis())
        old.client().eval(f"redis.log(redis.LOG_WARNING, '{forged}')", 0)
        eventually(lambda: old.container.logs().splitlines()[-1] == "said")
        assert old.container.ended() is None
    with Scope() as scope:
        new = scope.start(Redis())
        assert new.container.name == old.container.name
        assert new.container.ended() is None
        assert "said" not in new.container.logs()


def test_a_log_that_was_cut_is_still_this_servers() -> None:
    """The engine keeps its last 16 MiB, without the line that the server began with."""
    with Scope() as scope:
        scope.start(Redis())
    with Scope() as scope:
        server = scope.start(Redis())
        script = "for i = 1, 40000 do redis.log(redis.LOG_WARNING, string.rep('x', 500)) end "
        server.client().eval(script + "redis.log(redis.LOG_WARNING, 'last')", 0)
        eventually(lambda: server.container.logs().endswith("last"))
        assert len(server.container.logs()) < 20 << 20
        server.container.kill()
        assert server.container.ended() == "signal 9"


def test_places_within_places_are_emptied() -> None:
    """The directories on the way to them are the engine's own."""
    value = Nested()
    fill = f"for d in {' '.join(NESTED)}; do mkdir $d/a; echo x > $d/a/b; done"
    with Scope() as scope:
        server = scope.start(value)
        before = stock.take(server)
        assert stock.untold(server).exec(["sh", "-ec", fill]).status == 0
        name = server.container.name
    with Scope() as scope:
        server = scope.start(value)
        assert server.container.name == name
        assert stock.take(server) == before
