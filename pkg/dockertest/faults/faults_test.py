"""Each fault on a Redis: what its client sees, and that nothing of it stays."""

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from pkg.dockertest import InvalidOption, Scope, engine
from pkg.dockertest.container import Container
from pkg.dockertest.faults import standing
from pkg.dockertest.foreign_redis import redis as foreign_redis
from pkg.dockertest.redis import Redis, RedisServer
from pkg.testutil import eventually
from pkg.testutil.containers import Containers


def client(server: RedisServer, timeout: float = 0.3) -> redis.Redis:
    """A client that tries once."""
    return redis.Redis(
        host=server.host,
        port=server.port,
        password=server.password,
        socket_timeout=timeout,
        retry=Retry(NoBackoff(), 0),
    )


def ping_seconds(one: redis.Redis) -> float:
    """The fastest of a few: what the machine adds to one is not the line's."""
    took = []
    for _ in range(5):
        began = time.monotonic()
        assert one.ping()
        took.append(time.monotonic() - began)
    return min(took)


@pytest.fixture
def server(dockertest: Scope) -> RedisServer:
    return dockertest.start(Redis().proxied())


@pytest.mark.parametrize(("direction", "seconds"), [("up", 0.1), ("down", 0.1), ("both", 0.2)])
def test_a_slow_network_delays_an_answer(
    server: RedisServer, direction: str, seconds: float
) -> None:
    """By the latency once for each direction."""
    one = client(server, 5.0)
    assert ping_seconds(one) < 0.1
    server.container.slow(latency=0.1, direction=direction)
    assert seconds <= ping_seconds(one) < seconds + 0.15
    server.container.heal()
    assert ping_seconds(one) < 0.1


def test_a_rate_bounds_what_comes(server: RedisServer) -> None:
    """100 kB at 200 kB/s take half a second."""
    one = client(server, 5.0)
    one.set("x", bytes(100_000))
    server.container.slow(rate=200_000, direction="down")
    began = time.monotonic()
    assert one.get("x") == bytes(100_000)
    assert 0.45 <= time.monotonic() - began < 10.0  # on a machine with much else to do


def test_a_client_over_a_cut_line_times_out(server: RedisServer) -> None:
    """An old connection and a new one; healed, what was sent has been done."""
    one = client(server)
    one.set("n", 1)
    server.container.cut()
    with pytest.raises(redis.TimeoutError):
        one.incr("n")
    with pytest.raises(redis.TimeoutError):
        client(server).ping()
    server.container.heal()
    assert one.get("n") in (b"1", b"2")  # as after any time-out


def test_an_answer_that_is_cut_off_was_still_given(server: RedisServer) -> None:
    """Down alone: the command is done, and the client does not know it."""
    one = client(server)
    one.set("n", 1)
    server.container.cut(direction="down")
    with pytest.raises(redis.TimeoutError):
        one.incr("n")
    server.container.heal()
    assert one.get("n") == b"2"


def test_a_reset_is_told_at_once(server: RedisServer) -> None:
    """An old connection breaks off, a new one is refused."""
    one = client(server)
    one.ping()
    server.container.cut(reset=True)
    with pytest.raises(redis.ConnectionError):
        one.ping()
    with pytest.raises(redis.ConnectionError, match="refused"):
        client(server).ping()
    server.container.heal()
    assert one.ping()


def test_50_megabytes_stay_whole_under_jitter(server: RedisServer) -> None:
    """There and back."""
    data = random.Random(1).randbytes(50 << 20)
    server.container.slow(latency=0.005, jitter=0.005)
    one = client(server, 60.0)
    one.set("x", data)
    assert one.get("x") == data


def test_200_clients_at_once(server: RedisServer) -> None:
    """Each has its own answer while all of them are connected."""
    ones = [client(server, 20.0) for _ in range(200)]
    with ThreadPoolExecutor(20) as pool:
        assert all(pool.map(lambda one: one.ping(), ones))
        assert list(pool.map(lambda n: ones[n].echo(str(n)), range(200))) == [
            str(n).encode() for n in range(200)
        ]
    clients = ones[0].client_list()
    assert len(clients) >= 200
    for one in ones:
        one.close()


def test_a_restarted_server_is_reached_through_the_same_proxy(server: RedisServer) -> None:
    """Its published port is still the same one."""
    server.container.kill()
    with pytest.raises(redis.ConnectionError):
        client(server).ping()
    server.container.restart()
    eventually(lambda: answers(server))


def answers(server: RedisServer) -> bool:
    try:
        return bool(client(server).ping())
    except redis.RedisError:
        return False


def test_nothing_is_left_after_the_scope() -> None:
    """No thread, and nothing to undo."""
    with Scope() as scope:
        server = scope.start(Redis().proxied())
        server.container.cut()
    with pytest.raises(redis.ConnectionError, match="refused"):
        client(server).ping()
    standing.undo_all()
    with pytest.raises(RuntimeError, match="ended with its scope"):
        server.container.heal()


def test_without_a_proxy_the_step_is_named(dockertest: Scope) -> None:
    """It is asked for before the start."""
    container = dockertest.start(Redis()).container
    faults_of_the_network: list[Callable[[], None]] = [
        lambda: container.slow(latency=1),
        container.cut,
        container.heal,
    ]
    for fault in faults_of_the_network:
        with pytest.raises(InvalidOption, match=r"proxy.*dockertest\.start\(Redis\(\)\.proxied"):
            fault()


