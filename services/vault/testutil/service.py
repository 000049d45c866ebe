"""A vault that serves over HTTP, in this process, for tests."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from litestar.handlers import HTTPRouteHandler

from pkg.serving import Tokens
from pkg.serving.testing import Served, served
from services.vault.keyring import MasterKey, MasterKeys
from services.vault.rpc.app import build
from services.vault.rpc.limits import Limits
from services.vault.storage import MemoryStorage
from services.vault.vault import Vault

TOKEN = "a-token-of-the-tests-0123456789abcdef"
# Tests do not wait for load balancers.
LIMITS = Limits(stop_delay=0)
Service = Served


def memory_vault() -> Vault:
    """A vault on a storage of its own in memory, with a new master key."""
    return Vault(MemoryStorage(), MasterKeys([MasterKey.generate()]))


@contextmanager
def serving(
    vault: Vault,
    limits: Limits = LIMITS,
    tokens: Sequence[str] = (TOKEN,),
    more: Sequence[HTTPRouteHandler] = (),
) -> Iterator[Service]:
    """Serves a vault, and more routes if any, by the real server, until the block ends.

    The client of what it gives has the first token.
    """
    app = build(vault, Tokens(tokens), limits, more)
    with served(app, {"authorization": f"Bearer {tokens[0]}"}) as service:
        yield service
