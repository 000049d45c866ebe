"""Redis does its worst by its own protocol, and the next server knows nothing of it."""

from contextlib import ExitStack, suppress
from typing import Any

import redis

from pkg.dockertest.fresh import twice
from pkg.dockertest.redis import Redis, RedisServer

VOLATILE = {
    "requirepass": "each server has its own",
}
LIBRARY = "#!lua name=left\nredis.register_function('left', function() return 1 end)"
# What a value of each kind can be set to; the first one that is taken counts.
OTHERS = ("yes", "no", "1", "64", "1048576", "left", "/tmp", "left.rdb", "everysec", "debug")
KEPT = ("requirepass", "port", "bind", "tls-port", "unixsocket", "maxclients")  # it is spoken to


def set_everything(client: Any) -> int:
    """Sets each parameter that can be set to something else; returns how many there were."""
    changed = 0
    for name, value in client.config_get("*").items():
        if name in KEPT:
            continue
        for other in OTHERS:
            if other != value:
                with suppress(redis.RedisError):
                    client.config_set(name, other)
                    changed += 1
                    break
    return changed


def worst(server: RedisServer, left: ExitStack) -> twice.Uses:
    client: Any = server.client()
    for database in range(16):
        one = redis.Redis(host=server.host, port=server.port, password=server.password, db=database)
        one.set("left", "x" * 1_000_000)
        one.xadd("stream", {"a": "b"})
        one.xgroup_create("stream", "group")
    client.acl_setuser("left", enabled=True, nopass=True, categories=["+@all"], keys=["*"])
    client.acl_setuser("default", enabled=True, passwords=["+left"], nopass=False)
    client.function_load(LIBRARY)
    client.script_load("return 1")
    assert client.eval("return redis.call('set', 'by', 'script')", 0)
    subscriber = client.pubsub()
    subscriber.subscribe("left")
    subscriber.psubscribe("l*")
    left.callback(subscriber.close)
    another: Any = server.client()
    blocked = left.enter_context(another.client())
    blocked.client_setname("left")
    blocked.connection.send_command("BLPOP", "nothing", 0)
    watching = left.enter_context(another.pipeline())
    watching.watch("left")
    watching.multi()
    tracking = left.enter_context(another.client())
    tracking.execute_command("CLIENT", "TRACKING", "ON", "BCAST")
    tracking.execute_command("CLIENT", "NO-EVICT", "ON")
    monitoring = left.enter_context(another.monitor())
    assert monitoring
    assert set_everything(client) > 100
    for command in (
        ("MODULE", "LOAD", "/tmp/none.so"),
        ("DEBUG", "SET-ACTIVE-EXPIRE", "0"),
        ("DEBUG", "JMAP"),
        ("LATENCY", "RESET"),
        ("CONFIG", "REWRITE"),
        ("CONFIG", "SET", "dir", "/tmp", "dbfilename", "left.rdb"),
        ("SAVE",),
        ("CONFIG", "SET", "dir", "/data", "dbfilename", "dump.rdb", "appendonly", "yes"),
        ("SAVE",),
        ("BGSAVE", "SCHEDULE"),
        ("ACL", "SAVE"),
        ("CLIENT", "PAUSE", "100000", "WRITE"),
        ("CLIENT", "REPLY", "ON"),
        ("REPLICAOF", "127.0.0.1", "6379"),
        ("FAILOVER", "ABORT"),
        ("SHUTDOWN", "NOSAVE", "NOW"),
    ):
        with suppress(redis.RedisError):
            client.execute_command(*command)
    return [one.ping for one in (client, blocked)]


def facts(server: RedisServer) -> dict[str, Any]:
    client: Any = server.client()
    info = client.info("everything")
    told = (
        "role",
        "connected_slaves",
        "blocked_clients",
        "tracking_clients",
        "pubsub_clients",
        "pubsub_patterns",
        "number_of_functions",
        "number_of_cached_scripts",
        "loading",
        "aof_enabled",
        "rdb_bgsave_in_progress",
        "evicted_keys",
        "expired_keys",
        "cluster_enabled",
        "executable",
        "config_file",
        "maxclients",
    )
    return {
        **client.config_get("*"),
        **{f"info {name}": info.get(name) for name in told},
        "keys": {name: value for name, value in info.items() if name.startswith("db")},
        "modules": client.module_list(),
        "users": client.acl_users(),
        "rules": [str(one).split(" #")[0] for one in client.acl_list()],
        "functions": client.function_list(),
        "channels": client.pubsub_channels(),
        "names": sorted(one["name"] for one in client.client_list()),
        "slow": client.slowlog_len(),
        "latency": client.execute_command("LATENCY LATEST"),
    }


def test_nothing_of_it_is_there_for_the_next_server() -> None:
    """Parameters, users, functions, files, clients of every kind, replication, and its own end."""
    twice.assert_fresh(Redis(), worst, facts, VOLATILE)
