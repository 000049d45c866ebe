"""A storage in an S3 bucket."""

from collections.abc import Callable
from datetime import timedelta
from itertools import islice
from xml.etree.ElementTree import ParseError

from minio import Minio
from minio.error import InvalidResponseError, MinioException, S3Error, ServerError
from urllib3.exceptions import HTTPError

from services.vault.errors import StorageError, StorageRefused, StorageUnavailable
from services.vault.storage.patience import TEMPORARY, Answer, Patience
from services.vault.storage.storage import Stored

# How far apart clocks may be before S3 refuses a request anyway.
_SKEW = timedelta(minutes=15)
_DONE = 200
_MISSING = 404
_CHANGED = 412
_FULL = 507


class S3Storage:
    """Objects in a bucket.

    Storing is one conditional PUT (`If-None-Match: *`, or `If-Match` with an ETag), which the
    server decides. minio-py signs no such request by a public call, so it signs the URL and the
    header goes with it unsigned: Signature Version 4 leaves that to the client for all headers but
    `Host` and `X-Amz-*`.

    Args:
        client: speaks to the server; its user needs s3:GetObject, s3:PutObject and s3:ListBucket
            (also so that a missing object is told from a forbidden one).
        bucket: a bucket that exists.
        prefix: comes before every object's name, such as "vault/".
        patience: sends requests and tries again; for a client with connections of its own (other
            authorities, a proxy), one on the same.
    """

    def __init__(
        self,
        client: Minio,
        bucket: str,
        prefix: str = "",
        patience: Patience | None = None,
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = prefix
        self._patience = patience or Patience()

    def get(self, name: str) -> Stored | None:
        """The object, or None if there is no such object.

        Raises:
            StorageUnavailable: the server can't be reached now, or is in trouble.
            StorageRefused: the server said no.
        """
        answer = self._send("GET", name)
        if answer.status == _MISSING and answer.reason == "NoSuchKey":
            return None
        if answer.status != _DONE:
            raise self._refusal(name, answer.status, answer.reason)
        return Stored(answer.body, answer.etag)

    def create(self, name: str, content: bytes) -> bool:
        """Stores an object unless there is one of that name, and says whether it did.

        Raises:
            StorageUnavailable: the server can't be reached now, or is in trouble.
            StorageRefused: the server said no.
        """
        return self._put(name, content, {"If-None-Match": "*"})

    def replace(self, name: str, content: bytes, version: str) -> bool:
        """Stores an object in place of one of that version, and says whether it did.

        Raises:
            StorageUnavailable: the server can't be reached now, or is in trouble.
            StorageRefused: the server said no.
        """
        return self._put(name, content, {"If-Match": version})

    def names(self, prefix: str, after: str, limit: int) -> list[str]:
        """The names that begin with a prefix and come after another name, sorted.

        Raises:
            StorageUnavailable: the server can't be reached now, or is in trouble.
            StorageRefused: the server said no.
        """
        found = self._client.list_objects(
            self._bucket,
            prefix=self._prefix + prefix,
            recursive=True,
            start_after=self._prefix + after if after else None,
        )
        listed = self._guarded(prefix, lambda: list(islice(found, limit)))
        full = [each.object_name for each in listed if each.object_name is not None]
        return [name[len(self._prefix) :] for name in full]

    def _put(self, name: str, content: bytes, condition: dict[str, str]) -> bool:
        answer = self._send("PUT", name, content, condition)
        if answer.status == _DONE:
            return True
        # Of an object that is gone, If-Match says 404 with NoSuchKey.
        gone = answer.status == _MISSING and answer.reason == "NoSuchKey"
        if answer.status == _CHANGED or ("If-Match" in condition and gone):
            return False
        raise self._refusal(name, answer.status, answer.reason)

    def _send(
        self, method: str, name: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        def send() -> Answer:
            url = self._client.get_presigned_url(
                method, self._bucket, self._prefix + name, expires=_SKEW
            )
            return self._patience.send(method, url, body, headers or {})

        return self._guarded(name, send)

    def _guarded[T](self, name: str, call: Callable[[], T]) -> T:
        try:
            return call()
        # The last two come of a list that is none, or of a part of one.
        except (MinioException, HTTPError, ParseError, ValueError) as error:
            # Not chained: the text of the cause may have the signed URL in it.
            raise self._failure(name, error) from None

    def _failure(self, name: str, error: Exception) -> StorageError:
        match error:
            case S3Error():
                return self._refusal(name, error.response.status, error.code)
            case ServerError():
                return self._refusal(name, error.status_code, "no reason given")
            case InvalidResponseError() | ParseError() | ValueError():
                return StorageUnavailable(
                    f"{self._where(name)}: what answers does not speak S3: check the server's URL "
                    "and what is between, then try again"
                )
        return StorageUnavailable(
            f"{self._where(name)}: S3 does not answer ({type(error).__name__}): check that the "
            "server runs and can be reached from here, then try again"
        )

    def _refusal(self, name: str, status: int, reason: str | None) -> StorageError:
        said = f"{self._where(name)}: S3 says {status} ({reason})"
        if status in TEMPORARY:
            return StorageUnavailable(f"{said}: try again later")
        if status == _FULL:
            return StorageUnavailable(f"{said}: make room on the server, then try again")
        return StorageRefused(
            f"{said}: check that the bucket exists, and that the access key may read, write and "
            "list it"
        )

    def _where(self, name: str) -> str:
        return f"bucket {self._bucket!r}, object {self._prefix + name!r}"
