"""A MySQL database: pools, deadlines, transactions tried again, typed errors, migrations."""

from pkg.db.config import Config, Pool, Server, Timeouts, Tls
from pkg.db.database import Database
from pkg.db.errors import (
    AccessDenied,
    BadValue,
    ConnectionLost,
    Contended,
    DatabaseError,
    Deadlocked,
    DuplicateKey,
    InvalidConfig,
    LockTimeout,
    MigrationError,
    OutcomeUnknown,
    PoolExhausted,
    ReferenceBroken,
    Refused,
    TimedOut,
    Unavailable,
)
from pkg.db.migrations import migrate, pending

__all__ = [
    "AccessDenied",
    "BadValue",
    "Config",
    "ConnectionLost",
    "Contended",
    "Database",
    "DatabaseError",
    "Deadlocked",
    "DuplicateKey",
    "InvalidConfig",
    "LockTimeout",
    "MigrationError",
    "OutcomeUnknown",
    "Pool",
    "PoolExhausted",
    "ReferenceBroken",
    "Refused",
    "Server",
    "TimedOut",
    "Timeouts",
    "Tls",
    "Unavailable",
    "migrate",
    "pending",
]
