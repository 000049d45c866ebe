"""A tenant of the shared S3 has what is its own, all of S3, and leaves nothing."""

import base64
import contextlib
import io
import itertools
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import minio
import pytest
from minio.commonconfig import COMPLIANCE, ENABLED
from minio.credentials.providers import AssumeRoleProvider
from minio.objectlockconfig import DAYS, ObjectLockConfig
from minio.versioningconfig import VersioningConfig

from pkg.dockertest import InvalidOption, engine
from pkg.dockertest.s3 import S3, S3Server
from pkg.testutil.containers import Containers, leaks
from pkg.testutil.containers.parted import Parted, process
from pkg.testutil.containers.s3_administrator import administrator
from pkg.testutil.containers.tenants.s3 import S3Tenancy

NO_BUCKETS = ["", "A", "a_b", "ü", "a b", "a/b", "a..b", "x" * 60, "-", "a.", "*", "${x}"]
ODD_KEYS = ["a b", "ключ", "'\"<&>", "\\", "%2e+", "a/b/ c", "*?", "${aws:username}", "x" * 255]


def shared() -> Parted:
    return process.find(engine.connect(), (S3(),))["s3"]


def files_of(name: str) -> str:
    """Those on the server's disk whose paths have a name, but for what it is about to delete."""
    command = ["find", "/data", "-path", f"*{name}*", "-not", "-path", "*/.trash/*"]
    found: str = shared().whole.container.exec(command).stdout
    return found


def put(client: minio.Minio, bucket: str, key: str) -> None:
    client.put_object(bucket, key, io.BytesIO(b"content"), 7)


def test_a_tenant_has_the_buckets_and_objects_that_it_asked_for(containers: Containers) -> None:
    """They alone are listed, by their names for it."""
    asked = S3(buckets=["aaa"], objects={"bbb/key": b"content"})
    server, _ = containers.start(asked, S3(buckets=["theirs"]))
    client = server.client()
    assert [one.name for one in client.list_buckets()] == [server.name("aaa"), server.name("bbb")]
    assert client.get_object(server.name("bbb"), "key").data == b"content"


def test_a_list_of_no_buckets_is_refused(containers: Containers) -> None:
    """As docs/containers.md has it; the first bucket ends that."""
    server = containers.start(S3())
    with pytest.raises(minio.S3Error, match="AccessDenied"):
        server.client().list_buckets()
    server.client().make_bucket(server.name("first"))
    assert [one.name for one in server.client().list_buckets()] == [server.name("first")]


@pytest.mark.parametrize("name", NO_BUCKETS, ids=range(len(NO_BUCKETS)))
def test_what_can_be_no_bucket_is_told(containers: Containers, name: str) -> None:
    """The message has the rule, and the whole name, whose prefix counts."""
    server = containers.start(S3())
    with pytest.raises(InvalidOption, match=rf"name\(.*{server.prefix}.* 3 to 63 lower-case"):
        server.name(name)


def test_the_longest_name_is_a_buckets(containers: Containers) -> None:
    """As long as the message says."""
    server = containers.start(S3())
    name = server.name("x" * (63 - len(server.prefix)))
    server.client().make_bucket(name)
    with pytest.raises(InvalidOption, match="64 characters"):
        server.name("x" * (64 - len(server.prefix)))


def test_any_key_is_an_objects() -> None:
    """Odd ones, too, finished or not; nothing of them is left."""
    unfinished = []
    with Containers() as containers:
        server = containers.start(S3(buckets=["data"]))
        client, bucket = server.client(), server.name("data")
        for key in ODD_KEYS:
            put(client, bucket, key)
            upload = client._create_multipart_upload(bucket, key, {})
            # Its file is called by what stands behind the number of the server.
            unfinished.append(base64.urlsafe_b64decode(f"{upload}==").decode().partition(".")[2])
        listed = {one.object_name for one in client.list_objects(bucket, recursive=True)}
        assert listed == set(ODD_KEYS)
        assert all(files_of(upload) for upload in unfinished)
    assert not any(files_of(upload) for upload in unfinished)


def fill(server: S3Server) -> None:
    """Versions, settings, an unfinished upload, and what cannot be deleted for a day."""
    client, bucket = server.client(), server.name("data")
    client.make_bucket(bucket)
    client.set_bucket_versioning(bucket, VersioningConfig(ENABLED))
    for _ in range(2):
        put(client, bucket, "object")
    put(client, bucket, "removed")
    client.remove_object(bucket, "removed")
    client._create_multipart_upload(bucket, "unfinished", {})
    locked = server.name("locked")
    client.make_bucket(locked, object_lock=True)
    client.set_object_lock_config(locked, ObjectLockConfig(COMPLIANCE, 1, DAYS))
    put(client, locked, "object")


