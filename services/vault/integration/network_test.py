"""The network to the server is cut, in one direction or both, or connections break off."""

import pytest

from pkg.dockertest import Scope
from pkg.dockertest.s3 import S3, S3Server
from services.vault.errors import StorageUnavailable
from services.vault.testutil.instances import BUCKET
from services.vault.testutil.outage import attempts


@pytest.fixture(scope="module")
def s3(dockertest_module: Scope) -> S3Server:
    return dockertest_module.start(S3(buckets=[BUCKET]).proxied())


@pytest.mark.parametrize("at", range(7))
def test_an_answer_that_is_lost_was_given(s3: S3Server, at: int) -> None:
    """Cut on the way back: the server does what it is asked, and nobody hears of it."""
    check(s3, at, "down")


@pytest.mark.parametrize(("at", "direction"), [(0, "both"), (2, "up"), (6, "up")])
def test_a_request_that_is_held_arrives_late(s3: S3Server, at: int, direction: str) -> None:
    """Cut on the way there: it is done after the network has healed, when others have gone on."""
    check(s3, at, direction)


@pytest.mark.parametrize("at", [0, 3])
def test_a_connection_that_breaks_off_is_an_outage(s3: S3Server, at: int) -> None:
    """And new ones are refused."""
    container = s3.container
    for attempt in attempts(
        s3, at, lambda: container.cut(reset=True), container.heal, served=False
    ):
        assert isinstance(attempt.error, StorageUnavailable) == attempt.reached, attempt


def check(s3: S3Server, at: int, direction: str) -> None:
    """Operations that had a request to send fail in time; the others don't notice."""
    container = s3.container
    for attempt in attempts(
        s3, at, lambda: container.cut(direction=direction), container.heal, served=False
    ):
        assert isinstance(attempt.error, StorageUnavailable) == attempt.reached, attempt
