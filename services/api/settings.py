"""An instance's settings, from the environment."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pkg.analytics import Client
from pkg.clock import SystemClock
from pkg.config import Address, FromEnvironment, address, one_of, part, several, text, url, variable
from pkg.db import Config, Server
from pkg.logs import LEVELS
from pkg.serving import Limits

PREFIX = "API"
_MYSQL_PORT = 3306


def _server(given: str) -> Server:
    """A MySQL server of a URL; what is wrong is told without the URL, which has a password."""
    parts = urlsplit(url("mysql")(given))
    database = unquote(parts.path.removeprefix("/"))
    if not parts.username or parts.password is None or not database or "/" in database:
        raise ValueError("must be mysql://USER:PASSWORD@HOST:PORT/DATABASE")
    if parts.query or parts.fragment:
        raise ValueError("must end after the database")
    return Server(
        host=parts.hostname or "",
        port=parts.port or _MYSQL_PORT,
        user=unquote(parts.username),
        password=unquote(parts.password),
        database=database,
    )


def clickhouse(given: str) -> str:
    """A URL that `pkg.analytics.Client` takes."""
    checked = url("clickhouse", "clickhouses")(given)
    try:
        Client(checked, clock=SystemClock())  # which asks nobody yet
    except ValueError:
        raise ValueError("has a parameter that is none of clickhouse-driver's") from None
    return checked


@dataclass(frozen=True, kw_only=True)
class Databases(FromEnvironment, prefix=f"{PREFIX}_MYSQL"):
    """Where MySQL is.

    Attributes:
        url: of the server that takes writes.
        replica_url: of one that takes reads; None for the same.
    """

    url: Server = variable("mysql://USER:PASSWORD@HOST:PORT/DATABASE", _server, secret=True)
    replica_url: Server | None = variable(
        "of a server that takes the reads", _server, default=None, secret=True
    )

    @property
    def config(self) -> Config:
        """For pkg.db."""
        return Config(primary=self.url, replica=self.replica_url)


@dataclass(frozen=True, kw_only=True)
class Kafka:
    """Where events go.

    Attributes:
        servers: to begin with.
        protocol: how they are spoken to.
        mechanism: how a user is known to them.
        user: who comes; "" for nobody.
        password: the user's.
        prefix: before all names of topics and groups.
    """

    servers: tuple[Address, ...] = variable(
        "brokers to begin with, such as 10.0.0.1:9092", several(address)
    )
    protocol: str = variable(
        "plaintext, ssl, sasl_plaintext or sasl_ssl",
        one_of("plaintext", "ssl", "sasl_plaintext", "sasl_ssl"),
        default="ssl",
    )
    mechanism: str = variable(
        "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512, for sasl_…",
        one_of("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"),
        default="SCRAM-SHA-512",
    )
    user: str = variable("for sasl_…", text, default="")
    password: str = variable("the user's", text, default="", secret=True)
    prefix: str = variable("before all names of topics and groups", str, default="")

    def __post_init__(self) -> None:
        if self.protocol.startswith("sasl_") and not (self.user and self.password):
            raise ValueError("API_KAFKA_USER, API_KAFKA_PASSWORD: sasl needs both")

    @property
    def config(self) -> dict[str, Any]:
        """For confluent-kafka."""
        made = {
            "bootstrap.servers": ",".join(map(str, self.servers)),
            "security.protocol": self.protocol.upper(),
        }
        if self.protocol.startswith("sasl_"):
            made |= {
                "sasl.mechanism": self.mechanism,
                "sasl.username": self.user,
                "sasl.password": self.password,
            }
        return made


@dataclass(frozen=True, kw_only=True)
class Vault:
    """The vault, for keys that may be shown again.

    Attributes:
        url: where it serves.
        token: that lets this service in.
    """

    url: str = variable("where it serves", url("http", "https"))
    token: str = variable("that lets this service in", text, secret=True)


@dataclass(frozen=True, kw_only=True)
class Settings(FromEnvironment, prefix=PREFIX):
    """All that an instance is told. Shows no secret.

    Attributes:
        mysql: where its tables are.
        redis_url: the server that all instances share.
        redis_prefix: before all names in Redis.
        kafka: where events go.
        events_folder: where events wait that the broker has not taken.
        vault: encrypts keys that may be shown again.
        clickhouse_url: of the database that has the verifications; None to answer no question
            about them. The user needs no right but to read.
        listen: where; port 0 takes a free one.
        limits: of the HTTP side.
        log_level: below which nothing is logged.
    """

    mysql: Databases = part(Databases, prefix="mysql")
    redis_url: str = variable(
        "redis://USER:PASSWORD@HOST:PORT/0", url("redis", "rediss"), secret=True
    )
    redis_prefix: str = variable("before all names in Redis", str, default="")
    kafka: Kafka = part(Kafka, prefix="kafka")
    events_folder: Path = variable(
        "on a local disk, where events wait that the broker has not taken", Path
    )
    vault: Vault = part(Vault, prefix="vault")
    clickhouse_url: str | None = variable(
        "clickhouse://USER:PASSWORD@HOST:PORT/DATABASE; without, analytics are not answered",
        clickhouse,
        default=None,
        secret=True,
    )
    listen: Address = variable(
        "address and port; port 0 takes a free one", address, default=Address("127.0.0.1", 7020)
    )
    limits: Limits = part(Limits)
    log_level: str = variable(
        "debug, info, warning or error; each request is an info", one_of(*LEVELS), default="info"
    )
