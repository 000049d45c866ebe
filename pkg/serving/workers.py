"""Threads for what would keep the event loop waiting."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import Self

from pkg.serving.faults import overloaded
from pkg.serving.limits import Limits


class Workers:
    """A bounded number of threads, and of calls that wait for one.

    Who waits for a call may give up; the call itself goes on to its end and keeps its place until
    then, so that a storage that hangs can't pile up work.

    Args:
        threads: how many calls run at the same time.
        most: how many may be at work or wait.
    """

    def __init__(self, threads: int, most: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="worker")
        self._lock = threading.Lock()
        self._taken = 0
        self._most = most

    @classmethod
    def within(cls, limits: Limits) -> Self:
        """Those of an instance with these limits.

        A quarter of the places is left to what needs no thread, however long all calls hang.
        """
        return cls(limits.threads, limits.max_requests - limits.max_requests // 4)

    @property
    def busy(self) -> bool:
        """Whether a call is at work or waits."""
        with self._lock:
            return self._taken > 0

    async def run[**P, T](self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs a call in a thread and waits for its end.

        Raises:
            Fault: too many calls wait already.
        """
        with self._lock:
            if self._taken >= self._most:
                raise overloaded()
            self._taken += 1
        # With its context: what it logs has the request's fields.
        context = copy_context()
        try:
            future = self._pool.submit(lambda: context.run(call, *args, **kwargs))
        except RuntimeError:  # no thread can be started
            self._leave()
            raise
        future.add_done_callback(self._leave)
        return await asyncio.wrap_future(future)

    def _leave[T](self, _: "Future[T] | None" = None) -> None:
        with self._lock:
            self._taken -= 1

    def close(self) -> None:
        """Takes no more calls, and drops those that wait."""
        self._pool.shutdown(wait=False, cancel_futures=True)
