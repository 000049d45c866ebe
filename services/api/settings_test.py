"""What an instance is told, and what is wrong with it."""

import pytest

from pkg.config import InvalidConfig
from services.api.settings import Settings

ENVIRON = {
    "API_MYSQL_URL": "mysql://api:p%40ss@db.example.com/keys",
    "API_REDIS_URL": "redis://:hush@redis.example.com:6379/0",
    "API_KAFKA_SERVERS": "10.0.0.1:9092, 10.0.0.2:9092",
    "API_KAFKA_PROTOCOL": "sasl_ssl",
    "API_KAFKA_USER": "api",
    "API_KAFKA_PASSWORD": "hush-kafka",
    "API_EVENTS_FOLDER": "/var/lib/api/events",
    "API_VAULT_URL": "https://vault.example.com",
    "API_VAULT_TOKEN": "token-of-the-vault-0123456789-0123456789",
}


def test_what_must_be_given_is_enough() -> None:
    told = Settings.read(ENVIRON)
    server = told.mysql.config.primary
    assert (server.address, server.user) == ("db.example.com:3306", "api")
    assert (server.password, server.database) == ("p@ss", "keys")
    assert told.mysql.config.replica is None
    assert told.kafka.config == {
        "bootstrap.servers": "10.0.0.1:9092,10.0.0.2:9092",
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "api",
        "sasl.password": "hush-kafka",
    }


def test_brokers_without_users_are_told_of_none() -> None:
    plain = {**ENVIRON, "API_KAFKA_PROTOCOL": "ssl"}
    assert "sasl.username" not in Settings.read(plain).kafka.config


def test_redis_and_kafka_have_a_prefix_each() -> None:
    """Who shares both may have another part of each."""
    told = Settings.read({**ENVIRON, "API_REDIS_PREFIX": "a:", "API_KAFKA_PREFIX": "b-"})
    assert (told.redis_prefix, told.kafka.prefix) == ("a:", "b-")


def test_all_that_is_missing_is_told_at_once() -> None:
    """A line each."""
    with pytest.raises(InvalidConfig) as caught:
        Settings.read({})
    missing = {line.partition(":")[0] for line in str(caught.value).splitlines()}
    assert missing == set(ENVIRON) - {"API_KAFKA_PROTOCOL", "API_KAFKA_USER", "API_KAFKA_PASSWORD"}


@pytest.mark.parametrize(
    "url",
    [
        "mysql://api@db.example.com/keys",
        "mysql://:hush@db.example.com/keys",
        "mysql://api:hush@db.example.com",
        "mysql://api:hush@db.example.com/a/b",
        "mysql://api:hush@db.example.com/keys?ssl=1",
        "postgres://api:hush@db.example.com/keys",
    ],
)
def test_a_url_that_is_none_is_refused_and_not_shown(url: str) -> None:
    """It has a password in it."""
    with pytest.raises(InvalidConfig, match="API_MYSQL_URL: ") as caught:
        Settings.read({**ENVIRON, "API_MYSQL_URL": url})
    assert "hush" not in str(caught.value)


def test_sasl_needs_a_user() -> None:
    without = {name: value for name, value in ENVIRON.items() if "KAFKA_USER" not in name}
    with pytest.raises(InvalidConfig, match="sasl needs both"):
        Settings.read(without)


def test_secrets_are_told_to_who_hides_them_and_shown_nowhere() -> None:
    hidden: list[str] = []
    told = Settings.read(ENVIRON, hidden.append)
    for name in ("API_MYSQL_URL", "API_REDIS_URL", "API_KAFKA_PASSWORD", "API_VAULT_TOKEN"):
        assert ENVIRON[name] in hidden
        assert ENVIRON[name] not in repr(told)
    assert "hush" not in repr(told)
    assert "p@ss" not in repr(told)
    assert "API_REDIS_URL" in Settings.usage()
