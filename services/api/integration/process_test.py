"""`python -m services.api`, as a process, on MySQL, Redis, Kafka, and a vault on S3."""

import signal
import socket
from pathlib import Path
from typing import Any

import pytest
from unkey.py import Unkey, errors

from pkg.dockertest.kafka import Kafka
from pkg.dockertest.mysql import MySQL
from pkg.dockertest.redis import Redis
from pkg.serving import processes
from pkg.testutil import eventually
from pkg.testutil.harness import needs
from services.api.eventing import VERIFICATIONS
from services.api.events import Verified
from services.api.testutil.process import MODULE, variables
from services.api.testutil.topic import arriving
from services.vault.testutil.harness import VaultHarness
from services.vault.testutil.service import TOKEN


class Whole(VaultHarness):
    """All that an instance stands on, and a vault that serves."""

    kafka = needs(Kafka(topics={VERIFICATIONS.name: 3}))
    mysql = needs(MySQL())
    redis = needs(Redis())

    def environ(self, folder: Path) -> dict[str, str]:
        """What an instance is told."""
        return variables(
            self.mysql,
            self.redis,
            self.kafka,
            folder,
            vault_url=self.service.url,
            vault_token=TOKEN,
        )


h = Whole.fixture()


@pytest.fixture
def environ(h: Whole, tmp_path: Path) -> dict[str, str]:
    return h.environ(tmp_path)


def ended(*arguments: str, environ: dict[str, str]) -> tuple[int, str, str]:
    """Exit status, output and errors of a process that ends by itself."""
    process = processes.start(MODULE, *arguments, environ=environ)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


@pytest.fixture
def root_key(environ: dict[str, str]) -> str:
    """Of a workspace in tables that were just made."""
    status, made, err = ended("migrate", environ=environ)
    assert (status, err) == (0, "")
    assert made.splitlines()[0] == "0001_workspaces.sql"
    assert ended("migrate", environ=environ) == (0, "", "")
    status, told, err = ended("new-workspace", "acme", environ=environ)
    assert (status, err) == (0, "")
    return told.split()[1]


def test_it_serves_until_a_signal_and_its_events_arrive(
    h: Whole, environ: dict[str, str], root_key: str
) -> None:
    """A key that may be shown again goes through the vault; no secret is in the log."""
    with processes.running(MODULE, environ) as api:
        sdk = Unkey(root_key=root_key, server_url=api.url, retry_config=None)
        api_id = sdk.apis.create_api(name="payments").data.api_id
        key: Any = sdk.keys.create_key(api_id=api_id, recoverable=True).data
        shown: Any = sdk.keys.get_key(key_id=key.key_id, decrypt=True).data
        assert shown.plaintext == key.key
        assert sdk.keys.verify_key(key=key.key).data.valid
        api.process.send_signal(signal.SIGTERM)
        assert api.wait() == 0
    secrets = (root_key, key.key, TOKEN, h.mysql.password, h.redis.password, h.kafka.password)
    for secret in secrets:
        assert secret not in "".join(api.lines)
    got: list[Verified] = []
    with arriving(h.kafka, got.extend):
        eventually(lambda: got, within=30)
    assert [event.key_id for event in got] == [key.key_id]


def test_a_vault_that_hangs_is_told(environ: dict[str, str], root_key: str) -> None:
    """Before the request's own time is over; nothing was done, and all else goes on."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        vault = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with processes.running(MODULE, {**environ, "API_VAULT_URL": vault}) as api:
            sdk = Unkey(root_key=root_key, server_url=api.url, retry_config=None)
            api_id = sdk.apis.create_api(name="payments").data.api_id
            with pytest.raises(errors.UnkeyError) as refused:
                sdk.keys.create_key(api_id=api_id, recoverable=True)
            assert refused.value.status_code == 503
            assert "urn:berth:api:vault_unavailable" in refused.value.body
            key: Any = sdk.keys.create_key(api_id=api_id).data
            found: Any = sdk.apis.list_keys(api_id=api_id, decrypt=True)
            assert [each.key_id for each in found.result.data] == [key.key_id]


def test_tables_that_are_not_there_are_told(environ: dict[str, str]) -> None:
    """With what to run."""
    status, out, err = ended("new-workspace", "acme", environ=environ)
    assert (status, out) == (1, "")
    assert err == (
        "MySQL has not had 0001_workspaces.sql yet: run python -m services.api migrate first\n"
    )


def test_settings_that_are_missing_are_told() -> None:
    status, _, err = ended("serve", environ={})
    assert status == 2
    assert "API_MYSQL_URL: must be set" in err
