"""The storage in a bucket, on a MinIO server of its own."""

import traceback
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import minio
import pytest
import urllib3

from pkg.dockertest import Scope
from pkg.dockertest.s3 import S3, S3Server
from pkg.testutil import eventually
from services.vault.errors import StorageRefused, StorageUnavailable
from services.vault.storage import S3Storage


def test_an_object_is_created_once(dockertest: Scope) -> None:
    """The first content stays, whoever tries; every byte comes back."""
    s3 = dockertest.start(S3(buckets=["vault"]))
    one, other = S3Storage(s3.client(), "vault"), S3Storage(s3.client(), "vault")
    every_byte = bytes(range(256))
    assert other.get("a/b") is None
    assert one.create("a/b", every_byte)
    assert not other.create("a/b", b"second")
    assert other.get("a/b") == every_byte
    assert one.create("empty", b"")
    assert not one.create("empty", b"second")
    assert one.get("empty") == b""


def test_of_several_that_create_at_a_time_one_does(dockertest: Scope) -> None:
    """In each of 20 rounds of 8, and its content is the one that is found."""
    s3 = dockertest.start(S3(buckets=["vault"]))
    storages = [S3Storage(s3.client(), "vault") for _ in range(8)]
    start = Barrier(len(storages))

    def create(number: int, name: str) -> bytes | None:
        content = b"%d" % number
        start.wait()
        return content if storages[number].create(name, content) else None

    with ThreadPoolExecutor(len(storages)) as pool:
        for turn in range(20):
            name = f"object-{turn}"
            tries = [pool.submit(create, number, name) for number in range(len(storages))]
            created = [won for one in tries if (won := one.result()) is not None]
            assert created == [storages[0].get(name)]


def test_a_prefix_keeps_two_storages_apart(dockertest: Scope) -> None:
    """The same name under two prefixes is two objects of one bucket."""
    s3 = dockertest.start(S3(buckets=["vault"]))
    one = S3Storage(s3.client(), "vault", "one/")
    other = S3Storage(s3.client(), "vault", "other/")
    assert one.create("a", b"1")
    assert other.get("a") is None
    assert other.create("a", b"2")
    assert S3Storage(s3.client(), "vault").get("one/a") == b"1"


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
        assert storage.get("a") == b"1"


def answers(storage: S3Storage) -> bool:
    """Whether the server can be reached and serves."""
    try:
        storage.get("a")
    except StorageUnavailable:
        return False
    return True


def impatient(s3: S3Server) -> S3Storage:
    """A storage that gives up after half a second and tries only once."""
    http = urllib3.PoolManager(timeout=0.5, retries=0)
    return S3Storage(client(s3, secret=s3.secret_access_key, http=http), "vault", http=http)


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
