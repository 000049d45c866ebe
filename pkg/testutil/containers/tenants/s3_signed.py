"""Signed requests to MinIO that minio-py has no method for, or none that is quick."""

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from pkg.dockertest.s3 import S3Server

if TYPE_CHECKING:
    import urllib3

_SECONDS = 30.0


class RequestFailed(Exception):
    """MinIO has refused a request.

    Attributes:
        status: the answer's HTTP status.
    """

    def __init__(self, request: str, status: int, answer: bytes) -> None:
        super().__init__(f"{request}: status {status}: {answer[:500].decode(errors='replace')}")
        self.status = status


class Signed:
    """Sends requests with a server's credentials. Usable from any thread.

    Args:
        server: the server, and who asks.
        token: what goes with temporary credentials.
        seconds: how long to wait for an answer.
    """

    def __init__(
        self, server: S3Server, *, token: str | None = None, seconds: float = _SECONDS
    ) -> None:
        import urllib3
        from minio.credentials.credentials import Credentials

        self._server = server
        self._token = token
        self._credentials = Credentials(server.access_key_id, server.secret_access_key, token)
        self._http = urllib3.PoolManager(timeout=seconds, retries=False, maxsize=8)

    def send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        sts: bool = False,
    ) -> bytes:
        """Sends a request and returns the answer.

        Args:
            method: GET, PUT and so on.
            path: from the server's root, quoted.
            query: its parameters.
            body: its body.
            headers: those beside what the signature needs.
            sts: whether it is for the token service.

        Raises:
            RequestFailed: the server has refused it.
        """
        answer = self.begin(method, path, query, body, headers, sts=sts, read=True)
        if answer.status >= 300:
            raise RequestFailed(f"{method} {path}", answer.status, answer.data)
        return answer.data

    def begin(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        sts: bool = False,
        read: bool = False,
    ) -> "urllib3.BaseHTTPResponse":
        """The same, and returns an answer of any status, read or still to be read."""
        from minio import signer
        from minio.time import to_amz_date, utcnow

        pairs = (f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in (query or {}).items())
        url = urlsplit("?".join(filter(None, (self._server.url + path, "&".join(sorted(pairs))))))
        now = utcnow()
        digest = hashlib.sha256(body).hexdigest()
        wanted: dict[str, str | list[str] | tuple[str]] = {
            "Host": url.netloc,
            "x-amz-date": to_amz_date(now),
            "x-amz-content-sha256": digest,
            **(headers or {}),
        }
        if self._token:
            wanted["x-amz-security-token"] = self._token
        signed = (signer.sign_v4_sts if sts else signer.sign_v4_s3)(
            method=method,
            url=url,
            region=self._server.region,
            headers=wanted,
            credentials=self._credentials,
            content_sha256=digest,
            date=now,
        )
        return self._http.urlopen(
            method, url.geturl(), body=body, headers=signed, preload_content=read
        )
