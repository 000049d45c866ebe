"""Threads for what would keep the event loop waiting."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from services.vault.rpc.errors import OVERLOADED, Refusal

# Up to here, the event loop does it in less time than it takes to hand it to a thread.
INLINE_BYTES = 64 << 10


class Workers:
    """A bounded number of threads, and of calls that wait for one.

    Who waits for a call may give up; the call itself goes on to its end and keeps its place until
    then, so that a storage that hangs can't pile up work.

    Args:
        threads: how many calls run at the same time.
        most: how many may be at work or wait.
    """

    def __init__(self, threads: int, most: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="vault-rpc")
        self._lock = threading.Lock()
        self._taken = 0
        self._most = most

    @property
    def busy(self) -> bool:
        """Whether a call is at work or waits."""
        with self._lock:
            return self._taken > 0

    async def run[**P, T](self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs a call in a thread and waits for its end.

        Raises:
            Refusal: too many calls wait already.
        """
        with self._lock:
            if self._taken >= self._most:
                raise Refusal(OVERLOADED)
            self._taken += 1
        future = self._pool.submit(call, *args, **kwargs)
        future.add_done_callback(self._leave)
        return await asyncio.wrap_future(future)

    async def run_unless_quick[T](
        self,
        attempt: Callable[[str, bytes], T | None],
        call: Callable[[str, bytes], T],
        keyring: str,
        content: bytes,
    ) -> T:
        """What an attempt that never waits gives for a short content; else the call's, in a thread.

        Raises:
            Refusal: too many calls wait already.
        """
        done = attempt(keyring, content) if len(content) <= INLINE_BYTES else None
        return await self.run(call, keyring, content) if done is None else done

    def _leave[T](self, _: "Future[T]") -> None:
        with self._lock:
            self._taken -= 1

    def close(self) -> None:
        """Takes no more calls, and drops those that wait."""
        self._pool.shutdown(wait=False, cancel_futures=True)
