"""A vault as a process of its own, for tests."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from subprocess import Popen

from pkg.dockertest.s3 import S3Server
from pkg.serving import processes
from pkg.serving.processes import Running
from services.vault.keyring import MasterKey

MODULE = "services.vault"
TOKEN = "token-of-the-integration-test-0123456789"


def variables(s3: S3Server, bucket: str) -> dict[str, str]:
    """What a vault on a bucket of a test's server is told: a new master key, and a free port."""
    return {
        "VAULT_MASTER_KEYS": MasterKey.generate().reveal(),
        "VAULT_TOKENS": TOKEN,
        "VAULT_S3_URL": s3.url,
        "VAULT_S3_BUCKET": s3.name(bucket),
        "VAULT_S3_REGION": s3.region,
        "VAULT_S3_ACCESS_KEY_ID": s3.access_key_id,
        "VAULT_S3_SECRET_ACCESS_KEY": s3.secret_access_key,
        "VAULT_LISTEN": "127.0.0.1:0",
        "VAULT_STOP_DELAY": "0",
    }


def start(*arguments: str, environ: Mapping[str, str]) -> "Popen[str]":
    """`python -m services.vault` with these arguments and variables."""
    return processes.start(MODULE, *arguments, environ=environ)


def running(environ: Mapping[str, str]) -> AbstractContextManager[Running]:
    """Starts a process that serves. It is killed when the block ends, if it still runs."""
    return processes.running(MODULE, environ)
