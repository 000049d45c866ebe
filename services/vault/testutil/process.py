"""A vault as a process of its own, for tests."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from pkg.dockertest.s3 import S3Server
from services.vault.keyring import MasterKey

TOKEN = "token-of-the-integration-test-0123456789"


def variables(s3: S3Server, bucket: str, master_key: MasterKey) -> dict[str, str]:
    """What a vault on a bucket of a test's server is told; it listens on a free port."""
    return {
        "VAULT_MASTER_KEYS": master_key.reveal(),
        "VAULT_TOKENS": TOKEN,
        "VAULT_S3_URL": s3.url,
        "VAULT_S3_BUCKET": s3.name(bucket),
        "VAULT_S3_REGION": s3.region,
        "VAULT_S3_ACCESS_KEY_ID": s3.access_key_id,
        "VAULT_S3_SECRET_ACCESS_KEY": s3.secret_access_key,
        "VAULT_LISTEN": "127.0.0.1:0",
        "VAULT_STOP_DELAY": "0",
    }


def start(*arguments: str, environ: Mapping[str, str]) -> "subprocess.Popen[str]":
    """`python -m services.vault` with these arguments and variables, and this process's modules."""
    return subprocess.Popen(
        [sys.executable, "-m", "services.vault", *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@dataclass(frozen=True)
class Running:
    """A process that serves.

    Attributes:
        process: takes signals.
        url: where it serves.
        lines: its log so far.
    """

    process: "subprocess.Popen[str]"
    url: str
    lines: list[str]
    _reader: threading.Thread

    def wait(self) -> int:
        """Waits until it has ended, and returns its exit status; `lines` are complete then."""
        status = self.process.wait(timeout=60)
        self._reader.join()
        return status


@contextmanager
def running(environ: Mapping[str, str]) -> Iterator[Running]:
    """Starts a process that serves. It is killed when the block ends, if it still runs."""
    process = start(environ=environ)
    assert process.stderr
    first = process.stderr.readline()
    lines = [first]
    # A log that nobody reads would stop the process.
    reader = threading.Thread(target=lines.extend, args=(process.stderr,))
    reader.start()
    try:
        assert '"listening"' in first, first
        yield Running(process, json.loads(first)["url"], lines, reader)
    finally:
        process.kill()
        process.wait()
        reader.join()
        assert process.stdout
        process.stdout.close()
        process.stderr.close()
