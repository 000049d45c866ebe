"""A tenant of the shared Redis reaches what is its own, and nothing else."""

import contextlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis

from pkg.dockertest import InvalidOption, engine
from pkg.dockertest.redis import Redis, RedisServer
from pkg.testutil.containers import Containers, leaks
from pkg.testutil.containers.parted import process

SECRET = "victims-secret"
HARMLESS = {"sort", "sort_ro", "restore"}  # which Redis counts among what is dangerous
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


def facts(told: Any) -> dict[bytes, Any]:
    """A map of the server's, in either version of its protocol."""
    return told if isinstance(told, dict) else dict(zip(told[::2], told[1::2], strict=True))


def described(server: RedisServer, names: Sequence[str]) -> Iterator[tuple[str, int, list[Any]]]:
    """Commands by the server's own account: name, number of words, and where keys are."""
    assert server.administrator
    with connection(server.administrator) as opened:
        opened.send_command("COMMAND", "INFO", *names)
        for name, about in zip(names, opened.read_response(), strict=True):
            yield name, abs(about[1]), about[8]


def with_keys(command: str, length: int, specs: list[Any], key: str) -> tuple[list[str], list[int]]:
    """A command with a key in each place that the server names, and which these are."""
    words, places = command.split("|"), list[int]()

    def put(at: int, word: str) -> None:
        words.extend(["1"] * (at + 1 - len(words)))
        words[at] = word

    for spec in map(facts, specs):
        begins, finds = facts(spec[b"begin_search"]), facts(spec[b"find_keys"])
        if b"unknown" in (begins[b"type"], finds[b"type"]):
            continue  # of SORT's: see test_sort_reads_and_writes_ones_own
        where, which = facts(begins[b"spec"]), facts(finds[b"spec"])
        if b"keyword" in where:
            at = max(where[b"startfrom"], len(words))
            put(at, where[b"keyword"].decode())
            at += 1
        else:
            at = where[b"index"]
        if b"firstkey" in which:
            put(at + which[b"keynumidx"], "1")
            at += which[b"firstkey"]
        for place in range(at, at + max(which.get(b"lastkey", 0), 0) + 1, which[b"keystep"]):
            put(place, key)
            places.append(place)
    words.extend(["1"] * (length - len(words)))
    return words, places


def verdict(server: RedisServer, words: Sequence[str]) -> str:
    """What the server would say to a tenant's command; OK if it would obey."""
    answer = administrator(server).execute_command("ACL", "DRYRUN", server.user, *words)  # type: ignore[no-untyped-call]
    return answer.decode() if isinstance(answer, bytes) else str(answer)


def test_each_key_of_a_command_has_to_be_ones_own(containers: Containers) -> None:
    """Of every command, in every place where the server says that it has one."""
    hostile, victim = containers.start(Redis(), Redis())
    obeyed, reached = set[str](), list[list[str]]()
    for command, length, specs in described(victim, commands(administrator(victim))):
        words, places = with_keys(command, length, specs, hostile.name("own"))
        said = verdict(hostile, words) if places else "keyless"
        if said != "OK" or "unsubscribe" in command:
            assert "to run" in said or said in ("OK", "keyless"), (words, said)
            continue
        obeyed.add(command)
        for at in places:
            theirs = [*words[:at], victim.name("string"), *words[at + 1 :]]
            if "to access" not in verdict(hostile, theirs):
                reached.append(theirs)
    assert reached == []
    assert len(obeyed) > 100


def test_sort_reads_and_writes_ones_own(containers: Containers) -> None:
    """Its patterns are keys, too."""
    hostile, victim = containers.start(Redis(), Redis())
    fill(victim)
    client, own, theirs = hostile.client(), hostile.name("own"), victim.name("str*")
    client.rpush(own, "1")
    for more in (["BY", "nosort", "GET", theirs], ["BY", theirs], ["STORE", theirs]):
        with pytest.raises(redis.ResponseError, match=r"(?i)permission|denied"):
            client.execute_command("SORT", own, *more)  # type: ignore[no-untyped-call]
    assert client.execute_command("SORT", own, "STORE", hostile.name("sorted")) == 1  # type: ignore[no-untyped-call]


def test_what_is_for_administrators_is_refused(containers: Containers) -> None:
    """All that Redis counts among it, and what is dangerous by its account."""
    server = containers.start(Redis())
    admin = administrator(server)
    found = {str(one) for kind in ("admin", "dangerous") for one in admin.acl_cat(kind)}
    names = sorted(found - HARMLESS)
    assert {"config|set", "flushall", "flushdb", "acl|setuser", "keys", "client|kill"} <= found
    for command, length, _ in described(server, names):
        assert "to run" in verdict(server, with_keys(command, length, [], "")[0]), command


@pytest.mark.parametrize(
    "command",
    [
        *("SCAN 0", "KEYS *", "DBSIZE", "RANDOMKEY", "SELECT 1", "MOVE x 1", "SWAPDB 0 1"),
        *("FLUSHALL", "CONFIG GET *", "SCRIPT FLUSH", "SCRIPT KILL", "FUNCTION LIST"),
        *("FUNCTION FLUSH", "PUBSUB CHANNELS", "CLIENT LIST", "CLIENT TRACKING ON BCAST"),
    ],
)
def test_what_is_one_for_the_whole_server_is_refused(containers: Containers, command: str) -> None:
    """Key patterns do not filter these; the result's scan() is for the first two."""
    with pytest.raises(redis.exceptions.NoPermissionError):
        containers.start(Redis()).client().execute_command(*command.split())  # type: ignore[no-untyped-call]


def test_no_command_for_channels_reaches_anothers(containers: Containers) -> None:
    """Each that the server has, but those that end what there is none of."""
    hostile, victim = containers.start(Redis(), Redis())
    names = [str(one) for one in administrator(victim).acl_cat("pubsub")]
    assert {"publish", "spublish", "subscribe", "psubscribe", "ssubscribe"} <= set(names)
    for command, length, _ in described(victim, [one for one in names if "unsub" not in one]):
        for channel in (victim.name("news"), "*", f"{victim.prefix}*"):
            words = command.split("|")
            words += [channel] * (length - len(words))
            assert "permissions" in verdict(hostile, words), words


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


def test_many_tenants_at_once_have_their_own() -> None:
    """A hundred, each with its key."""
    with Containers() as containers:

        def use(number: int) -> bool:
            server = containers.start(Redis())
            client, key = server.client(), server.name("x")
            client.set(key, number)
            mine: bool = client.get(key) == str(number).encode()
            return mine and list(server.scan()) == [key.encode()]

        with ThreadPoolExecutor(100) as pool:
            assert all(pool.map(use, range(100)))


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
