"""Fresh servers in containers, for one test.

    with dockertest.scope() as scope:
        redis = scope.start(Redis())

In pytest, the fixtures `dockertest` and `dockertest_module` are such scopes. Services are in
modules of their own: `from pkg.dockertest.redis import Redis`.
"""

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
