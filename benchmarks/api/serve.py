"""The service on one processor, with empty routes beside its own."""

import json
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from pkg import logs, serving
from pkg.clock import SystemClock
from pkg.db import Config, Database, Server
from pkg.eventstream import Producer
from services.api.eventing import Stream
from services.api.instance import Backends, instance, redis_client
from services.api.rpc.call import Call, Operation
from services.api.wire import Route
from services.api.wire.common import Empty, Request, Success


class Nothing(Request):
    """An object without fields."""


EMPTY = Route("bench.empty", Nothing, Success[Empty])
EMPTY_IN_A_THREAD = Route("bench.emptyInAThread", Nothing, Success[Empty])


class NoVault:
    """Keys that may be shown again are not made here."""

    def encrypt(self, keyring: str, plaintext: bytes) -> bytes:
        """Nothing."""
        raise NotImplementedError

    def decrypt(self, keyring: str, ciphertext: bytes) -> bytes:
        """Nothing."""
        raise NotImplementedError


def nothing(_: Call, asked: Nothing) -> Empty:
    """Does nothing, behind all that the others pass."""
    return Empty()


def empty() -> list[Operation[Any, Any]]:
    """One that needs no thread, as warm keys do not, and one that does."""
    return [
        Operation(EMPTY, Nothing, nothing, quick=nothing),
        Operation(EMPTY_IN_A_THREAD, Nothing, nothing),
    ]


def main() -> None:
    """Serves until it is ended; says where."""
    told = json.loads(sys.stdin.readline())
    os.sched_setaffinity(0, [told["processor"]])
    clock = SystemClock()
    with ExitStack() as opened:
        # As in production: each request is logged, and looked through for secrets.
        redactor = logs.Redactor()
        for secret in told["secrets"]:
            redactor.add(secret)
        log = opened.enter_context(open(os.devnull, "w"))
        logs.configure(log, "info", logs.JsonLines(redactor))
        config = Config(primary=Server(**told["mysql"]))
        backends = Backends(
            db=opened.enter_context(Database(config, clock=clock)),
            redis=opened.enter_context(redis_client(told["redis_url"])),
            vault=NoVault(),
            events=Stream(
                opened.enter_context(Producer(Path(told["folder"]), told["kafka"], clock=clock))
            ),
        )
        limits = serving.Limits(stop_delay=0)
        app = opened.enter_context(instance(backends, limits, clock, empty()))
        at = serving.listen("127.0.0.1", 0)
        print(serving.url(at), flush=True)
        serving.run(app, at)
