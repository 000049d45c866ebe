"""`./dev api`: what it prints works as pasted, and at its end nothing of it is left."""

import argparse
import os
import re
import shlex
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import MySQLdb
import pytest
import redis
from unkey.py import Unkey

from pkg.testutil import eventually
from services.api.testutil.by_hand import ByHand, started

API, CONSUMER, VAULT = "services.api", "services.api.consumer", "services.vault"
COUNT = "SELECT COUNT(*) AS n FROM key_verifications_v1"


def pasted(said: str) -> tuple[str, Any]:
    """The root key, and the answer to the printed command line, as a shell and curl read them."""
    root_key = re.search(r"^  ROOT_KEY=(\S+)$", said, re.M)
    line = re.search(r"^  curl ((?:.*\\\n)*.*)$", said, re.M)
    assert root_key
    assert line
    curl = argparse.ArgumentParser()
    curl.add_argument("url")
    curl.add_argument("-sSf", action="store_true")
    curl.add_argument("-H", action="append")
    curl.add_argument("-d")
    words = line[1].replace("\\\n", " ").replace("$ROOT_KEY", root_key[1])
    asked = curl.parse_args(shlex.split(words))
    headers = dict(header.split(": ", 1) for header in asked.H)
    answer = httpx.post(asked.url, content=asked.d, headers=headers, trust_env=False)
    assert answer.status_code == 200, answer.text
    return root_key[1], answer.json()


def let_in(told: Mapping[str, str]) -> set[str]:
    """Which of the servers know the users that an instance was told of."""
    known = set()
    client = redis.Redis.from_url(told["API_REDIS_URL"])
    with client, suppress(redis.AuthenticationError):
        client.ping()
        known.add("redis")
    at = urlsplit(told["API_MYSQL_URL"])
    with suppress(MySQLdb.OperationalError):
        MySQLdb.connect(  # type: ignore[no-untyped-call]
            host=at.hostname or "",
            port=at.port or 0,
            user=at.username or "",
            password=at.password or "",
        ).close()
        known.add("mysql")
    return known


def running(pids: Mapping[str, int]) -> set[str]:
    """Which of these programs run."""
    return {module for module, pid in pids.items() if Path(f"/proc/{pid}").exists()}


def is_all_gone(by_hand: ByHand, programs: Mapping[str, int], told: Mapping[str, str]) -> bool:
    """Its programs, its parts of the servers, and its files."""
    return not (running(programs) or let_in(told) or list(by_hand.folder.iterdir()))


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_what_it_prints_works_and_its_end_leaves_nothing(tmp_path: Path, by: int) -> None:
    """By the SDK, a key is made, verified and shown again; the analytics count the verification."""
    with started(tmp_path) as by_hand:
        said = by_hand.said()
        root_key, answer = pasted(said)
        url = re.search(r"(http://\S+)/openapi\.json", said)
        assert url
        with Unkey(root_key=root_key, server_url=url[1], retry_config=None) as sdk:
            key: Any = sdk.keys.create_key(api_id=answer["data"]["apiId"], recoverable=True).data
            assert sdk.keys.verify_key(key=key.key).data.valid
            shown: Any = sdk.keys.get_key(key_id=key.key_id, decrypt=True).data
            assert shown.plaintext == key.key

            def counted() -> bool:
                return list(sdk.analytics.get_verifications(query=COUNT).data) == [{"n": 1}]

            eventually(counted, within=60)
        programs, told = by_hand.programs(), by_hand.told(API)
        assert programs.keys() == {API, CONSUMER, VAULT}
        assert let_in(told) == {"mysql", "redis"}
        by_hand.process.send_signal(by)
        assert by_hand.wait() == 0
        assert is_all_gone(by_hand, programs, told)
        assert "Traceback" not in by_hand.log


def test_no_secret_is_in_what_it_logs(tmp_path: Path) -> None:
    with started(tmp_path) as by_hand:
        root_key, _ = pasted(by_hand.said())
        told = by_hand.told(API)
        by_hand.process.terminate()
        assert by_hand.wait() == 0
        clickhouse = urlsplit(told["API_CLICKHOUSE_URL"]).password or ""
        secrets = (told["API_VAULT_TOKEN"], told["API_KAFKA_PASSWORD"], clickhouse)
        for secret in (root_key, *secrets):
            assert secret not in by_hand.log


def test_one_program_that_dies_ends_all(tmp_path: Path) -> None:
    """And is named."""
    with started(tmp_path) as by_hand:
        by_hand.said()
        programs, told = by_hand.programs(), by_hand.told(API)
        os.kill(programs[VAULT], signal.SIGKILL)
        assert by_hand.wait() == 1
        assert is_all_gone(by_hand, programs, told)
        assert by_hand.log.splitlines()[-1].startswith("vault ended by SIGKILL")
        assert "Traceback" not in by_hand.log


def test_an_interrupted_start_leaves_nothing(tmp_path: Path) -> None:
    """Here, as soon as its first program says a word."""
    with started(tmp_path) as by_hand:
        eventually(lambda: "vault: " in by_hand.log, within=60)
        programs = by_hand.programs()
        by_hand.process.send_signal(signal.SIGINT)
        assert by_hand.wait() == 0
        assert not running(programs)
        assert not list(by_hand.folder.iterdir())
        assert "Traceback" not in by_hand.log


def test_an_engine_that_is_away_is_told(tmp_path: Path) -> None:
    """With what to do, and nothing else."""
    with started(tmp_path, DOCKER_HOST=f"unix://{tmp_path}/nowhere") as by_hand:
        assert by_hand.wait() == 1
        assert "Docker Engine" in by_hand.log
        assert "Traceback" not in by_hand.log