def test_no_shared_server_is_proxied() -> None:
    """The error names what to start instead."""
    with pytest.raises(InvalidOption, match=r"take one .*: dockertest\.start\(Redis\(\)\.proxied"):
        Containers().start(Redis().proxied())


def test_a_full_disk_is_an_error_of_the_server(dockertest: Scope) -> None:
    """Redis cannot save, and can again when there is room; its memory limit is what it was."""
    server = dockertest.start(Redis())
    one = client(server, 5.0)
    one.set("x", bytes(1 << 20))
    assert "/data" in str(one.config_get("dir"))
    server.container.fill_disk()
    with pytest.raises(redis.ResponseError):
        one.save()
    server.container.fill_disk(leave_bytes=64 << 20)
    assert free_bytes(server.container) == 64 << 20
    assert one.save()
    server.container.free_disk()
    assert free_bytes(server.container) > 200 << 20
    assert memory_limit(server.container) == Redis.memory_mb << 20


def free_bytes(container: Container) -> int:
    blocks, size = container.exec(["stat", "-f", "-c", "%a %S", "/data"]).stdout.split()
    return int(blocks) * int(size)


def memory_limit(container: Container) -> int:
    about = engine.connect().request("GET", f"/containers/{container.name}/json")
    return int(about["HostConfig"]["Memory"])


def test_the_engines_own_disk_is_not_filled(dockertest: Scope) -> None:
    """A container whose root may be written to has it there; with a tmpfs, that is filled."""
    plain, with_tmpfs = dockertest.start(foreign_redis(), foreign_redis(tmpfs=["/data"]))
    with pytest.raises(InvalidOption, match=r"no tmpfs there.*it has: none.*tmpfs=\[\"/data\"\]"):
        plain.container.fill_disk()
    with_tmpfs.container.fill_disk()
    assert free_bytes(with_tmpfs.container) == 0
    with pytest.raises(InvalidOption, match="no tmpfs there"):
        with_tmpfs.container.fill_disk(path="/usr")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda one: one.slow(), "slow\\(\\) needs"),
        (lambda one: one.slow(latency=-1), "latency=-1"),
        (lambda one: one.slow(latency=True), "latency=True"),
        (lambda one: one.slow(jitter=float("nan")), "jitter=nan"),
        (lambda one: one.slow(rate=0), "rate=0"),
        (lambda one: one.cut(direction="left"), '"both", "up" or "down"'),
        (lambda one: one.cut(direction="up", reset=True), "leave the direction out"),
        (lambda one: one.fill_disk(leave_bytes=-1), "leave_bytes"),
    ],
)
def test_a_wrong_value_is_named(dockertest_module: Scope, call: Any, said: str) -> None:
    """Before anything is done."""
    with pytest.raises(InvalidOption, match=said):
        call(of_module(dockertest_module).container)


@pytest.mark.parametrize("fault", ["slow", "cut", "heal", "fill_disk", "free_disk", "pause"])
def test_a_shared_container_has_no_faults(fault: str) -> None:
    """They would hit other tests."""
    shared = Container(engine.connect(), "x", "image")
    options = {"latency": 1.0} if fault == "slow" else {}
    with pytest.raises(InvalidOption, match="shared with other tests"):
        getattr(shared, fault)(**options)


MODULE: list[RedisServer] = []


def of_module(scope: Scope) -> RedisServer:
    if not MODULE:
        MODULE.append(scope.start(Redis().proxied()))
    return MODULE[0]


@pytest.mark.parametrize("fault", ["cut", "pause", "fill_disk"])
def test_a_modules_server_is_given_back_with_a_fault(dockertest_module: Scope, fault: str) -> None:
    """The next test sees to it that it is gone."""
    server = of_module(dockertest_module)
    assert client(server, 5.0).ping()
    assert free_bytes(server.container) > 0
    getattr(server.container, fault)()


def test_a_fault_ended_with_the_test_that_put_it_on(dockertest_module: Scope) -> None:
    """Of all three of them."""
    server = of_module(dockertest_module)
    assert client(server, 5.0).ping()
    assert free_bytes(server.container) > 0


@pytest.mark.xfail(raises=LookupError, strict=True)
def test_a_test_that_fails_leaves_its_fault(dockertest_module: Scope) -> None:
    """The next one sees to it that it is gone, too."""
    of_module(dockertest_module).container.cut()
    raise LookupError


@pytest.fixture(scope="module")
def cut_off(dockertest_module: Scope) -> RedisServer:
    """A server that is reached no more."""
    server = of_module(dockertest_module)
    assert client(server, 5.0).ping()
    server.container.cut()
    return server


def test_a_fixtures_fault_holds_for_the_test_that_asked_first(cut_off: RedisServer) -> None:
    with pytest.raises(redis.TimeoutError):
        client(cut_off).ping()


def test_a_fixtures_fault_ended_with_that_test(cut_off: RedisServer) -> None:
    """The fixture's value is the same one."""
    assert client(cut_off, 5.0).ping()
