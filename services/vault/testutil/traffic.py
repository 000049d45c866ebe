"""Clients that encrypt and decrypt all the time, while a test does something to the instances."""

import random
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from services.vault.testutil.kept import Kept, encrypted
from services.vault.vault import Vault

# Between two operations of one client, so that all of what they did can be checked afterwards.
_PAUSE_SECONDS = 0.002


class Traffic:
    """What some clients do with some instances. Usable from several threads.

    Attributes:
        acknowledged: all that was encrypted, in no certain order.
        decrypted: how many decryptions returned the right plaintext.
        reencrypted: how many of the acknowledged come from another ciphertext.
    """

    def __init__(self, instances: Sequence[Vault], keyrings: Sequence[str]) -> None:
        self._instances = instances
        self._keyrings = keyrings
        self._stop = threading.Event()
        self._counting = threading.Lock()
        self.acknowledged: list[Kept] = []
        self.decrypted = 0
        self.reencrypted = 0

    def client(self, number: int) -> None:
        """Works until the end of the traffic; the number decides what it does.

        Raises:
            VaultError: an instance refused something.
            AssertionError: a decryption returned something else.
        """
        choose = random.Random(number)
        while not self._stop.wait(_PAUSE_SECONDS):
            plaintext = choose.randbytes(choose.randrange(64))
            made = encrypted(self._any(choose), choose.choice(self._keyrings), plaintext)
            with self._counting:
                self.acknowledged.append(made)
            old = choose.choice(self.acknowledged)
            assert self._any(choose).decrypt(old.keyring, old.ciphertext) == old.plaintext
            with self._counting:
                self.decrypted += 1
            if choose.randrange(4) == 0:
                again = self._any(choose).reencrypt(old.keyring, old.ciphertext)
                with self._counting:
                    self.acknowledged.append(Kept(old.keyring, old.plaintext, again))
                    self.reencrypted += 1

    def stop(self) -> None:
        """Lets each client end after what it is doing."""
        self._stop.set()

    def _any(self, choose: random.Random) -> Vault:
        return choose.choice(self._instances)


@contextmanager
def traffic(instances: Sequence[Vault], keyrings: Sequence[str], clients: int) -> Iterator[Traffic]:
    """Clients at work during the block; its end raises what went wrong for one of them.

    Args:
        instances: each operation takes one by chance; the test may put another in its place.
        keyrings: each encryption takes one by chance.
        clients: how many there are.
    """
    going_on = Traffic(instances, keyrings)
    with ThreadPoolExecutor(clients) as pool:
        working = [pool.submit(going_on.client, number) for number in range(clients)]
        try:
            yield going_on
        finally:
            going_on.stop()
    for each in working:
        each.result()
