"""Messages name commands that their reader has."""

from pathlib import Path

import pytest

from pkg.dockertest import EngineUnavailable, checkout
from pkg.dockertest.endpoint import Endpoint
from pkg.testutil.containers.__main__ import describe, main
from pkg.testutil.containers.project import Project, Shared

REDIS = Shared("redis", "berth-x-redis-1", "", "berth/redis:x", "", {6379: 33000}, {})


@pytest.mark.parametrize(
    ("is_checkout", "up", "prompt", "doctor"),
    [
        (
            True,
            "start them with: ./dev up\n",
            "\n  ./dev bazel run //pkg/testutil/containers:shell -- redis",
            "with: ./dev doctor",
        ),
        (
            False,
            "start them with: python -m pkg.testutil.containers up\n",
            "\n  python -m pkg.testutil.containers.shell redis",
            "with: docker info",
        ),
    ],
    ids=["a checkout", "installed by pip"],
)
def test_the_next_command_is_one_that_is_there(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    is_checkout: bool,
    up: str,
    prompt: str,
    doctor: str,
) -> None:
    if is_checkout:
        (tmp_path / "dev").touch()
    monkeypatch.setattr(checkout, "root", lambda: tmp_path)
    monkeypatch.setattr(Project, "running", lambda _: {})
    assert main(["status"]) == 0
    assert capsys.readouterr().out.endswith(up)
    assert describe(REDIS).endswith(prompt)
    with pytest.raises(EngineUnavailable) as missing:
        Endpoint(f"unix://{tmp_path}/none", "this test").open(1.0)
    assert str(missing.value).endswith(doctor)
