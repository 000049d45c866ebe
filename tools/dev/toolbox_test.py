"""The toolbox runs as its caller, whoever that is."""

import os
from pathlib import Path

import pytest

from tools.dev import toolbox
from tools.dev.checkouts import Checkout
from tools.dev.machine import Machine

NOBODYS_UID = 54321


def test_a_user_without_an_entry_gets_one_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in many a CI's containers: a uid that no passwd file knows."""
    monkeypatch.setattr(os, "getuid", lambda: NOBODYS_UID)
    monkeypatch.setattr(os, "getgid", lambda: NOBODYS_UID)
    checkout = Checkout(tmp_path / "checkout", "0123456789ab", tmp_path / "caches")
    toolbox.prepare_directories(checkout)
    name = f"user{NOBODYS_UID}"
    entry = f"{name}:x:{NOBODYS_UID}:{NOBODYS_UID}::{checkout.home}:/bin/sh\n"
    assert entry in (checkout.cache / "etc/passwd").read_text()
    assert f"{name}:x:{NOBODYS_UID}:\n" in (checkout.cache / "etc/group").read_text()
    assert toolbox.environ(checkout, Machine((), {}))["USER"] == name
