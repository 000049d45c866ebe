"""S3 among the shared containers: what a test that had it whole has left is told."""

from collections.abc import Callable
from typing import Any

import pytest
from minio.commonconfig import Tags

from pkg.dockertest.s3 import S3, S3Server
from pkg.testutil.containers import Containers, leaks
from pkg.testutil.containers.s3_administrator import administrator
from pkg.testutil.containers.tenants.s3 import S3Tenancy

NAME = "left-by-a-test"
RULES = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["s3:*"], "Resource": ["arn:aws:s3:::x"]}],
}


def tag(server: S3Server) -> None:
    tags = Tags.new_bucket_tags()
    tags["left"] = "yes"
    server.client().set_bucket_tags(NAME, tags)


# What is left, how the message has it, and how it is removed; with a bucket that is there before.
LEFT: dict[str, tuple[Callable[[S3Server], Any], Callable[[S3Server], Any]]] = {
    f"left bucket {NAME}2": (
        lambda server: server.client().make_bucket(f"{NAME}2"),
        lambda server: server.client().remove_bucket(f"{NAME}2"),
    ),
    f"left object {NAME}/file": (
        lambda server: server.client().fput_object(NAME, "file", __file__),
        lambda server: server.client().remove_object(NAME, "file"),
    ),
    f"left upload .* of {NAME}/file": (
        lambda server: server.client()._create_multipart_upload(NAME, "file", {}),
        lambda server: S3Tenancy(server)._remove(NAME),
    ),
    f"(left|changed) setting {NAME}/.*tag": (
        tag,
        lambda server: server.client().delete_bucket_tags(NAME),
    ),
    f"left users {NAME}": (
        lambda server: administrator(server).user_add(NAME, "its-secret"),
        lambda server: administrator(server).user_remove(NAME),
    ),
    f"left policies {NAME}": (
        lambda server: administrator(server).policy_add(NAME, policy=RULES),
        lambda server: administrator(server).policy_remove(NAME),
    ),
    f"left svcaccts {NAME}": (
        lambda server: administrator(server).add_service_account(
            access_key=NAME, secret_key="its-secret"
        ),
        lambda server: administrator(server).delete_service_account(NAME),
    ),
    "changed policies berth-tenant": (
        lambda server: administrator(server).policy_add("berth-tenant", policy=RULES),
        S3Tenancy,  # which makes it
    ),
}


@pytest.mark.parametrize("told", LEFT)
def test_what_a_test_has_left_is_told(told: str) -> None:
    """Each kind by its name."""
    leave, remove = LEFT[told]
    containers = Containers()
    server = containers.raw(S3())
    server.client().make_bucket(NAME)
    try:
        leave(server)
        with pytest.raises(leaks.Leaked, match=told):
            containers.close()
    finally:
        remove(server)
        S3Tenancy(server)._remove(NAME)
