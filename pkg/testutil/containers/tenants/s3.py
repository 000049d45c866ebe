"""A tenant of S3: a user for the buckets whose names begin with its own and `-`.

One policy, in which MinIO puts the user's name, holds for all. Users are imported: the other way to
make one encrypts its secret by a key that takes each side 60 ms to derive.
"""

import dataclasses
import io
import itertools
import json
import secrets
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar
from urllib.parse import quote, unquote_plus
from xml.etree import ElementTree

from pkg.dockertest import Service
from pkg.dockertest.s3 import S3, S3Server
from pkg.testutil.containers.tenant import Tenancy, digest, owner
from pkg.testutil.containers.tenants.s3_signed import RequestFailed, Signed

_ADMIN = "/minio/admin/v3"
_FOLDER = "iam-assets"
_POLICY = "berth-tenant"
_RULES = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": ["s3:*"], "Resource": ["arn:aws:s3:::${aws:username}-*"]}
    ],
}
_FEW_OBJECTS = 1000  # that the leak detector looks at, in each bucket
_FEW_BUCKETS = 50


class ImportFailed(Exception):
    """MinIO has not made a user, or not all of one."""


class S3Tenancy(Tenancy[S3Server]):
    """The tenants of one MinIO server."""

    service: ClassVar[str] = "s3"
    refused: ClassVar[str] = r"AccessDenied"
    instead: ClassVar[str] = "The names of its buckets are made by name(): s3.name('x'), not 'x'."
    options: ClassVar[tuple[str, ...]] = ("objects",)

    def __init__(self, whole: S3Server) -> None:
        super().__init__(whole)
        self._admin = whole.client()
        self._signed = Signed(whole)
        self._import(policies={_POLICY: _RULES})

    def open(self, name: str, service: Service[S3Server]) -> S3Server:
        secret = secrets.token_hex(20)
        self._import(
            users={name: {"secretKey": secret, "status": "enabled"}},
            user_mappings={name: {"version": 1, "policy": _POLICY}},
        )
        tenant = dataclasses.replace(
            self.whole, access_key_id=name, secret_access_key=secret, prefix=f"{name}-"
        )
        assert isinstance(service, S3)
        for bucket in service.every_bucket():
            self._admin.make_bucket(tenant.name(bucket))
        if content := service.content():
            content.fill(tenant)
        return tenant

    def drop(self, name: str) -> None:
        # Its buckets tell of it, too: they may go last.
        self._remove_user(name)
        while found := [one for one in self._buckets() if one.startswith(f"{name}-")]:
            for bucket in found:
                self._remove(bucket)

    def names(self) -> Iterable[str]:
        found = self._export()
        accounts = found.get("svcaccts", {}).values()
        return {
            *found.get("users", {}),
            *(str(about.get("parent")) for about in accounts),
            *(bucket.partition("-")[0] for bucket in self._buckets()),
        }

    def stock(self) -> Mapping[str, Any]:
        buckets = [one for one in self._buckets() if _is_common(one)]
        stock: dict[str, Any] = {f"bucket {bucket}": "there" for bucket in buckets}
        for bucket in buckets[:_FEW_BUCKETS]:
            found = self._admin.list_objects(bucket, recursive=True, include_version=True)
            for one in itertools.islice(found, _FEW_OBJECTS):
                name = f"object {bucket}/{one.object_name} version {one.version_id}"
                stock[name] = str(one.etag)
            for key, upload in self._uploads(bucket):
                stock[f"upload {upload} of {bucket}/{key}"] = "there"
        settings = self._files("export-bucket-metadata") if buckets else {}
        for path, content in settings.items():
            if _is_common(path):
                stock[f"setting {path}"] = digest(repr(content))
        for kind, about in self._export().items():
            for name, value in about.items():
                if owner(name) is None and owner(str(_parent(value))) is None:
                    stock[f"{kind} {name}"] = digest(repr(_sorted(value)))
        return stock

    def _import(self, **entities: Mapping[str, Any]) -> None:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as files:
            for kind, about in entities.items():
                files.writestr(f"{_FOLDER}/{kind}.json", json.dumps(about))
        answer = self._signed.send("PUT", f"{_ADMIN}/import-iam-v2", body=archive.getvalue())
        if failed := json.loads(answer).get("failed"):
            raise ImportFailed(f"MinIO did not import: {failed}")

    def _export(self) -> dict[str, dict[str, Any]]:
        """Policies, users, service accounts and so on."""
        return {
            path.rpartition("/")[2].removesuffix(".json"): json.loads(content) or {}
            for path, content in self._files("export-iam").items()
        }

    def _files(self, command: str) -> dict[str, bytes]:
        archive = self._signed.send("GET", f"{_ADMIN}/{command}")
        with zipfile.ZipFile(io.BytesIO(archive)) as files:
            return {name: files.read(name) for name in files.namelist()}

    def _remove_user(self, name: str) -> None:
        """With its service accounts and temporary credentials."""
        try:
            # So that it makes no more, and goes last: as long as it is there, the tenant is known.
            self._order("PUT", "set-user-status", accessKey=name, status="disabled")
            self._order("POST", "revoke-tokens/builtin", user=name, fullRevoke="true")
            self._order("DELETE", "remove-user", accessKey=name)
        except RequestFailed as error:
            if error.status != 404:
                raise
            # Gone already; but an account may just have been in the making when it went.
            for account, about in self._export().get("svcaccts", {}).items():
                if _parent(about) == name:
                    self._order("DELETE", "delete-service-account", accessKey=account)

    def _order(self, method: str, command: str, **query: str) -> None:
        self._signed.send(method, f"{_ADMIN}/{command}", query)

    def _buckets(self) -> list[str]:
        return [one.name for one in self._admin.list_buckets()]

    def _remove(self, bucket: str) -> None:
        """With all versions of its objects, unfinished uploads and settings."""
        try:
            for key, upload in self._uploads(bucket):
                self._signed.send("DELETE", f"/{bucket}/{quote(key)}", {"uploadId": upload})
            self._delete(bucket)
        except RequestFailed as error:
            if error.status == 405:  # it has object lock, which goes if the bucket is made again
                self._signed.send("PUT", f"/{bucket}", headers={"x-minio-force-create": "true"})
                self._delete(bucket)
            elif error.status != 404:
                raise

    def _delete(self, bucket: str) -> None:
        self._signed.send("DELETE", f"/{bucket}", headers={"x-minio-force-delete": "true"})

    def _uploads(self, bucket: str) -> list[tuple[str, str]]:
        """Key and id of each."""
        query = {"uploads": "", "encoding-type": "url"}
        answer = self._signed.send("GET", f"/{bucket}", query)
        return [
            (unquote_plus(one.findtext("{*}Key") or ""), one.findtext("{*}UploadId") or "")
            for one in ElementTree.fromstring(answer).iterfind("{*}Upload")
        ]


def _is_common(path: str) -> bool:
    """Whether a bucket, or something in it, is no tenant's."""
    return owner(path.partition("/")[0].partition("-")[0]) is None


def _parent(about: object) -> object:
    return about.get("parent") if isinstance(about, dict) else None


def _sorted(value: Any) -> Any:
    """The same with its lists in order: MinIO writes sets as they come."""
    if isinstance(value, dict):
        return {name: _sorted(one) for name, one in sorted(value.items())}
    return sorted(map(_sorted, value), key=repr) if isinstance(value, list) else value


TENANCY = S3Tenancy
