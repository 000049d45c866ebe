"""Fresh servers in containers, for one test.

    with dockertest.scope() as scope:
        redis = scope.start(Redis())

In pytest, the fixtures `dockertest` and `dockertest_module` are such scopes. Services are in
modules of their own: `from pkg.dockertest.redis import Redis`.
"""

from typing import TYPE_CHECKING

from pkg.dockertest.errors import (
    DockertestError,
    EngineError,
    EngineUnavailable,
    ImageUnavailable,
    InvalidOption,
    NotReady,
    SchemaFailed,
    ServerDied,
    WrongArgument,
)
from pkg.dockertest.network import Network
from pkg.dockertest.scopes import Scope, Started, scope
from pkg.dockertest.service import Server, Service
from pkg.dockertest.snapshots.seed import Seed

__all__ = [
    "DockertestError",
    "EngineError",
    "EngineUnavailable",
    "ImageUnavailable",
    "InvalidOption",
    "Network",
    "NotReady",
    "SchemaFailed",
    "Scope",
    "Seed",
    "Server",
    "ServerDied",
    "Service",
    "Started",
    "WrongArgument",
    "scope",
]

if not TYPE_CHECKING:  # a type checker knows by itself what is not here

    def __getattr__(name: str) -> object:
        """The package and pytest's fixture have one name."""
        if name == "start":
            raise AttributeError(
                "dockertest.start is the fixture's: name it among the test's arguments, "
                "(dockertest: Scope), with Scope from pkg.dockertest; without pytest, use "
                "dockertest.scope()"
            )
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
