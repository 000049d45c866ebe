"""The service does what its OpenAPI document says, on a real storage.

schemathesis makes requests from the document, good and bad ones, and checks every answer.
"""

import subprocess
import sys
from pathlib import Path

from pkg.dockertest import Scope
from pkg.dockertest.s3 import S3
from services.vault.keyring import MasterKey
from services.vault.testutil.process import TOKEN, running, variables

# What is base64 need not be a ciphertext; and JSON Schema takes 1.0 for an integer, the vault not.
CONFIG = "".join(
    f"""
[[operations]]
include-path = "/v1/{name}"
checks.positive_data_acceptance.enabled = false
"""
    for name in ("decrypt", "reencrypt", "roll")
)
SECONDS = 30


def test_every_answer_is_documented(dockertest: Scope, tmp_path: Path) -> None:
    """None is a server error, and what breaks the schema is refused."""
    s3 = dockertest.start(S3(buckets=["vault"]))
    with running(variables(s3, "vault", MasterKey.generate())) as vault:
        found = schemathesis(vault.url, tmp_path)
        vault.process.terminate()
        assert vault.wait() == 0
    assert found.returncode == 0, found.stdout
    assert "9 selected / 9 total" in found.stdout


def schemathesis(url: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Runs its command line on a service for a while."""
    (folder / "schemathesis.toml").write_text(CONFIG)
    return subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json"),
            *("--header", f"Authorization: Bearer {TOKEN}"),
            *("--max-time", str(SECONDS)),
            *("--request-timeout", "15"),
            *("--no-color",),
        ],
        cwd=folder,
        env={"PYTHONPATH": ":".join(sys.path), "PATH": "/usr/bin:/bin", "HOME": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS * 4,
        check=False,
    )
