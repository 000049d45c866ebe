"""Wrong options are refused by name, before anything is started."""

import pytest

from pkg.dockertest import InvalidOption, Scope
from pkg.dockertest.redis import Redis
from pkg.dockertest.s3 import S3


@pytest.mark.parametrize("value", [-1, 513, "32", 1.5, True])
def test_redis_refuses_a_maxmemory_out_of_range(value: object) -> None:
    """The message names the option, the value and the range."""
    with pytest.raises(InvalidOption, match=r"Redis\(maxmemory_mb=.*must be a whole number from 0"):
        Redis(maxmemory_mb=value)  # type: ignore[arg-type]


@pytest.mark.parametrize("bucket", ["", "ab", "Invoices", "-a-", "a" * 64, "a_b"])
def test_s3_refuses_a_bucket_name_that_s3_refuses(bucket: str) -> None:
    """The message names the option and the bucket."""
    with pytest.raises(InvalidOption, match=r"S3\(buckets=.*must be 3 to 63"):
        S3(buckets=[bucket])


def test_s3_refuses_one_string_for_a_list_of_buckets() -> None:
    """A string is a sequence of letters, and surely not meant."""
    with pytest.raises(InvalidOption, match="must be a list of names"):
        S3(buckets="vault")


def test_a_class_in_place_of_a_value_is_named() -> None:
    """start(Redis) lacks its parentheses, and the message says so."""
    with Scope() as scope, pytest.raises(TypeError, match="a class needs its parentheses"):
        scope.start(Redis)  # type: ignore[call-overload]


def test_starting_nothing_is_refused() -> None:
    """start() without a service has no result to give."""
    with Scope() as scope, pytest.raises(TypeError, match="at least one service"):
        scope.start()  # type: ignore[call-overload]
