"""An instance as a process of its own, for tests: `pkg.serving.processes.running(MODULE, …)`."""

from pathlib import Path

from pkg.dockertest.kafka import KafkaServer
from pkg.dockertest.mysql import MySQLServer
from pkg.dockertest.redis import RedisServer

MODULE = "services.api"
CONSUMER = "services.api.consumer"
# Where nobody serves: for tests that show no key again.
NO_VAULT = "http://127.0.0.1:1"


def variables(
    mysql: MySQLServer,
    redis: RedisServer,
    kafka: KafkaServer,
    folder: Path,
    *,
    vault_url: str = NO_VAULT,
    vault_token: str = "none",
) -> dict[str, str]:
    """What an instance on a test's servers is told; it listens on a free port.

    Args:
        folder: where its events wait.
    """
    return {
        "API_MYSQL_URL": mysql.url,
        "API_REDIS_URL": redis.url,
        "API_REDIS_PREFIX": redis.prefix,
        "API_KAFKA_SERVERS": kafka.bootstrap_servers,
        "API_KAFKA_PROTOCOL": "sasl_plaintext",
        "API_KAFKA_MECHANISM": kafka.mechanism,
        "API_KAFKA_USER": kafka.user,
        "API_KAFKA_PASSWORD": kafka.password,
        "API_KAFKA_PREFIX": kafka.prefix,
        "API_EVENTS_FOLDER": str(folder),
        "API_VAULT_URL": vault_url,
        "API_VAULT_TOKEN": vault_token,
        "API_LISTEN": "127.0.0.1:0",
        "API_STOP_DELAY": "0",
    }
