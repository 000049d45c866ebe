"""Wrong options are refused by name, before anything is started."""

from typing import Any

import pytest

from pkg.dockertest import InvalidOption, Scope, Service, WrongArgument
from pkg.dockertest.clickhouse import ClickHouse
from pkg.dockertest.mysql import MySQL
from pkg.dockertest.redis import Redis
from pkg.dockertest.s3 import S3


@pytest.mark.parametrize(
    "database", ["", "1st", "two words", "a-b", "a.b", "`a`", "ä", "a" * 65, None]
)
def test_clickhouse_refuses_a_database_that_needs_quotes(database: Any) -> None:
    """The message names the option, the value and the rule."""
    with pytest.raises(InvalidOption, match=r"ClickHouse\(database=.*must be 1 to 64 letters"):
        ClickHouse(database=database)


@pytest.mark.parametrize("value", [-1, 513, "32", 1.5, True])
def test_redis_refuses_a_maxmemory_out_of_range(value: object) -> None:
    """The message names the option, the value and the range."""
    with pytest.raises(InvalidOption, match=r"Redis\(maxmemory_mb=.*must be a whole number from 0"):
        Redis(maxmemory_mb=value)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["", "a" * 65, "a b", "a`b", "mysql", "SYS", None])
def test_mysql_refuses_a_database_name_that_is_none(name: Any) -> None:
    """MySQL's own are refused, too: a test has no business with them."""
    with pytest.raises(InvalidOption, match=r"MySQL\(database=.*must be 1 to 64 letters"):
        MySQL(database=name)


@pytest.mark.parametrize(
    "flag", ["", "max-connections=1", "--", "--a\n--b", "--port=1", "--init_file=x", "--datadir", 3]
)
def test_mysql_refuses_what_is_no_flag_of_its_own(flag: Any) -> None:
    """Those by which the server is reached and gets its password are Berth's."""
    with pytest.raises(InvalidOption, match=r"MySQL\(flags=.*must be one of mysqld"):
        MySQL(flags=[flag])


@pytest.mark.parametrize("flags", ["--log-bin", None, 3])
def test_mysql_refuses_what_is_no_list_of_flags(flags: Any) -> None:
    """A string is a sequence of letters, and surely not meant."""
    with pytest.raises(InvalidOption, match="must be a list of flags"):
        MySQL(flags=flags)


@pytest.mark.parametrize(
    "bucket", ["", "ab", "Invoices", "-a-", "a" * 64, "a_b", "a..b", "a.-b", "a-.b", "1.2.3.4"]
)
def test_s3_refuses_a_bucket_name_that_s3_refuses(bucket: str) -> None:
    """The message names the option and the bucket."""
    with pytest.raises(InvalidOption, match=r"S3\(buckets=.*must be 3 to 63"):
        S3(buckets=[bucket])


@pytest.mark.parametrize("buckets", ["vault", None, 3])
def test_s3_refuses_what_is_no_list_of_buckets(buckets: Any) -> None:
    """A string is a sequence of letters, and surely not meant."""
    with pytest.raises(InvalidOption, match="must be a list of names"):
        S3(buckets=buckets)


def test_s3_takes_names_from_anything_that_gives_them() -> None:
    """A generator gives its names once."""
    assert S3(buckets=(f"bucket-{x}" for x in "ab")).buckets == (  # type: ignore[arg-type]
        "bucket-a",
        "bucket-b",
    )


def test_a_class_in_place_of_a_value_is_named() -> None:
    """start(Redis) lacks its parentheses, and the message says so."""
    with Scope() as scope, pytest.raises(TypeError, match=r"parentheses: start\(Redis\(\)\)"):
        scope.start(Redis)  # type: ignore[call-overload]


@pytest.mark.parametrize("base", [ClickHouse, MySQL, Redis, S3])
def test_a_class_alone_in_a_mark_is_named(base: type[Service[Any]]) -> None:
    """pytest marks the class then, and calls it with the test, a function or a class."""
    alone = type(base.__name__, (base,), {})
    anything: Any = alone  # all marks are alike in this, and this one needs no plugin
    services: Any = pytest.mark.usefixtures(anything)
    what = rf"services\({base.__name__}\): .*: services\({base.__name__}\(\)\)"
    for test in (test_starting_nothing_is_refused, type("TestX", (), {})):
        with pytest.raises(WrongArgument, match=what):
            services(test)


def test_a_list_of_services_is_refused() -> None:
    """They are given one by one, so that the types of their results are known."""
    with Scope() as scope, pytest.raises(TypeError, match=r"one by one.*start\(\*services\)"):
        scope.start([Redis()])  # type: ignore[call-overload]


def test_starting_nothing_is_refused() -> None:
    """start() without a service has no result to give."""
    with Scope() as scope, pytest.raises(TypeError, match="at least one service"):
        scope.start()  # type: ignore[call-overload]
