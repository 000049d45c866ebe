"""A forked child cannot reach its parent's servers behind its back, and waits for nothing."""

import os
import signal
import threading
from collections.abc import Callable

import pytest

from pkg.dockertest import Scope, lease
from pkg.dockertest.redis import Redis
from pkg.testutil import eventually


def in_child(work: Callable[[], None]) -> None:
    """Forks, works in the child, and fails if the child does or does not end."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    status = -1

    def ended() -> bool:
        nonlocal status
        pid, status = os.waitpid(child, os.WNOHANG)
        return pid == child

    try:
        eventually(ended)
    except BaseException:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
    assert status == 0


def test_a_child_may_not_tamper_with_its_parents_server(dockertest: Scope) -> None:
    """The parent would not know of it, and use the container again."""
    server = dockertest.start(Redis())

    def tamper() -> None:
        for fault in (lambda: server.container.exec(["true"]), server.container.kill):
            with pytest.raises(RuntimeError, match="forked child"):
                fault()
        assert server.client().ping()

    in_child(tamper)
    assert server.container.ended() is None


def test_a_child_does_not_wait_for_what_other_threads_have_locked(dockertest: Scope) -> None:
    """Those threads are not in the child."""
    server = dockertest.start(Redis())
    hold = dockertest._holds[0]

    def work() -> None:
        assert [one.service for one in dockertest.started] == ["redis"]
        dockertest.close()
        hold.end()

    with hold._lock, dockertest._lock:
        in_child(work)
    assert server.client().ping()


def test_a_fork_waits_for_the_import_of_a_client_library(
    dockertest: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or else the child would wait for ever for a module that is half imported."""
    begun, go_on = threading.Event(), threading.Event()

    class Slow(Redis):
        def load(self) -> None:
            begun.set()
            go_on.wait(10)

    monkeypatch.setattr(lease, "_loaded", set[type]())
    starting = threading.Thread(target=dockertest.start, args=[Slow()])
    starting.start()
    assert begun.wait(10)
    threading.Timer(0.2, go_on.set).start()
    in_child(lambda: None if go_on.is_set() else os._exit(2))
    starting.join()
