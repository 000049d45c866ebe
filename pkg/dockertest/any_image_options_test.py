"""A wrong option of an image's container is named before anything is started."""

import http.server
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from pkg.dockertest import InvalidOption
from pkg.dockertest.any_image import Container, ContainerServer, NotYet, http_ok
from pkg.dockertest.container import Container as Running
from pkg.dockertest.endpoint import Endpoint
from pkg.dockertest.engine import Engine
from pkg.dockertest.image import Image
from pkg.testutil.containers.shared import Containers

GIVEN: Mapping[str, Any] = {"image": "a", "port": 80, "ready": http_ok()}
NO_ENGINE = Engine(Endpoint("unix:///nowhere", "this test"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"image": ""}, "must be an image's name"),
        ({"port": 0}, "whole number from 1 to 65535"),
        ({"more_ports": 443}, "more_ports must be a list"),
        ({"tmpfs": None}, "tmpfs must be a list"),
        ({"more_ports": [70000]}, "whole number from 1 to 65535"),
        ({"ready": None}, r"http_ok\(\"/\"\)"),
        ({"ready": http_ok}, r"http_ok\(\"/\"\)"),
        ({"ready": lambda: True}, "a function that takes the result"),
        ({"env": {"A": "x" * (1 << 20)}}, "1 MiB at most"),
        ({"command": "redis-server --port 1"}, "command must be a list"),
        ({"env": {"A=B": "x"}}, "a dict of names"),
        ({"env": {"A": 1}}, "must be text"),
        ({"files": {"etc/x": ""}}, "absolute paths"),
        ({"files": {"/a/../b": ""}}, "absolute paths"),
        ({"files": {"/x": 1}}, "must be bytes or text"),
        ({"files": {"/berth/init": b""}}, "/berth is not the image's"),
        ({"files": {"/data/x": b""}, "tmpfs": ["/data"]}, "the tmpfs /data would hide it"),
        ({"tmpfs": ["/"]}, "absolute paths"),
        ({"memory_mb": 1}, "memory_mb must be a whole number from"),
    ],
    ids=lambda one: str(one)[:40],
)
def test_a_wrong_option_is_named(options: Mapping[str, Any], words: str) -> None:
    with pytest.raises(InvalidOption, match=words):
        Container(**{**GIVEN, **options})


def test_a_secret_is_in_no_message() -> None:
    """A value of the environment that is wrong may still be secret."""
    with pytest.raises(InvalidOption) as raised:
        Container(**{**GIVEN, "env": {"A": "hush\0"}})
    assert "hush" not in str(raised.value)


def test_the_command_follows_the_entrypoint() -> None:
    """As docker run has it; the first process starts them."""
    of = Image("a", ("/data", "/kept"), ("/entry", "-x"), ("serve",))
    own = Container(**GIVEN).description(of)
    assert (own["Entrypoint"], own["Cmd"]) == (["/berth/init"], ["/entry", "-x", "serve"])
    other = Container(**GIVEN, command=["y"], tmpfs=["/data"]).description(of)
    assert other["Cmd"] == ["/entry", "-x", "y"]
    assert [one["Target"] for one in other["HostConfig"]["Mounts"]] == ["/kept"]


def test_an_image_that_has_the_first_process_gets_it_once() -> None:
    """A prepared image, or one committed from a container of ours."""
    own = Container(**GIVEN).description(Image("a", (), ("/berth/init",), ("serve",)))
    assert (own["Entrypoint"], own["Cmd"]) == (["/berth/init"], ["serve"])


def test_no_image_of_ones_own_is_shared() -> None:
    """It says where it can be had; no engine is asked."""
    with pytest.raises(InvalidOption, match=r"own .*: dockertest\.start\(Container\(…\)\)"):
        Containers(lambda: NO_ENGINE).start(Container(**GIVEN))


class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(204 if self.path == "/ok" else 503)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ContainerServer]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=[0.01])
        thread.start()
        port = listening.server_port
        container = Running(NO_ENGINE, "x", "a")
        yield ContainerServer(host="127.0.0.1", port=port, container=container, ports={80: port})
        listening.shutdown()
        thread.join()


def test_http_ok_is_content_with_success_only(server: ContainerServer) -> None:
    """The status that it saw instead is what the error at the end will say."""
    http_ok("/ok")(server)
    with pytest.raises(NotYet, match="GET /starting: 503 Service Unavailable"):
        http_ok("/starting")(server)
