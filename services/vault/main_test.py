"""`python -m services.vault`, as a process."""

import json
import re
import resource
import signal
from pathlib import Path

import httpx
import pytest

from pkg.testutil import eventually
from services.vault.keyring import MasterKey
from services.vault.settings import VARIABLES, read
from services.vault.testutil.process import running, start

TOKEN = "token-of-a-process-0123456789-0123456789"
# Nothing listens there: a vault starts without its storage.
ENVIRON = {
    "VAULT_MASTER_KEYS": MasterKey.generate().reveal(),
    "VAULT_TOKENS": TOKEN,
    "VAULT_S3_URL": "http://127.0.0.1:1",
    "VAULT_S3_BUCKET": "vault",
    "VAULT_S3_ACCESS_KEY_ID": "id",
    "VAULT_S3_SECRET_ACCESS_KEY": "hush",
    "VAULT_S3_PATIENCE": "1",
    "VAULT_LISTEN": "127.0.0.1:0",
    "VAULT_STOP_DELAY": "0",
}


def ended(*arguments: str, **environ: str) -> tuple[int, str, str]:
    """Exit status, output and errors of a process that ends by itself."""
    process = start(*arguments, environ=environ)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


@pytest.mark.parametrize("with_signal", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_a_signal_and_exits_with_0(with_signal: signal.Signals) -> None:
    """Its log tells where it listens, and has no secret."""
    with running(ENVIRON) as vault:
        assert httpx.get(f"{vault.url}/health/live").status_code == 200
        vault.process.send_signal(with_signal)
        assert vault.wait() == 0
    events = [json.loads(line)["event"] for line in vault.lines]
    assert events == ["listening", "request", "stopping", "stopped"]
    for secret in (TOKEN, "hush", ENVIRON["VAULT_MASTER_KEYS"]):
        assert secret not in "".join(vault.lines)


def test_there_are_files_for_all_connections_and_the_storage() -> None:
    """A soft limit below that is raised; of a hard one it says what to do."""
    many = {**ENVIRON, "VAULT_MAX_CONNECTIONS": "1000"}
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))  # also of processes started from now on
    try:
        with running(many) as vault:
            limits = Path(f"/proc/{vault.process.pid}/limits").read_text()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    allowed = re.search(r"Max open files +(\d+)", limits)
    assert allowed
    assert int(allowed[1]) > 1000
    status, _, err = ended(**{**ENVIRON, "VAULT_MAX_CONNECTIONS": str(hard)})
    assert status == 2
    assert err.startswith(f"VAULT_MAX_CONNECTIONS: {hard} ")
    assert len(err.splitlines()) == 1


def test_it_says_that_it_is_about_to_stop() -> None:
    """For as long as the stop delay; a second signal skips it."""
    with running({**ENVIRON, "VAULT_STOP_DELAY": "600"}) as vault:
        vault.process.terminate()
        eventually(lambda: '"stopping"' in vault.lines[-1])
        assert code(f"{vault.url}/health/ready") == "not_ready"
        assert httpx.get(f"{vault.url}/health/live").status_code == 200
        vault.process.terminate()
        assert vault.wait() == 0


def test_it_lives_without_its_storage() -> None:
    """It starts, is not ready, and says so with a code of its own."""
    with running(ENVIRON) as vault:
        assert httpx.get(f"{vault.url}/health/live").status_code == 200
        assert code(f"{vault.url}/health/ready") == "not_ready"
        answer = httpx.post(
            f"{vault.url}/v1/encrypt",
            json={"keyring": "a", "plaintext": ""},
            headers={"authorization": f"Bearer {TOKEN}"},
            timeout=30,
        )
        assert answer.status_code == 503
        assert answer.json()["error"]["code"] == "storage_unavailable"


def test_wrong_settings_are_told_one_a_line() -> None:
    """And nothing else: no stack trace, and exit status 2."""
    status, out, err = ended(VAULT_TOKENS="hush", VAULT_LISTEN="nowhere")
    assert (status, out) == (2, "")
    assert all(re.match(r"VAULT_[A-Z0-9_]+: ", line) for line in err.splitlines())
    assert "hush" not in err


def test_an_address_that_is_taken_is_told() -> None:
    with running(ENVIRON) as vault:
        status, _, err = ended(**{**ENVIRON, "VAULT_LISTEN": vault.url.removeprefix("http://")})
    assert status == 2
    assert re.fullmatch(r"VAULT_LISTEN: 127\.0\.0\.1:\d+: Address already in use.*\n", err)


def test_new_secrets_are_good_for_the_settings() -> None:
    """Each is another one."""
    key, token = ended("new-master-key")[1], ended("new-token")[1]
    assert key != ended("new-master-key")[1]
    settings = read({**ENVIRON, "VAULT_MASTER_KEYS": key, "VAULT_TOKENS": token})
    assert settings.tokens.admit(b"Bearer " + token.strip().encode())
    assert settings.config.master_keys.ids == (MasterKey.from_hex(key).id,)


def test_the_help_names_every_variable() -> None:
    status, out, _ = ended("--help")
    assert status == 0
    assert not [each.name for each in VARIABLES if each.name not in out]


def code(url: str) -> str:
    """The code that a GET is refused with; "" for none."""
    answer = httpx.get(url, timeout=30)
    found: str = answer.json().get("error", {}).get("code", "")
    return found
