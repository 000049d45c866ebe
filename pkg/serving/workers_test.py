"""Calls run in threads, and no more of them wait than may."""

import asyncio
import threading

import pytest

from pkg.fault import Fault
from pkg.serving import Workers
from pkg.testutil import eventually


def test_a_call_runs_in_another_thread() -> None:
    """What it returns and what it raises come back."""

    async def run() -> None:
        workers = Workers(1, 1)
        assert await workers.run(threading.current_thread) is not threading.current_thread()
        with pytest.raises(ZeroDivisionError):
            await workers.run(divmod, 1, 0)
        workers.close()

    asyncio.run(run())


def test_who_finds_no_place_is_told_at_once() -> None:
    """A call that nobody waits for any more keeps its place while it runs; one that has not begun
    is dropped."""
    go_on = threading.Event()
    end = threading.Timer(30, go_on.set)  # also of a test that fails
    end.daemon = True
    end.start()

    async def run() -> None:
        workers = Workers(threads=1, most=2)
        for _ in range(3):  # the first runs, the others are dropped before they begin
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(workers.run(go_on.wait), 0.05)
        waiting = asyncio.create_task(workers.run(go_on.wait))
        await asyncio.sleep(0)
        with pytest.raises(Fault) as refused:
            await workers.run(go_on.wait)
        assert refused.value.code == "overloaded"
        go_on.set()
        assert await waiting
        await asyncio.to_thread(eventually, lambda: not workers.busy)
        assert await workers.run(go_on.wait)
        workers.close()

    asyncio.run(run())


def test_a_thread_that_cannot_be_started_takes_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the machine has no more: when it has again, all places are there."""

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async def run() -> None:
        workers = Workers(threads=1, most=1)
        with monkeypatch.context() as full:
            full.setattr(threading.Thread, "start", refuse)
            with pytest.raises(RuntimeError, match="new thread"):
                await workers.run(threading.current_thread)
        assert not workers.busy
        assert await workers.run(threading.current_thread)
        workers.close()

    asyncio.run(run())
