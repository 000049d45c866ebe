"""What can go wrong, as a tree:

DatabaseError
├── InvalidConfig            the configuration is wrong
├── Unavailable              nothing was done: no server, no connection, no time
│   ├── ConnectionLost       the connection broke before the end
│   ├── PoolExhausted        all connections were in use for too long
│   └── TimedOut             the server, or the caller's own time, took too long
├── Contended                nothing was done: others held the rows, at each try
│   ├── Deadlocked           in a circle
│   └── LockTimeout          for too long
├── OutcomeUnknown           the connection broke at the end: all was done, or nothing
├── Refused                  the server has understood, and said no
│   ├── DuplicateKey         a unique key has the value already
│   ├── ReferenceBroken      a foreign key would point at nothing
│   ├── BadValue             a value does not fit its column
│   └── AccessDenied         the user may not do this
└── MigrationError           the files, or what the database had of them, do not fit

A message names the server's address and MySQL's code. It holds no password and no value of a
statement; the server's own words, which may hold values, are in `__cause__`.

A service turns them into its own faults. `kind` says which ones:

    except db.DatabaseError as error:
        raise Fault(error.kind, "storage", "Please try again later.", str(error)) from error
"""

from typing import ClassVar

from pkg.fault import Kind

__all__ = [
    "AccessDenied",
    "BadValue",
    "ConnectionLost",
    "Contended",
    "DatabaseError",
    "Deadlocked",
    "DuplicateKey",
    "InvalidConfig",
    "LockTimeout",
    "MigrationError",
    "OutcomeUnknown",
    "PoolExhausted",
    "ReferenceBroken",
    "Refused",
    "TimedOut",
    "Unavailable",
]


class DatabaseError(Exception):
    """The base of all errors of the database.

    Attributes:
        kind: what a caller of a service can do about it, if the service does not know better.
    """

    kind: ClassVar[Kind] = Kind.INTERNAL


class InvalidConfig(DatabaseError, ValueError):
    """The configuration is wrong; the message has a line for each thing to mend."""


class Unavailable(DatabaseError):
    """Nothing was done. Trying again later may help."""

    kind = Kind.UNAVAILABLE


class ConnectionLost(Unavailable):
    """The connection broke; what was begun on it is rolled back."""


class PoolExhausted(Unavailable):
    """All connections were in use, for as long as one waits."""


class TimedOut(Unavailable):
    """It took too long; what was begun is rolled back."""


class Contended(DatabaseError):
    """Others hold what was to be changed, at each of the tries. All was rolled back."""

    kind = Kind.UNAVAILABLE


class Deadlocked(Contended):
    """The server has chosen this transaction to let others go on."""


class LockTimeout(Contended):
    """Others hold a lock for longer than one waits."""


class OutcomeUnknown(DatabaseError):
    """The connection broke while the server committed: all was done, or nothing.

    Look before trying again, for a row that the transaction would have written.
    """

    kind = Kind.UNAVAILABLE


class Refused(DatabaseError):
    """The server has understood, and said no. Trying again does not help.

    Attributes:
        code: MySQL's number of the error.
    """

    def __init__(self, message: str, *, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


class DuplicateKey(Refused):
    """A unique key has the value already.

    Attributes:
        key: the key's name, without its table: "PRIMARY", or as the schema has it.
    """

    kind = Kind.CONFLICT

    def __init__(self, message: str, *, code: int = 0, key: str) -> None:
        super().__init__(message, code=code)
        self.key = key


class ReferenceBroken(Refused):
    """A foreign key would point at nothing: what it names is missing, or still in use.

    Attributes:
        constraint: the foreign key's name; "" if the server did not say.
    """

    kind = Kind.CONFLICT

    def __init__(self, message: str, *, code: int = 0, constraint: str = "") -> None:
        super().__init__(message, code=code)
        self.constraint = constraint


class BadValue(Refused):
    """A value does not fit its column: too long, out of range, missing, or not of its form."""


class AccessDenied(Refused):
    """The user is unknown, the password wrong, or the right missing."""


class MigrationError(DatabaseError):
    """Migrations cannot go on; the message names the file, and the next step."""