def listed(server: S3Server) -> Any:
    """What a tenant of `fill` has, as the root user sees it."""
    client = shared().whole.client()
    return [
        (one.bucket_name, one.object_name, one.version_id, one.etag)
        for bucket in (server.name("data"), server.name("locked"))
        for one in client.list_objects(bucket, recursive=True, include_version=True)
    ]


def test_nothing_is_left_of_a_dropped_tenant() -> None:
    """Neither objects nor keys that it made for itself; another's are as they were."""
    with Containers() as stays:
        other = stays.start(S3())
        fill(other)
        before, stock = listed(other), leaks.stock(shared())
        with Containers() as containers:
            server = containers.start(S3())
            fill(server)
            keys = [(server.access_key_id, server.secret_access_key, None), *own_keys(server)]
            clients = [impersonate(server, *key) for key in keys]
            for client in clients:
                assert len(client.list_buckets()) == 2
        for client in clients:
            with pytest.raises(minio.S3Error, match=r"InvalidAccessKeyId|InvalidTokenId"):
                client.list_buckets()
        assert files_of(server.access_key_id) == ""
        assert listed(other) == before
        assert leaks.stock(shared()) == stock


def own_keys(server: S3Server) -> list[tuple[str, str, str | None]]:
    """A service account and temporary credentials, made by a tenant for itself."""
    account = secrets.token_hex(8)
    administrator(server).add_service_account(access_key=account, secret_key="account-secret")
    temporary = AssumeRoleProvider(
        sts_endpoint=server.url,
        access_key=server.access_key_id,
        secret_key=server.secret_access_key,
        region=server.region,
    ).retrieve()
    return [
        (account, "account-secret", None),
        (temporary.access_key, temporary.secret_key, temporary.session_token),
    ]


def impersonate(server: S3Server, key: str, secret: str, token: str | None) -> minio.Minio:
    return minio.Minio(
        endpoint=f"{server.host}:{server.port}",
        access_key=key,
        secret_key=secret,
        session_token=token,
        region=server.region,
        secure=False,
    )


def test_a_drop_that_was_interrupted_can_be_repeated() -> None:
    """At any request: the tenant is known until nothing is left."""
    tenancy = shared().tenancy
    assert isinstance(tenancy, S3Tenancy)
    for allowed in range(20):
        with Containers() as containers:
            server = containers.start(S3())
            fill(server)
            own_keys(server)
            name = server.access_key_id
            with interrupted(tenancy, allowed), contextlib.suppress(KeyboardInterrupt):
                tenancy.drop(name)
                assert allowed > 5
                return
            assert name in tenancy.names()
        assert name not in tenancy.names()
        assert files_of(name) == ""


def test_an_account_that_has_outlived_its_tenant_is_removed() -> None:
    """It was in the making when the user went: the tenant is known by it."""
    tenancy, name, account = shared().tenancy, process.name(), secrets.token_hex(8)
    assert isinstance(tenancy, S3Tenancy)
    about = {"parent": name, "accessKey": account, "secretKey": "its-secret", "claims": {}}
    tenancy._import(svcaccts={account: about})
    assert name in tenancy.names()
    tenancy.drop(name)
    assert name not in tenancy.names()


@contextlib.contextmanager
def interrupted(tenancy: S3Tenancy, allowed: int) -> Iterator[None]:
    """After so many requests, the next one is none any more."""
    send, numbers = tenancy._signed.send, itertools.count()

    def sent(*words: Any, **named: Any) -> bytes:
        if next(numbers) == allowed:
            raise KeyboardInterrupt
        return send(*words, **named)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tenancy._signed, "send", sent)
        yield


def test_a_hundred_tenants_at_once(containers: Containers) -> None:
    """Each has its own objects under the same names."""

    def use(_: int) -> str:
        server = containers.start(S3(buckets=["data"]))
        content = secrets.token_bytes(8)
        client, bucket = server.client(), server.name("data")
        client.put_object(bucket, "key", io.BytesIO(content), len(content))
        assert client.get_object(bucket, "key").data == content
        assert [one.name for one in client.list_buckets()] == [bucket]
        return bucket

    with ThreadPoolExecutor(20) as pool:
        assert len(set(pool.map(use, range(100)))) == 100
