"""The configuration of a database."""

import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import Path

from pkg.db.errors import InvalidConfig

# What the client library takes for a host.
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_NAME_LENGTH = 64  # of a database, in MySQL
_USER_LENGTH = 32


@dataclass(frozen=True, kw_only=True)
class Server:
    """Where a MySQL server is, and who comes.

    Attributes:
        host: a name or an address.
        user: who logs in.
        password: the user's. It is in no text of this package.
        database: what is used there; it exists.
    """

    host: str
    port: int = 3306
    user: str
    password: str = field(repr=False)
    database: str

    @property
    def address(self) -> str:
        """For messages."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, kw_only=True)
class Pool:
    """How many connections there are to each server, for each of three uses, as they are needed.

    Transactions have theirs, batches have theirs, and so has what is committed as it ends.

    Attributes:
        size: how many are kept open.
        overflow: how many more there may be while all are in use.
        wait: seconds that one waits for a connection while all are in use.
        recycle: seconds after which a connection is replaced, when it is next asked for. Less than
            the server's `wait_timeout`, and than what lies between drops idle connections after.
    """

    size: int = 10
    overflow: int = 5
    wait: float = 2.0
    recycle: int = 1800


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """How long things may take, in seconds. The client library counts whole ones on the wire.

    Attributes:
        connect: to connect and log in.
        read: for the server to say anything.
        write: for the server to take anything.
        select: for the server to answer a SELECT, which it then ends by itself.
        lock: for others to give up a row's lock.
        operation: for all of a read or a transaction, with all its tries, unless it says so itself.
    """

    connect: int = 3
    read: int = 10
    write: int = 10
    select: float = 5.0
    lock: int = 3
    operation: float = 15.0


@dataclass(frozen=True, kw_only=True)
class Tls:
    """The connection is encrypted, and the server's certificate is for its host.

    The client library may spare a server at 127.0.0.1, ::1 or localhost the question for its name.

    Attributes:
        ca: a file with the authorities' certificates; the machine's own if None.
        certificate: a file with the client's own certificate, if the server asks for one.
        key: a file with the certificate's private key.
    """

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Config:
    """What a database has to know, checked when it is made. Shows no password.

    Attributes:
        primary: takes the writes.
        replica: takes the reads; the primary if None.
        tries: how often a transaction is tried that others stop.
        tls: the connections are encrypted; if None, they are what the server and the client
            library agree on.

    Raises:
        InvalidConfig: with a line for each thing to mend.
    """

    primary: Server
    replica: Server | None = None
    pool: Pool = Pool()
    timeouts: Timeouts = Timeouts()
    tries: int = 5
    tls: Tls | None = None

    def __post_init__(self) -> None:
        found = _server_problems("primary", self.primary)
        if self.replica is not None:
            found += _server_problems("replica", self.replica)
        found += _number_problems(self)
        if self.tls and (self.tls.certificate is None) is not (self.tls.key is None):
            found.append("tls: certificate and key belong together; give both or none")
        if found:
            raise InvalidConfig("\n".join(f"db: {problem}" for problem in found))


def _server_problems(where: str, server: Server) -> list[str]:
    found = []
    if not (_HOST.fullmatch(server.host) or _is_address(server.host)):
        found.append(f"{where}.host: {server.host!r} is no host; give a name or an address")
    if not 0 < server.port < 1 << 16:
        found.append(f"{where}.port: {server.port} is no port")
    for name, text, most in (
        ("user", server.user, _USER_LENGTH),
        ("database", server.database, _NAME_LENGTH),
    ):
        if not 0 < len(text) <= most or "\0" in text:
            found.append(f"{where}.{name}: {text!r}: give 1 to {most} characters")
    if "\0" in server.password:
        found.append(f"{where}.password: it has a NUL in it, which MySQL would cut it off at")
    return found


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _number_problems(config: Config) -> list[str]:
    pool, timeouts = config.pool, config.timeouts
    numbers: list[tuple[str, float, float]] = [
        ("pool.size", pool.size, 1),
        ("pool.overflow", pool.overflow, 0),
        ("pool.wait", pool.wait, 0),
        ("pool.recycle", pool.recycle, 1),
        ("timeouts.connect", timeouts.connect, 1),
        ("timeouts.read", timeouts.read, 1),
        ("timeouts.write", timeouts.write, 1),
        ("timeouts.select", timeouts.select, 0.001),
        ("timeouts.lock", timeouts.lock, 1),
        ("timeouts.operation", timeouts.operation, 0.001),
        ("tries", config.tries, 1),
    ]
    found = [
        f"{name}: {value}: give at least {least:g}"
        for name, value, least in numbers
        if not value >= least
    ]
    for name, value in (("select", timeouts.select), ("lock", timeouts.lock)):
        if value >= timeouts.read:
            found.append(
                f"timeouts.{name}: {value:g} s is not less than timeouts.read, {timeouts.read} s: "
                "the client would break the connection off before the server answers"
            )
    return found
