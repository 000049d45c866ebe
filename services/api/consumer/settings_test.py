"""What the consumer is told, and what is wrong with it."""

import pytest

from pkg.config import InvalidConfig
from pkg.serving import processes
from services.api.consumer.settings import Settings

ENVIRON = {
    "API_KAFKA_SERVERS": "10.0.0.1:9092",
    "API_KAFKA_PROTOCOL": "sasl_ssl",
    "API_KAFKA_USER": "api",
    "API_KAFKA_PASSWORD": "hush-kafka",
    "API_CLICKHOUSE_URL": "clickhouse://api:hush-house@10.0.0.2:9000/verifications",
}


def test_what_must_be_given_is_enough() -> None:
    """The names are those of the service itself, so that one list does for both."""
    told = Settings.read(ENVIRON)
    assert told.kafka.config["sasl.password"] == "hush-kafka"
    assert (told.kafka.prefix, told.log_level) == ("", "info")
    assert told.clickhouse_url == ENVIRON["API_CLICKHOUSE_URL"]


def test_secrets_are_told_to_who_hides_them_and_shown_nowhere() -> None:
    hidden: list[str] = []
    told = Settings.read(ENVIRON, hidden.append)
    assert {ENVIRON["API_CLICKHOUSE_URL"], ENVIRON["API_KAFKA_PASSWORD"]} <= set(hidden)
    assert "hush" not in repr(told)


@pytest.mark.parametrize(
    "url",
    [
        "http://api:hush@10.0.0.2:8123/verifications",
        "clickhouse://",
        "clickhouse://api:hush@10.0.0.2:nine/verifications",
        "clickhouse://api:hush@10.0.0.2/verifications?secure=hush",
    ],
)
def test_a_url_that_is_none_is_refused_and_not_shown(url: str) -> None:
    """It has a password in it."""
    with pytest.raises(InvalidConfig, match="API_CLICKHOUSE_URL: ") as caught:
        Settings.read({**ENVIRON, "API_CLICKHOUSE_URL": url})
    assert "hush" not in str(caught.value)


def test_bad_settings_are_told_one_a_line() -> None:
    """And nothing else: no stack trace, and exit status 2."""
    given = {**ENVIRON, "API_CLICKHOUSE_URL": "http://hush", "API_LOG_LEVEL": "loud"}
    process = processes.start("services.api.consumer", environ=given)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert [line.partition(":")[0] for line in err.splitlines()] == [
        "API_CLICKHOUSE_URL",
        "API_LOG_LEVEL",
    ]
    assert "hush" not in err


def test_the_help_names_every_variable() -> None:
    process = processes.start("services.api.consumer", "--help", environ={})
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert not [name for name in (*ENVIRON, "API_KAFKA_PREFIX", "API_LOG_LEVEL") if name not in out]
