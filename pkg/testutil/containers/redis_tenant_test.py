"""A tenant of the shared Redis reaches what is its own, and nothing else."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
import redis

from pkg.dockertest import InvalidOption, engine
from pkg.dockertest.redis import Redis, RedisServer
from pkg.testutil.containers import Containers, leaks
from pkg.testutil.containers.parted import process

SECRET = "victims-secret"
ODD = ["", " ", "*", "a*b?", "[x]", "ключ", "a:b:c", "\n", "{tag}", "x" * 500]


def test_a_whole_redis_is_a_tests_own() -> None:
    """It may do everything, also what is one for a server, and finds what nobody has used."""
    with Containers() as containers:
        whole, part = containers.start(Redis(whole=True, maxmemory_mb=32), Redis())
        assert whole.container.name != part.container.name
        with whole.client() as client:
            client.flushall()
            client.config_set("maxmemory-samples", 7)
            client.select(3)
            client.set("x", "y")
            assert client.scan(0)[1] == [b"x"]
    with pytest.raises(redis.RedisError):
        whole.client().ping()
    with Containers() as containers:
        client = containers.start(Redis(whole=True)).client()
        assert client.info("keyspace") == {}
        assert client.config_get("maxmemory-samples") == {"maxmemory-samples": "5"}


def test_the_shared_server_is_whole_already(containers: Containers) -> None:
    """Who asks for both is told."""
    with pytest.raises(InvalidOption, match="leave whole out"):
        containers.raw(Redis(whole=True))


def administrator(server: RedisServer) -> "redis.Redis":
    assert server.administrator
    return server.administrator.client()


def fill(server: RedisServer) -> None:
    """One key of each type, with a secret in each."""
    client = server.client()
    client.set(server.name("string"), SECRET)
    client.hset(server.name("hash"), SECRET, SECRET)
    client.rpush(server.name("list"), SECRET)
    client.sadd(server.name("set"), SECRET)
    client.zadd(server.name("zset"), {SECRET: 1})
    client.xadd(server.name("stream"), {SECRET: SECRET})


def state(server: RedisServer) -> dict[bytes, Any]:
    """Every key of a server's tenant with its contents and its time to live."""
    admin = administrator(server)
    return {key: (admin.dump(key), admin.pttl(key)) for key in server.scan()}


def commands(admin: "redis.Redis") -> list[str]:
    """Every command and subcommand that the server has."""
    found: set[str] = set()
    for category in admin.acl_cat():
        found.update(str(one) for one in admin.acl_cat(str(category)))
    return sorted(found)


def arguments(victim: RedisServer) -> Iterator[list[str]]:
    """What a command could be told, to reach a key of the victim's or the whole server."""
    keys = [victim.name(kind) for kind in ("string", "hash", "list", "set", "zset", "stream")]
    yield []
    yield ["*"]
    yield ["0"]
    yield ["0", "MATCH", "*"]
    yield ["ON", "BCAST"]
    for key in keys:
        yield [key]
        yield [key, SECRET]
        yield [key, "0", "1"]
        yield [key, "0", "-1", "1"]
        yield ["1", key]
        yield ["USAGE", key]
        yield ["return redis.call('DEL', KEYS[1])", "1", key]
        yield [f"return redis.call('DEL', '{key}')", "0"]


@contextlib.contextmanager
def connection(server: RedisServer) -> Iterator[Any]:
    client = redis.Redis(
        host=server.host,
        port=server.port,
        username=server.user,
        password=server.password,
        socket_timeout=0.3,
    )
    opened = client.connection_pool.get_connection()
    try:
        yield opened
    finally:
        opened.disconnect()  # type: ignore[no-untyped-call]


def test_no_command_of_the_server_reaches_another_tenant(containers: Containers) -> None:
    """Each that the server has, with arguments that could: nothing is told, nothing changes."""
    hostile, victim = containers.start(Redis(), Redis())
    fill(victim)
    parted = process.find(engine.connect(), (Redis(),))["redis"]
    before, settings = state(victim), leaks.stock(parted)
    told: list[str] = []
    for command in commands(administrator(victim)):
        with connection(hostile) as opened:
            for given in arguments(victim):
                opened.send_command(*command.split("|"), *given)
                try:
                    answer = repr(opened.read_response())
                except redis.ResponseError as refusal:
                    answer = str(refusal)
                except redis.RedisError:  # it blocks, or has ended the connection
                    break
                # What was asked is quoted in some refusals.
                for key in [*given, *(word for text in given for word in text.split("'"))]:
                    answer = answer.replace(key, "") if key else answer
                if victim.prefix in answer or SECRET in answer:
                    told.append(f"{command} {given}: {answer[:80]}")
    assert told == []
    assert state(victim) == before
    assert leaks.stock(parted) == settings


@pytest.mark.parametrize("command", ["SCAN 0", "KEYS *", "DBSIZE", "RANDOMKEY", "SELECT 1"])
def test_what_tells_of_the_whole_server_is_refused(containers: Containers, command: str) -> None:
    """Key patterns do not filter these; the result's scan() is for the first two."""
    with pytest.raises(redis.exceptions.NoPermissionError):
        containers.start(Redis()).client().execute_command(*command.split())  # type: ignore[no-untyped-call]


def test_messages_stay_in_the_tenant(containers: Containers) -> None:
    """Channels have the prefix, too."""
    one, other = containers.start(Redis(), Redis())
    subscriber = one.client().pubsub()  # type: ignore[no-untyped-call]
    subscriber.subscribe(one.name("news"))
    subscriber.get_message(timeout=5)
    with pytest.raises(redis.exceptions.NoPermissionError):
        other.client().publish(one.name("news"), "x")
    listener = other.client().pubsub()  # type: ignore[no-untyped-call]
    listener.psubscribe("*")
    with pytest.raises(redis.exceptions.NoPermissionError):
        listener.get_message(timeout=5)
    one.client().publish(one.name("news"), "y")
    message = subscriber.get_message(timeout=5)
    assert message
    assert message["data"] == b"y"


@pytest.mark.parametrize("name", ODD, ids=range(len(ODD)))
def test_any_name_is_a_key(containers: Containers, name: str) -> None:
    """Also one that looks like a pattern; scan() finds it."""
    server = containers.start(Redis())
    server.client().set(server.name(name), "x")
    assert list(server.scan()) == [server.name(name).encode()]


def test_nothing_is_left_of_a_dropped_tenant() -> None:
    """Keys, user and connections; and the others' are still there."""
    with Containers() as stays:
        other = stays.start(Redis())
        fill(other)
        with Containers() as containers:
            server = containers.start(Redis())
            fill(server)
            client = server.client()
            assert client.ping()
        with pytest.raises(redis.RedisError):
            client.ping()
        assert list(server.scan()) == []
        assert server.user not in administrator(server).acl_users()
        assert len(list(other.scan())) == 6
