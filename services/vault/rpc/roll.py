"""POST /v1/roll"""

import re
from datetime import timedelta

from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody

from pkg.serving import InvalidBody, reader
from services.vault.rpc.operation import operation
from services.vault.rpc.workers import Workers
from services.vault.vault import Vault
from services.vault.wire import AFTER, RollRequest, RollResponse

# Of the deadline: what is left is for the record that was begun last, and for the way back.
_PATIENCE = 0.5
_AFTER = re.compile(AFTER)


def route(vault: Vault, workers: Workers, deadline: float) -> HTTPRouteHandler:
    """The route, on that vault; `deadline` in seconds."""
    read = reader(RollRequest)
    patience = timedelta(seconds=deadline * _PATIENCE)

    @operation("/v1/roll", RollRequest)
    async def roll(body: RawBody) -> RollResponse:
        """Wraps a page of stored data keys anew, under the newest master key.

        Give `next` as `after` until it is empty. A page may be shorter than its limit, and may be
        done again.
        """
        asked = read(body)
        if not _AFTER.fullmatch(asked.after):
            raise InvalidBody("it is no next that a roll has returned", "after")
        rolled = await workers.run(vault.roll, asked.after, asked.limit, patience)
        return RollResponse(rolled.seen, rolled.rewrapped, list(rolled.damaged), rolled.next)

    return roll
