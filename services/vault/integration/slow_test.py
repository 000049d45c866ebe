"""A slow network: a long way, or one that lets little through."""

from datetime import timedelta

import pytest

from pkg.dockertest import Scope
from pkg.dockertest.s3 import S3, S3Server
from services.vault.errors import StorageUnavailable
from services.vault.testutil.instances import BUCKET
from services.vault.testutil.outage import attempts


@pytest.fixture(scope="module")
def s3(dockertest_module: Scope) -> S3Server:
    return dockertest_module.start(S3(buckets=[BUCKET]).proxied())


def test_a_long_way_is_borne(s3: S3Server) -> None:
    """With 80 ms there and back, nothing fails."""
    container = s3.container
    made = attempts(
        s3,
        0,
        lambda: container.slow(latency=0.04),
        container.heal,
        served=True,
        patience=timedelta(seconds=5),
    )
    assert [attempt for attempt in made if attempt.error] == []


@pytest.mark.parametrize("rate", [500, 10_000])
def test_a_trickle_ends_in_time(s3: S3Server, rate: int) -> None:
    """Bytes that come all the time don't keep an operation from ending; some have no success."""
    container = s3.container
    made = attempts(s3, 0, lambda: container.slow(rate=rate), container.heal, served=True)
    failed = [attempt for attempt in made if attempt.error]
    assert failed
    assert all(isinstance(attempt.error, StorageUnavailable) for attempt in failed)
    assert all(attempt.reached for attempt in failed)
