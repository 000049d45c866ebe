"""Threads for what would keep the event loop waiting, and what needs none."""

from collections.abc import Callable

from pkg import serving

# Up to here, the event loop does it in less time than it takes to hand it to a thread.
INLINE_BYTES = 64 << 10


class Workers(serving.Workers):
    """The frame's, with the vault's own way of not needing them."""

    async def run_unless_quick[T](
        self,
        attempt: Callable[[str, bytes], T | None],
        call: Callable[[str, bytes], T],
        keyring: str,
        content: bytes,
    ) -> T:
        """What an attempt that never waits gives for a short content; else the call's, in a thread.

        Raises:
            Fault: too many calls wait already.
        """
        done = attempt(keyring, content) if len(content) <= INLINE_BYTES else None
        return await self.run(call, keyring, content) if done is None else done
