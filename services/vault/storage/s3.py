"""A storage in an S3 bucket."""

from datetime import timedelta

import urllib3
from minio import Minio
from minio.error import InvalidResponseError, MinioException, S3Error, ServerError
from urllib3.exceptions import HTTPError

from services.vault.errors import StorageError, StorageRefused, StorageUnavailable

# How far apart clocks may be before S3 refuses a request anyway.
_SKEW = timedelta(minutes=15)
_TIMEOUT = urllib3.Timeout(connect=5.0, read=10.0)
# What may pass. 409: something else was done to the same name at that moment.
_TEMPORARY = frozenset({409, 429, 500, 502, 503, 504})
_CREATED = 200
_EXISTS = 412


def http_pool() -> urllib3.PoolManager:
    """Connections that give up after seconds, where minio-py's own wait for minutes."""
    retries = urllib3.Retry(
        total=3, backoff_factor=0.2, status_forcelist=_TEMPORARY, raise_on_status=False
    )
    return urllib3.PoolManager(timeout=_TIMEOUT, retries=retries)


class S3Storage:
    """Objects in a bucket.

    Creating is one conditional PUT (`If-None-Match: *`), which the server decides. minio-py signs
    no such request by a public call, so it signs the URL and the header goes with it unsigned:
    Signature Version 4 leaves that to the client for all headers but `Host` and `X-Amz-*`.

    Args:
        client: speaks to the server; its user needs s3:GetObject, s3:PutObject and, so that a
            missing object is told from a forbidden one, s3:ListBucket.
        bucket: a bucket that exists.
        prefix: comes before every object's name, such as "vault/".
        http: for the conditional PUTs; for a client that was given one (its own authorities, its
            own patience), the same.
    """

    def __init__(
        self,
        client: Minio,
        bucket: str,
        prefix: str = "",
        http: urllib3.PoolManager | None = None,
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = prefix
        self._http = http or http_pool()

    def get(self, name: str) -> bytes | None:
        """The object's content, or None if there is no such object.

        Raises:
            StorageUnavailable: the server can't be reached now, or is in trouble.
            StorageRefused: the server said no.
        """
        try:
            with self._client.get_object(self._bucket, self._prefix + name) as response:
                return response.read()
        except S3Error as error:
            if error.code == "NoSuchKey":
                return None
            raise self._failure(name, error) from None
        except (MinioException, HTTPError) as error:
            raise self._failure(name, error) from None

    def create(self, name: str, content: bytes) -> bool:
        """Stores an object unless there is one of that name, and says whether it did.

        Raises:
            StorageUnavailable: the server can't be reached now, or is in trouble.
            StorageRefused: the server said no.
        """
        try:
            url = self._client.get_presigned_url(
                "PUT", self._bucket, self._prefix + name, expires=_SKEW
            )
            answer = self._http.request(
                "PUT", url, body=content, headers={"If-None-Match": "*"}, redirect=False
            )
        except (MinioException, HTTPError) as error:
            # Not chained: the text of the cause may have the signed URL in it.
            raise self._failure(name, error) from None
        if answer.status in (_CREATED, _EXISTS):
            return answer.status == _CREATED
        raise self._refusal(name, answer.status, "conditional PUT")

    def _failure(self, name: str, error: MinioException | HTTPError) -> StorageError:
        match error:
            case S3Error():
                return self._refusal(name, error.response.status, error.code)
            case ServerError():
                return self._refusal(name, error.status_code, "no reason given")
            case InvalidResponseError():
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
        if status in _TEMPORARY:
            return StorageUnavailable(f"{said}: try again later")
        return StorageRefused(
            f"{said}: check that the bucket exists, and that the access key may read and write it"
        )

    def _where(self, name: str) -> str:
        return f"bucket {self._bucket!r}, object {self._prefix + name!r}"
