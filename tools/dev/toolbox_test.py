"""The toolbox runs as its caller, whoever that is."""

import os
import shutil
from pathlib import Path

import pytest

from pkg.dockertest.engine import Engine
from tools.dev import toolbox
from tools.dev.checkouts import Checkout
from tools.dev.fake_engine import fake_engine
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


def test_a_checkout_that_was_cloned_again_needs_a_new_toolbox(tmp_path: Path) -> None:
    """To the running one's mounts, the directory of the same name is another one."""
    checkout = Checkout(tmp_path / "checkout", "0123456789ab", tmp_path / "caches")
    toolbox.prepare_directories(checkout)
    checkout.root.mkdir()

    def settings(engine: Engine) -> str:
        made = toolbox.settings(checkout, engine, Machine((), {}), "berth/toolbox:1")
        return str(made["Labels"][toolbox.LABEL_SETTINGS])

    with fake_engine() as (engine, routes):
        routes.add("GET /info", {})
        before = settings(engine)
        (checkout.root / "file").touch()
        assert settings(engine) == before
        mounted = os.open(checkout.root, os.O_RDONLY)  # as the toolbox keeps it
        try:
            shutil.rmtree(checkout.root)
            checkout.root.mkdir()
            assert settings(engine) != before
        finally:
            os.close(mounted)
