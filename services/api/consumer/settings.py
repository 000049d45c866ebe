"""The consumer's settings, from the environment: the names are the service's."""

from dataclasses import dataclass

from pkg.config import FromEnvironment, one_of, part, variable
from pkg.logs import LEVELS
from services.api.settings import PREFIX, Kafka, clickhouse


@dataclass(frozen=True, kw_only=True)
class Settings(FromEnvironment, prefix=PREFIX):
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
