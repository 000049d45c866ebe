"""Somebody hostile on the shared S3 reaches nothing of another tenant, nor of the server."""

import io
from collections.abc import Iterator

import minio
import pytest
import urllib3
from minio import crypto

from pkg.dockertest import engine
from pkg.dockertest.s3 import S3, S3Server
from pkg.testutil.containers import Containers, leaks
from pkg.testutil.containers.parted import process
from pkg.testutil.containers.s3_attacks import Aim, Request, requests, tricks
from pkg.testutil.containers.s3_senders import MARK, sender, senders
from pkg.testutil.containers.s3_victim import SECRET, Victim, settled
from pkg.testutil.containers.s3_watch import handlers, watched
from pkg.testutil.containers.tenants.s3_signed import Signed

# What a tenant may do: for itself, and what is the same for everybody.
OWN = {
    *("s3.ListBuckets", "s3.ListObjectsV1", "s3.ListObjectsV2", "s3.ListObjectVersions"),
    *("s3.ListMultipartUploads", "s3.PutObject", "s3.DeleteObject", "sts.AssumeRole"),
    *("admin.AccountInfo", "admin.GetUserInfo", "admin.AddUser", "admin.RevokeTokens"),
    *("admin.ListServiceAccounts", "admin.ListAccessKeysBulk", "admin.ListAccessKeysOpenIDBulk"),
    "admin.DeleteServiceAccount",  # which says so, too, of what is none, and leaves it alone
    "s3.DeleteMultipleObjects",  # whose answer has a refusal for each
    *("s3.DeleteBucketWebsite", "admin.SiteReplicationDevNull"),  # which do nothing
}
# What a server with one drive does not serve; and one that fails before it is traced, where no
# other server is replicated to.
NOT_SERVED = {
    *("admin.Heal", "admin.BackgroundHealStatus", "admin.ListPools", "admin.StatusPool"),
    *("admin.StartDecommission", "admin.CancelDecommission", "admin.RebalanceStart"),
    *("admin.RebalanceStatus", "admin.RebalanceStop", "admin.TopLocks", "admin.ForceUnlock"),
    "admin.SiteReplicationNetPerf",
}


def shared() -> S3Server:
    server: S3Server = process.find(engine.connect(), (S3(),))["s3"].whole
    return server


def configuration() -> bytes:
    """The server's own, which the leak detector does not look at."""
    answer = Signed(shared()).send("GET", "/minio/admin/v3/config")
    sealed = urllib3.HTTPResponse(io.BytesIO(answer), preload_content=False)
    return crypto.decrypt(sealed, shared().secret_access_key)


@pytest.fixture
def hostile(containers: Containers) -> S3Server:
    return containers.start(S3(buckets=["own"]))


@pytest.fixture
def victim(containers: Containers) -> Iterator[Victim]:
    """Somebody of whom nothing changes, on a server of which nothing does."""
    found = settled(containers.start(S3()))
    parted = process.find(engine.connect(), (S3(),))["s3"]
    before, stock, settings = found.state(), leaks.stock(parted), configuration()
    yield found
    assert found.state() == before
    assert leaks.stock(parted) == stock
    assert configuration() == settings


def aims(hostile: S3Server, victim: Victim) -> list[Aim]:
    """The victim's keys, the root user's, and its own: it might make itself more than it is."""
    keys = [victim.server.access_key_id, victim.account, victim.temporary.access_key]
    keys += [shared().access_key_id, hostile.access_key_id]
    return [Aim(key, victim.bucket, victim.upload) for key in keys]


def is_refused(request: Request, status: int, said: str) -> bool:
    """Whether a request for another's bucket or object was answered as it has to be."""
    if request.query == {"delete": ""}:
        return status == 200 and "AccessDenied" in said and "<Deleted>" not in said
    if request.method == "DELETE" and request.query == {"website": ""}:
        return status == 200  # it does nothing, whoever asks
    if request.method == "POST" and not request.query and not request.bare:
        return status in (400, 403)  # no handler takes it but as a form
    return status == 403


def test_no_request_reaches_another_tenant(hostile: S3Server, victim: Victim) -> None:
    """By any handler that the server has: nothing is told, and nothing changes."""
    secrets = [*victim.words(), shared().access_key_id, shared().secret_access_key]
    with watched(shared(), MARK) as answered:
        for who, send in senders(hostile):
            # Of the others, with the victim's key and the root user's.
            for aim in aims(hostile, victim)[:: 1 if who == "user" else 3]:
                for request in (*requests(hostile, aim), *tricks(hostile, aim)):
                    status, said = send(request)
                    told = [word for word in secrets if word in said and word not in repr(request)]
                    assert not told, (who, request, said)
                    if victim.bucket in (request.path.split("/")[1], request.copied()):
                        assert is_refused(request, status, said), (who, request, status, said)
    assert handlers(shared()) - answered.keys() == NOT_SERVED
    assert {name for name, statuses in answered.items() if min(statuses) < 400} == OWN


def test_the_same_requests_do_harm_to_ones_own(containers: Containers) -> None:
    """They are such that a server would obey: what they are refused for is who asks."""
    server = containers.start(S3())
    own = settled(server)
    aim = Aim(own.account, own.bucket, own.upload)
    with watched(shared(), MARK) as answered:
        said = [sender(server)(request)[1] for request in requests(server, aim)]
    assert any(SECRET in one for one in said)
    obeyed = {name for name, statuses in answered.items() if min(statuses) < 400}
    assert len(obeyed) > 30
    with pytest.raises(minio.S3Error):
        own.state()
