"""Who sends hostile requests to MinIO: a user, what it can make of itself, and nobody."""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import urlencode

import urllib3
from minio.credentials.providers import AssumeRoleProvider

from pkg.dockertest.s3 import S3Server
from pkg.testutil.containers.s3_administrator import administrator
from pkg.testutil.containers.s3_attacks import EVERYTHING, Request
from pkg.testutil.containers.tenants.s3_signed import Signed

MARK = f"hostile-{secrets.token_hex(8)}"  # the user agent
_SECONDS = 3.0

# Returns the answer's status, 0 if there was none, and all that it says.
Send = Callable[[Request], tuple[int, str]]


def senders(server: S3Server) -> Iterator[tuple[str, Send]]:
    """The user; its service account and temporary credentials, which it lets do everything; nobody.

    By their names.
    """
    yield "user", sender(server)
    account, secret = secrets.token_hex(8), secrets.token_hex(16)
    administrator(server).add_service_account(
        access_key=account, secret_key=secret, policy=json.loads(EVERYTHING)
    )
    yield "account", sender(replace(server, access_key_id=account, secret_access_key=secret))
    temporary = AssumeRoleProvider(
        sts_endpoint=server.url,
        access_key=server.access_key_id,
        secret_key=server.secret_access_key,
        region=server.region,
        policy=EVERYTHING,
    ).retrieve()
    key, secret = temporary.access_key, temporary.secret_key
    derived = replace(server, access_key_id=key, secret_access_key=secret)
    yield "temporary", sender(derived, temporary.session_token)
    send = sender(server)
    yield "nobody", lambda request: send(replace(request, bare=True))


def sender(server: S3Server, token: str | None = None) -> Send:
    """Sends with a server's credentials."""
    signed = Signed(server, token=token, seconds=_SECONDS)
    http = urllib3.PoolManager(timeout=_SECONDS, retries=False)

    def send(one: Request) -> tuple[int, str]:
        digest = base64.b64encode(hashlib.md5(one.body).digest()).decode()
        headers = {"User-Agent": MARK, "Content-MD5": digest, **one.headers}
        try:
            if one.bare:
                url = server.url + one.path + "?" * bool(one.query) + urlencode(one.query)
                answer = http.request(
                    one.method, url, body=one.body, headers=headers, preload_content=False
                )
            else:
                answer = signed.begin(
                    one.method, one.path, one.query, one.body, headers, sts=one.sts
                )
            return answer.status, f"{answer.headers} {_begun(answer)}"
        except urllib3.exceptions.HTTPError as error:
            return 0, str(error)  # of some that it refuses, MinIO ends the connection

    return send


def _begun(answer: urllib3.BaseHTTPResponse) -> str:
    """What an answer says; the beginning of one without an end."""
    said, end = b"", time.monotonic() + _SECONDS
    for piece in answer.stream(1 << 16):
        said += piece
        if time.monotonic() > end:
            answer.close()
            break
    return said.decode(errors="replace")
