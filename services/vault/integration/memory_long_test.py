"""A vault that is kept busy does not grow. By hand: ten minutes."""

import os
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from pkg.dockertest import Scope
from pkg.dockertest.s3 import S3
from services.vault.client import VaultClient
from services.vault.testutil.process import TOKEN, running, variables

SECONDS = float(os.environ.get("LOAD_SECONDS", "600"))
CLIENTS = 4
# More than an instance remembers, so that it forgets some all the time.
KEYRINGS = [f"keyring-{number}" for number in range(1200)]
BULK = 100
# Of what it had after the first fifth, when all keyrings were used and pools were full.
MOST_GROWTH = 0.1


def resident_mb(pid: int) -> float:
    """The memory of a process that is in the machine's, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def test_memory_stays_flat_under_load(
    dockertest: Scope, record_property: Callable[[str, object], None]
) -> None:
    """Single values, bulk, small and large, of more keyrings than are remembered."""
    s3 = dockertest.start(S3(buckets=["vault"]))
    told = variables(s3, "vault")
    stop = threading.Event()
    done = 0

    def work(number: int) -> int:
        choose = random.Random(number)
        values = 0
        with VaultClient(vault.url, TOKEN, deadline=60) as client:
            while not stop.is_set():
                keyring = choose.choice(KEYRINGS)
                plaintext = choose.randbytes(choose.choice([16, 1024, 100_000]))
                assert client.decrypt(keyring, client.encrypt(keyring, plaintext)) == plaintext
                if choose.randrange(20) == 0:
                    values += len(client.encrypt_bulk(keyring, [plaintext[:1024]] * BULK))
                values += 1
        return values

    with running(told) as vault, ThreadPoolExecutor(CLIENTS) as pool:
        working = [pool.submit(work, number) for number in range(CLIENTS)]
        measured: list[float] = []
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and not any(each.done() for each in working):
            stop.wait(SECONDS / 100)
            measured.append(resident_mb(vault.process.pid))
        stop.set()
        done = sum(each.result() for each in working)
    fifth = len(measured) // 5
    early, late = median(measured[fifth : 2 * fifth]), median(measured[-fifth:])
    for name, figure in (("values", done), ("early_mib", early), ("late_mib", late)):
        record_property(name, round(figure))  # in test.xml
    assert done > SECONDS
    assert late < early * (1 + MOST_GROWTH), measured
