"""The consumer's settings, from the environment: the names are the service's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pkg import config
from pkg.config import one_of, part, variable
from pkg.logs import LEVELS
from services.api.settings import PREFIX, Kafka, clickhouse


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All that the consumer is told. Shows no secret.

    Attributes:
        kafka: where events come from.
        clickhouse_url: of the database that has the table; a user that may create and insert.
        log_level: below which nothing is logged.
    """

    kafka: Kafka = part(Kafka, prefix="kafka")
    clickhouse_url: str = variable(
        "clickhouse://USER:PASSWORD@HOST:PORT/DATABASE, clickhouses:// for TLS",
        clickhouse,
        secret=True,
    )
    log_level: str = variable(
        "debug, info, warning or error; starts and outages are infos and warnings",
        one_of(*LEVELS),
        default="info",
    )


def read(
    environ: Mapping[str, str], hide: Callable[[str], object] = lambda secret: None
) -> Settings:
    """The settings that the environment tells.

    Args:
        environ: such as `os.environ`.
        hide: is told each secret.

    Raises:
        pkg.config.InvalidConfig: with a line for each variable to mend.
    """
    return config.read(Settings, environ, prefix=PREFIX, hide=hide)


def usage() -> str:
    """All variables, one a line."""
    return config.usage(Settings, prefix=PREFIX)
