"""The prompt that ./dev status names is on the server that tests get."""

import io

import pytest

from pkg.dockertest import image
from pkg.dockertest.redis import Redis
from pkg.testutil.containers import Containers, shell


def test_the_prompt_has_the_shared_servers_client(
    containers: Containers, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And shows no secret unasked."""
    redis = containers.start(Redis())
    monkeypatch.setattr("sys.stdin", io.StringIO("print(client.ping(), server.port)\n"))
    assert shell.main(["redis"]) == 0
    said = capsys.readouterr()
    assert f"True {redis.port}" in said.out
    assert redis.password not in said.out + said.err


@pytest.mark.parametrize("words", [[], ["redis", "s3"], ["reddis"]])
def test_what_is_no_service_is_named_with_those_there_are(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is started."""
    assert shell.main(words) == 2
    names = capsys.readouterr().err.strip().rpartition("SERVICE is one of ")[2].split(", ")
    assert {*names, "base"} == set(image.pins())
