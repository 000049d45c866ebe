"""Programs that run side by side: all of them, or none. They are vaults without a storage here."""

import os
import signal
import socket
import subprocess
from typing import Any

import httpx
import pytest

from pkg.testutil import eventually
from pkg.testutil.processes import children, line, python
from services.api.testutil.programs import ProgramEnded, Programs
from services.vault.testutil.process import MODULE, TOKEN

# Nothing listens there: a vault starts without its storage.
ENVIRON = {
    "VAULT_MASTER_KEYS": "ab" * 32,
    "VAULT_TOKENS": TOKEN,
    "VAULT_S3_URL": "http://127.0.0.1:1",
    "VAULT_S3_BUCKET": "vault",
    "VAULT_S3_ACCESS_KEY_ID": "id",
    "VAULT_S3_SECRET_ACCESS_KEY": "hush",
    "VAULT_LISTEN": "127.0.0.1:0",
    "VAULT_STOP_DELAY": "0",
}
HOLD = """
import os, sys
from services.api.testutil.programs import Programs
with Programs(lambda line: None) as programs:
    print(programs.serve("one", sys.argv[1], os.environ), flush=True)
    input()
"""


def is_live(url: str) -> bool:
    """Whether something serves there."""
    try:
        return httpx.get(f"{url}/health/live", trust_env=False).is_success
    except httpx.TransportError:
        return False


def test_they_serve_until_the_block_ends() -> None:
    """Gracefully; their lines are shown with their names."""
    lines: list[str] = []
    with Programs(lines.append) as programs:
        urls = [programs.serve(name, MODULE, ENVIRON) for name in ("one", "two")]
        assert all(is_live(url) for url in urls)
    assert not any(is_live(url) for url in urls)
    for name in ("one", "two"):
        last = [line for line in lines if line.startswith(f"{name}: ")][-1]
        assert '"stopped"' in last


def test_an_address_that_is_taken_is_told() -> None:
    """The program's own words are shown before."""
    lines: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        refused = pytest.raises(ProgramEnded, match=r"^one ended with status 2: see its last lines")
        with Programs(lines.append) as programs, refused:
            programs.serve("one", MODULE, {**ENVIRON, "VAULT_LISTEN": listen})
    assert any(f"VAULT_LISTEN: {listen}: Address already in use" in line for line in lines)


def test_one_that_dies_is_told_and_the_others_end() -> None:
    with Programs(lambda line: None) as programs:
        before = children(os.getpid())
        programs.serve("one", MODULE, ENVIRON)
        (one,) = children(os.getpid()) - before
        other = programs.serve("two", MODULE, ENVIRON)
        os.kill(one, signal.SIGKILL)
        with pytest.raises(ProgramEnded, match=r"^one ended by SIGKILL"):
            programs.attend()
    assert not is_live(other)


def test_one_that_does_not_end_is_killed() -> None:
    """After the patience."""
    lines: list[str] = []
    with Programs(lines.append, patience=0.2) as programs:
        url = programs.serve("one", MODULE, {**ENVIRON, "VAULT_STOP_DELAY": "600"})
    assert not is_live(url)
    assert '"stopping"' in lines[-1]


def test_an_interruption_is_not_lost_while_one_is_started() -> None:
    """As it would be in a function that is registered for forks: none is called."""
    called: list[str] = []
    os.register_at_fork(before=lambda: called.append("before"))
    with Programs(lambda line: None) as programs:
        programs.start("one", MODULE, ENVIRON)
    assert not called


def test_one_that_is_interrupted_as_it_starts_ends_with_the_block(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The interruption comes when the program is known."""
    popen = subprocess.Popen

    def interrupted(*args: Any, **given: Any) -> Any:
        process = popen(*args, **given)
        os.kill(os.getpid(), signal.SIGINT)
        return process

    before = children(os.getpid())
    monkeypatch.setattr(subprocess, "Popen", interrupted)
    with pytest.raises(KeyboardInterrupt), Programs(lambda line: None) as programs:
        programs.start("one", MODULE, ENVIRON)
    assert children(os.getpid()) == before


def test_they_end_with_a_starter_that_was_killed() -> None:
    with python(HOLD, MODULE, environ=ENVIRON) as starter:
        url = line(starter)
        assert is_live(url)
        starter.kill()
        eventually(lambda: not is_live(url))
