"""The service does what its OpenAPI document says, on a real storage."""

from pathlib import Path

from pkg.dockertest import Scope
from pkg.dockertest.s3 import S3
from pkg.serving import documented
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


def test_every_answer_is_documented(dockertest: Scope, tmp_path: Path) -> None:
    """None is a server error, and what breaks the schema is refused."""
    s3 = dockertest.start(S3(buckets=["vault"]))
    with running(variables(s3, "vault")) as vault:
        found = documented.check(
            vault.url,
            tmp_path,
            seconds=30,
            headers={"Authorization": f"Bearer {TOKEN}"},
            config=CONFIG,
        )
        vault.process.terminate()
        assert vault.wait() == 0
    assert found.ok, found.report
    assert "9 selected / 9 total" in found.report
