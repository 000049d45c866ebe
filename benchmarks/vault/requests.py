"""A vault that serves on one processor, and what it is asked."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from benchmarks import load
from benchmarks.vault.inside import PLAINTEXT
from benchmarks.vault.serve import EMPTY, TOKEN
from pkg.dockertest import Scope
from pkg.dockertest.s3 import S3
from pkg.testutil.processes import line, python
from services.vault.client import VaultClient
from services.vault.wire import DecryptRequest, EncryptBulkRequest, EncryptRequest

_KEYRING = "payments"
_SERVE = "from benchmarks.vault import serve; serve.main()"


@contextmanager
def serving(items: int) -> Iterator[list[load.Request]]:
    """A vault that serves, and the requests: empty, encrypt, decrypt, encrypt so many in bulk.

    This process stays off the server's processor meanwhile, where there are two.
    """
    with Scope() as scope:
        s3 = scope.start(S3(buckets=["vault"]))
        told = {
            "s3_url": s3.url,
            "s3_access_key_id": s3.access_key_id,
            "s3_secret_access_key": s3.secret_access_key,
        }
        with python(_SERVE) as server, load.apart() as processor:
            assert server.stdin
            server.stdin.write(json.dumps({"processor": processor, **told}) + "\n")
            server.stdin.flush()
            url = line(server)
            host, _, port = url.removeprefix("http://").rpartition(":")
            at = (host, int(port))
            with VaultClient(url, TOKEN) as client:
                ciphertext = client.encrypt(_KEYRING, PLAINTEXT)
            asked: list[tuple[str, object]] = [
                (EMPTY, {}),
                ("/v1/encrypt", EncryptRequest(_KEYRING, PLAINTEXT)),
                ("/v1/decrypt", DecryptRequest(_KEYRING, ciphertext)),
                ("/v1/encryptBulk", EncryptBulkRequest(_KEYRING, [PLAINTEXT] * items)),
            ]
            yield [
                load.post(at, server.pid, path, TOKEN, msgspec.json.encode(body))
                for path, body in asked
            ]
