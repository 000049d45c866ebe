"""A vault that serves on one processor, with an empty route beside its own."""

import json
import os
import sys

import msgspec
from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody

from pkg import logs, serving
from services.vault.build import build
from services.vault.config import Config
from services.vault.keyring import MasterKey, MasterKeys
from services.vault.rpc import app
from services.vault.rpc.limits import Limits
from services.vault.rpc.operation import operation

EMPTY = "/v1/empty"
TOKEN = "a-token-of-the-benchmark-0123456789"
LIMITS = Limits(stop_delay=0)


class Nothing(msgspec.Struct):
    """An object without fields."""


def empty() -> HTTPRouteHandler:
    """A route that does nothing, behind all that the others pass."""

    @operation(EMPTY, Nothing)
    async def nothing(body: RawBody) -> Nothing:
        """Does nothing."""
        return Nothing()

    return nothing


def main() -> None:
    """Serves until it is ended; says where."""
    told = json.loads(sys.stdin.readline())
    os.sched_setaffinity(0, [told.pop("processor")])
    config = Config(master_keys=MasterKeys([MasterKey.generate()]), s3_bucket="vault", **told)
    # As in production: each request is logged.
    with open(os.devnull, "w") as log:
        logs.configure(log, "info", logs.JsonLines(error_texts=False))
        at = serving.listen("127.0.0.1", 0)
        print(serving.url(at), flush=True)
        tokens = serving.Tokens([TOKEN])
        serving.run(app.build(build(config), tokens, LIMITS, [empty()]), at)
