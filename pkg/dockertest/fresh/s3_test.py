"""MinIO does its worst by its own protocols, and the next server knows nothing of it."""

import io
import json
from contextlib import ExitStack, suppress
from typing import Any

import minio
import pytest
import urllib3
from minio.credentials.providers import StaticProvider

from pkg.dockertest.fresh import twice
from pkg.dockertest.s3 import S3, S3Server

POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["s3:*"], "Resource": ["arn:aws:s3:::*"]}],
}
CONFIGURATION = {
    "api": {"requests_max": "7", "cors_allow_origin": "http://left"},
    "scanner": {"speed": "slowest"},
    "compression": {"enable": "on"},
    "logger_webhook:left": {"endpoint": "http://127.0.0.1:9/", "enable": "on"},
    "audit_webhook:left": {"endpoint": "http://127.0.0.1:9/", "enable": "on"},
}
# MinIO shows these only after its next start.
STORED = {
    "region": {"name": "left-1"},
    "notify_webhook:left": {"endpoint": "http://127.0.0.1:9000/", "enable": "on"},
}
REFUSED = {"heal": {"bitrotscan": "on"}, "storage_class": {"standard": "EC:0"}}
VOLATILE_LINES = {
    r"^(file|directory) /data/\.minio\.sys/tmp/": "MinIO makes and removes them while it runs",
    r"^process minio SigBlk": "Go blocks signals for a moment while it starts a thread",
}
KEYS = (
    *CONFIGURATION,
    *STORED,
    *REFUSED,
    "site",
    "policy_opa",
    "etcd",
    "cache",
    "callhome",
    "batch",
    "drive",
)


def administrator(server: S3Server) -> Any:
    return minio.MinioAdmin(
        endpoint=f"{server.host}:{server.port}",
        credentials=StaticProvider(server.access_key_id, server.secret_access_key),
        secure=False,
        http_client=urllib3.PoolManager(timeout=5.0, retries=False),
    )


def worst(server: S3Server, left: ExitStack) -> None:
    client: Any = server.client()
    for bucket in ("left-one", "left-two"):
        client.make_bucket(bucket)
        for number in range(20):
            client.put_object(bucket, f"a/b/{number}", io.BytesIO(b"x" * 100_000), 100_000)
        client.set_bucket_policy(
            bucket,
            json.dumps(
                {
                    **POLICY,
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"AWS": ["*"]},
                            "Action": ["s3:GetObject"],
                            "Resource": [f"arn:aws:s3:::{bucket}/*"],
                        }
                    ],
                }
            ),
        )
    client.set_bucket_versioning("left-two", minio.versioningconfig.VersioningConfig("Enabled"))
    client._create_multipart_upload("left-one", "open", {})
    left.enter_context(client.listen_bucket_notification("left-one"))
    admin = administrator(server)
    for name, values in CONFIGURATION.items():
        before = admin.config_get(name.partition(":")[0])
        admin.config_set(name, values)
        assert admin.config_get(name.partition(":")[0]) != before, name
    for name, values in STORED.items():
        admin.config_set(name, values)
    for name in REFUSED:
        with pytest.raises(minio.error.MinioAdminException, match="cannot have empty keys"):
            admin.config_set(name, REFUSED[name])
    admin.policy_add("left", policy=POLICY)
    admin.user_add("left-user", "left-secret")
    admin.group_add("left-group", ["left-user"])
    admin.policy_set("left", user="left-user")
    admin.attach_policy(["readwrite"], user="left-user")
    admin.add_service_account(access_key="left-access", secret_key="left-secret")
    admin.bucket_quota_set("left-one", 1 << 30)
    assert_left(admin)
    admin.service_restart()
    with suppress(urllib3.exceptions.HTTPError):  # it may end before it answers
        admin.service_stop()


def assert_left(admin: Any) -> None:
    """What was done before is there: a step without effect would leave nothing to be found."""
    for told in (admin.user_list(), admin.group_info("left-group")):
        assert "left-user" in told
    assert "left" in json.loads(admin.policy_list())
    assert str(1 << 30) in admin.bucket_quota_get("left-one")
    assert json.loads(admin.get_service_account("left-access"))["accountStatus"] == "on"


def facts(server: S3Server) -> dict[str, Any]:
    client: Any = server.client()
    admin = administrator(server)
    told: dict[str, Any] = {f"config {key}": asked(admin.config_get, key) for key in KEYS}
    told["buckets"] = [one.name for one in client.list_buckets()]
    for name in ("user_list", "group_list", "policy_list", "list_service_account"):
        told[name] = asked(getattr(admin, name))
    info = json.loads(admin.info())
    told["info"] = {name: info.get(name) for name in ("mode", "region", "sqsARN", "services")}
    told["counted"] = {name: info.get(name, {}).get("count") for name in ("buckets", "objects")}
    return told


def in_order(value: Any) -> Any:
    """MinIO's lists are sets, in any order."""
    if isinstance(value, dict):
        return {name: in_order(one) for name, one in value.items()}
    if isinstance(value, list):
        return sorted((in_order(one) for one in value), key=lambda one: json.dumps(one))
    return value


def asked(call: Any, *arguments: str) -> str:
    """What it answers, or why it does not."""
    try:
        answer = call(*arguments)
    except Exception as error:
        return str(error).partition("request_id")[0]
    try:
        return json.dumps(in_order(json.loads(answer)), sort_keys=True)
    except ValueError:
        return str(answer)


def test_nothing_of_it_is_there_for_the_next_server() -> None:
    """Buckets, open uploads, users, groups, policies, its whole configuration, and its own end."""
    twice.assert_fresh(S3(), worst, facts, {}, VOLATILE_LINES)
