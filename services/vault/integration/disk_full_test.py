"""The server has no room left: it still reads, and writes nothing."""

import io
from datetime import timedelta

import minio
import pytest

from pkg.dockertest import Scope
from pkg.dockertest.s3 import S3, S3Server
from pkg.testutil import eventually
from services.vault.errors import StorageUnavailable
from services.vault.testutil.instances import BUCKET
from services.vault.testutil.outage import attempts

# Reading has all the time it needs.
PATIENCE = timedelta(seconds=5)
READ = {"decrypt", "decrypt_bulk", "check"}


@pytest.fixture(scope="module")
def s3(dockertest_module: Scope) -> S3Server:
    return dockertest_module.start(S3(buckets=[BUCKET]))


@pytest.mark.parametrize("at", [0, 2])
def test_each_operation_ends_in_time_and_loses_nothing(s3: S3Server, at: int) -> None:
    """What only reads succeeds. What writes fails as an outage does, and more room ends it."""
    made = attempts(
        s3, at, lambda: fill(s3), s3.container.free_disk, served=True, patience=PATIENCE
    )
    for attempt in made:
        writes = attempt.reached and attempt.operation.name not in READ
        assert isinstance(attempt.error, StorageUnavailable) == writes, attempt


def fill(s3: S3Server) -> None:
    """Fills the disk; the server needs a moment until it notices."""
    bucket = s3.client()

    def is_full() -> bool:
        try:
            bucket.put_object(BUCKET, "one-more", io.BytesIO(b"1"), 1)
        except minio.S3Error as error:
            return error.code == "XMinioStorageFull"
        return False

    s3.container.fill_disk()
    eventually(is_full)
