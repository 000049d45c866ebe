"""A tenant of S3 with something in all that it can have, and a secret in most."""

import io
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import minio
from minio.commonconfig import Tags
from minio.credentials.providers import AssumeRoleProvider

from pkg.dockertest.s3 import S3Server
from pkg.testutil.containers.s3_administrator import administrator
from pkg.testutil.containers.s3_attacks import OBJECT
from pkg.testutil.containers.tenants.s3_signed import Signed

if TYPE_CHECKING:
    from minio.credentials.credentials import Credentials

SECRET = "victims-secret"


@dataclass
class Victim:
    """A tenant, and what is known of it.

    Attributes:
        server: its buckets and keys.
        upload: the number of its unfinished upload.
        account: the access key of a service account that it made.
        temporary: temporary credentials of its own.
    """

    server: S3Server
    upload: str
    account: str
    temporary: "Credentials"

    @property
    def bucket(self) -> str:
        return self.server.name("data")

    def state(self) -> dict[str, Any]:
        """All of its bucket and keys; with each of the keys it is read."""
        client, bucket = self.server.client(), self.bucket
        versions = list(client.list_objects(bucket, recursive=True, include_version=True))
        signed = Signed(self.server)
        settings = ("policy", "lifecycle", "tagging", "encryption", "notification", "replication")
        return {
            "buckets": [one.name for one in client.list_buckets()],
            "versions": [(one.object_name, one.version_id, one.etag) for one in versions],
            "content": [one.get_object(bucket, OBJECT).data for one in self.clients()],
            "metadata": dict(client.stat_object(bucket, OBJECT).metadata or {})["x-amz-meta-x"],
            "tags": dict(client.get_object_tags(bucket, OBJECT) or {}),
            "versioning": client.get_bucket_versioning(bucket).status,
            "parts": signed.send("GET", f"/{bucket}/unfinished", {"uploadId": self.upload}),
            "settings": [signed.begin("GET", f"/{bucket}", {x: ""}).status for x in settings],
            "accounts": administrator(self.server).list_service_account(self.server.access_key_id),
        }

    def clients(self) -> list[minio.Minio]:
        temporary = self.temporary
        keys = [
            (self.account, SECRET, None),
            (temporary.access_key, temporary.secret_key, temporary.session_token),
        ]
        where = f"{self.server.host}:{self.server.port}"
        return [
            minio.Minio(
                endpoint=where,
                access_key=key,
                secret_key=secret,
                session_token=token,
                region=self.server.region,
                secure=False,
            )
            for key, secret, token in keys
        ]

    def words(self) -> list[str]:
        """What nobody else may be told."""
        return [
            *(SECRET, self.bucket, self.upload, self.account, self.server.access_key_id),
            *(self.server.secret_access_key, self.temporary.access_key, self.temporary.secret_key),
        ]


def settled(server: S3Server) -> Victim:
    """A tenant with a bucket, versions, an unfinished upload and keys, and a secret in each."""
    client, bucket, secret = server.client(), server.name("data"), SECRET.encode()
    client.make_bucket(bucket, object_lock=True)  # it has versions, then
    for _ in range(2):
        content = io.BytesIO(secret)
        client.put_object(bucket, OBJECT, content, len(secret), metadata={"x": SECRET})
    tags = Tags.new_object_tags()
    tags["secret"] = SECRET
    client.set_object_tags(bucket, OBJECT, tags)
    account = secrets.token_hex(8)
    administrator(server).add_service_account(access_key=account, secret_key=SECRET)
    temporary = AssumeRoleProvider(
        sts_endpoint=server.url,
        access_key=server.access_key_id,
        secret_key=server.secret_access_key,
        region=server.region,
    ).retrieve()
    upload = client._create_multipart_upload(bucket, "unfinished", {})
    return Victim(server, upload, account, temporary)
