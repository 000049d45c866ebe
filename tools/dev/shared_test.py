"""What only looks at the shared containers, or ends them, sets nothing up."""

from collections.abc import Iterator

import pytest

from pkg.dockertest import checkout
from tools.dev import shared
from tools.dev.fake_engine import Routes, fake_engine


@pytest.fixture(autouse=True)
def nothing_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session is what installs engines and makes the toolbox."""
    monkeypatch.setattr(shared, "Session", pytest.fail)


@pytest.fixture
def routes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Routes]:
    with fake_engine() as (engine, routes):
        monkeypatch.setenv("DOCKER_HOST", engine.endpoint.host)
        yield routes


def test_the_status_needs_an_engine_alone(
    capsys: pytest.CaptureFixture[str], routes: Routes
) -> None:
    assert shared.run("status", []) == 0
    assert capsys.readouterr().out == "no shared container runs; start them with: ./dev up\n"
    assert routes.asked == ["GET /containers/json"]


def test_the_end_needs_an_engine_alone(routes: Routes) -> None:
    """Also one in which nothing of it is left."""
    routes.add("GET /containers/json", [{"Id": "one"}, {"Id": "two"}])
    routes.add("DELETE /containers/one", None)
    assert shared.run("down", []) == 0
    assert [one for one in routes.asked if one.startswith("DELETE")] == [
        "DELETE /containers/one",
        "DELETE /containers/two",
        f"DELETE /networks/berth-{checkout.identity()}_shared",
    ]


@pytest.mark.parametrize("name", ["status", "down"])
def test_without_an_engine_that_is_what_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    assert shared.run(name, []) == 1
    assert "no Docker Engine answers at unix:///nowhere/docker.sock" in capsys.readouterr().err
