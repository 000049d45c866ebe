"""A test's report names what to do instead of what its tenant may not do."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping

import pytest

TESTS = """
from confluent_kafka.admin import NewTopic

from pkg.dockertest.clickhouse import ClickHouse
from pkg.dockertest.kafka import Kafka
from pkg.dockertest.mysql import MySQL
from pkg.dockertest.redis import Redis
from pkg.dockertest.s3 import S3


def test_redis(containers):
    containers.start(Redis()).client().set("x", 1)


def test_redis_command(containers):
    containers.start(Redis()).client().flushall()


def test_mysql(containers):
    containers.start(MySQL()).client().cursor().execute("CREATE DATABASE x")


def test_mysql_table(containers):
    containers.start(MySQL()).client().cursor().execute("DELETE FROM mysql.user")


def test_mysql_setting(containers):
    containers.start(MySQL()).client().cursor().execute("SET GLOBAL max_connections = 5")


def test_clickhouse(containers):
    containers.start(ClickHouse()).client().execute("CREATE TABLE default.x (a Int8) ENGINE = Log")


def test_s3(containers):
    containers.start(S3()).client().make_bucket("uploads")


def test_kafka(containers):
    admin = containers.start(Kafka()).client()
    admin.create_topics([NewTopic("x", 1)])["x"].result()


def test_wrapped(containers_module):
    redis, mysql = containers_module.start(Redis(), MySQL())
    try:
        redis.client().set("x", 1)
    except Exception as error:
        raise RuntimeError("no visit is counted") from error


def test_other(containers):
    redis = containers.start(Redis())
    assert redis.client().get(redis.name("x")) == b"1"
"""


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What pytest printed of each test, by its name."""
    folder = tmp_path_factory.mktemp("refused")
    file = folder / "refused_test.py"
    file.write_text(TESTS)
    arguments = ["-p", "pkg.testutil.containers.plugin", "-p", "no:cacheprovider", "--tb=short"]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "--import-mode=importlib", *arguments, str(file)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    _, *parts = re.split(r"^_+ (test_\w+) _+$", ended.stdout, flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


@pytest.mark.parametrize(
    ("test", "service", "instead"),
    [
        ("test_redis", "redis", "redis.name('x')"),
        ("test_redis_command", "redis", "Redis(whole=True)"),
        ("test_mysql", "mysql", "mysql.database"),
        ("test_mysql_table", "mysql", "mysql.database"),
        ("test_mysql_setting", "mysql", "dockertest fixture"),
        ("test_clickhouse", "clickhouse", "clickhouse.database"),
        ("test_s3", "s3", "s3.name('x')"),
        ("test_kafka", "kafka", "kafka.name('x')"),
        ("test_wrapped", "redis", "redis.name('x')"),
    ],
)
def test_a_refusal_is_told_with_what_to_do_instead(
    reports: Mapping[str, str], test: str, service: str, instead: str
) -> None:
    """Of the service that refused, and of no other that the test has a part of."""
    assert re.findall(r"- refused by (\w+) -", reports[test]) == [service], reports[test]
    assert instead in reports[test].partition("- refused by")[2]


def test_another_failure_has_no_such_section(reports: Mapping[str, str]) -> None:
    assert "b'1'" in reports["test_other"]
    assert "refused by" not in reports["test_other"]
