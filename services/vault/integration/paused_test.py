"""The server hangs: it accepts connections and answers nothing, until it goes on."""

import pytest

from pkg.dockertest import Scope
from pkg.dockertest.s3 import S3, S3Server
from services.vault.errors import StorageUnavailable
from services.vault.testutil.instances import BUCKET
from services.vault.testutil.outage import attempts


@pytest.fixture(scope="module")
def s3(dockertest_module: Scope) -> S3Server:
    return dockertest_module.start(S3(buckets=[BUCKET]))


@pytest.mark.parametrize("at", [0, 1, 2, 3, 6])
def test_each_operation_ends_in_time_and_loses_nothing(s3: S3Server, at: int) -> None:
    """Whichever request is the first one that is not answered; what it asked for is done later, or
    not, when the server goes on. Operations that need no request go on meanwhile."""
    container = s3.container
    for attempt in attempts(s3, at, container.pause, container.resume, served=False):
        assert isinstance(attempt.error, StorageUnavailable) == attempt.reached, attempt
