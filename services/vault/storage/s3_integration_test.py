"""The storage in a bucket, on a MinIO server of its own."""

import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import minio
import pytest
import urllib3

from pkg.dockertest import Scope
from pkg.dockertest.s3 import S3, S3Server
from pkg.testutil import eventually
from services.vault.errors import StorageRefused, StorageUnavailable
from services.vault.storage import S3Storage, Storage
from services.vault.storage.contract import CHECKS, content
from services.vault.storage.patience import Patience, pool


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: str(check.__name__))
def test_the_contract_holds(dockertest: Scope, check: Callable[[Storage], None]) -> None:
    """All that a vault relies on, in a bucket and below a prefix in it."""
    s3 = dockertest.start(S3(buckets=["vault"]))
    check(S3Storage(s3.client(), "vault"))
    check(S3Storage(s3.client(), "vault", "below/"))


def test_more_names_than_one_answer_has_are_listed(dockertest: Scope) -> None:
    """S3 gives at most 1,000 at a time."""
    s3 = dockertest.start(S3(buckets=["vault"]))
    storage = S3Storage(s3.client(), "vault", "below/")
    names = [f"{number:04}" for number in range(1100)]
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda name: storage.create(name, b"1"), names))
    assert storage.names("", "", 2000) == names
    assert storage.names("", "0099", 1000) == names[100:]


def test_a_prefix_keeps_two_storages_apart(dockertest: Scope) -> None:
    """The same name under two prefixes is two objects of one bucket."""
    s3 = dockertest.start(S3(buckets=["vault"]))
    one = S3Storage(s3.client(), "vault", "one/")
    other = S3Storage(s3.client(), "vault", "other/")
    assert one.create("a", b"1")
    assert other.get("a") is None
    assert other.create("a", b"2")
    assert content(S3Storage(s3.client(), "vault"), "one/a") == b"1"
    assert one.names("", "", 10) == other.names("", "", 10) == ["a"]


def test_a_missing_bucket_and_a_wrong_secret_are_refusals(dockertest: Scope) -> None:
    """The message has the reason and the next step, and no part of the signature."""
    s3 = dockertest.start(S3(buckets=["vault"]))
    no_bucket = S3Storage(s3.client(), "elsewhere")
    stranger = S3Storage(client(s3, secret="not the secret"), "vault")
    for storage, reason in ((no_bucket, "NoSuchBucket"), (stranger, "SignatureDoesNotMatch")):
        with pytest.raises(StorageRefused, match=f"{reason}.*check that the bucket exists"):
            storage.get("a")
        with pytest.raises(StorageRefused, match="check that the bucket exists") as refused:
            storage.create("a", b"1")
        with pytest.raises(StorageRefused, match="check that the bucket exists"):
            storage.names("", "", 1)
        assert "Signature=" not in str(refused.value)
        assert s3.access_key_id not in str(refused.value)


def test_an_outage_is_told_from_a_refusal(dockertest: Scope) -> None:
    """A dead server and one that hangs are unavailable; afterwards all goes on."""
    s3 = dockertest.start(S3(buckets=["vault"]))
    storage = impatient(s3)
    assert storage.create("a", b"1")
    container = s3.container
    for begin, end in ((container.kill, container.restart), (container.pause, container.resume)):
        begin()
        eventually(lambda: not answers(storage))
        with pytest.raises(StorageUnavailable, match="S3 does not answer"):
            storage.get("a")
        with pytest.raises(StorageUnavailable, match="S3 does not answer") as failed:
            storage.create("b", b"2")
        shown = "".join(traceback.format_exception(failed.value))
        assert "Signature=" not in shown
        end()
        eventually(lambda: answers(storage))
        assert content(storage, "a") == b"1"


def answers(storage: S3Storage) -> bool:
    """Whether the server can be reached and serves."""
    try:
        storage.get("a")
    except StorageUnavailable:
        return False
    return True


def impatient(s3: S3Server) -> S3Storage:
    """A storage that gives up after half a second."""
    half = timedelta(seconds=0.5)
    http = pool(half)
    return S3Storage(
        client(s3, secret=s3.secret_access_key, http=http), "vault", "", Patience(half, http)
    )


def client(s3: S3Server, *, secret: str, http: urllib3.PoolManager | None = None) -> minio.Minio:
    """A client of the server's with another secret, or other connections."""
    return minio.Minio(
        endpoint=f"{s3.host}:{s3.port}",
        access_key=s3.access_key_id,
        secret_key=secret,
        region=s3.region,
        secure=False,
        http_client=http,
    )
