"""All operations of a vault at the same time, under a fault of the server."""

import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from pkg.dockertest.s3 import S3Server
from pkg.testutil import eventually
from services.vault.build import build_storage
from services.vault.errors import VaultError
from services.vault.storage import Storage
from services.vault.testutil.gate import Gate, StoppingStorage
from services.vault.testutil.instances import config
from services.vault.testutil.kept import Kept
from services.vault.testutil.operations import (
    BOTH,
    NEW,
    OLD,
    OPERATIONS,
    Operation,
    check_whole,
    seeded,
)
from services.vault.vault import Vault

PATIENCE = timedelta(seconds=0.3)

# A request may take its patience, and as much again where its last try connects late or is answered
# slowly.
_PATIENCES = 2
# For all that is no waiting, of a dozen threads on a machine that has other things to do.
_SLACK_SECONDS = 3.0
_PREPARED_SECONDS = 60.0
_RECOVERED_SECONDS = 20.0


@dataclass
class Attempt:
    """One operation, with an instance and a keyring of its own.

    Attributes:
        operation: what was done.
        vault: what it was done with.
        storage: the same, for other instances.
        kept: all that was acknowledged.
        begun: how many requests were to come before the fault.
        error: how it failed; None for success.
        ended: when, by the monotonic clock.
    """

    operation: Operation
    vault: Vault
    storage: Storage
    kept: list[Kept]
    begun: int
    error: VaultError | None = None
    ended: float = 0.0

    @property
    def reached(self) -> bool:
        """Whether it had a request to send when the fault began."""
        return not self.operation.warm and self.begun < self.operation.requests


def attempts(
    s3: S3Server,
    at: int,
    begin: Callable[[], None],
    end: Callable[[], None],
    *,
    served: bool,
    patience: timedelta = PATIENCE,
) -> list[Attempt]:
    """What came of each operation when a fault began before one of its requests.

    Each ended in time, in success or in a `VaultError`. After the fault, each was done by the same
    instance, and other instances find all whole.

    The time: where no request is answered, an operation ends with the first one that is not, so it
    has one request's time. Where some are, it has one for each request that it still had to send.

    Args:
        s3: a server with the bucket; each attempt has a prefix of its own.
        at: how many requests of each operation come before the fault.
        begin: puts the fault on.
        end: takes it off.
        served: whether the server answers some requests under the fault.
        patience: how long each request may take.
    """
    gate = Gate(len(OPERATIONS))
    with ThreadPoolExecutor(len(OPERATIONS)) as pool:
        running = [
            pool.submit(_attempt, s3, operation, gate, at, patience) for operation in OPERATIONS
        ]
        try:
            assert gate.all_arrived(_PREPARED_SECONDS)
            begin()
        finally:
            began = time.monotonic()
            gate.open()
        made = [each.result() for each in running]
        end()
        for each in made:
            assert each.ended - began < _bound(each, served, patience), each
        for recovery in [pool.submit(_recover, each) for each in made]:
            recovery.result()
    return made


def _attempt(
    s3: S3Server, operation: Operation, gate: Gate, at: int, patience: timedelta
) -> Attempt:
    with gate.expecting() as wait:
        prefix = f"{secrets.token_hex(8)}/"
        patient = build_storage(
            config(s3, OLD, NEW, prefix=prefix, patience=timedelta(seconds=_PREPARED_SECONDS))
        )
        kept = seeded(patient)
        impatient = build_storage(config(s3, OLD, NEW, prefix=prefix, patience=patience))

        def stop() -> None:
            # So that a connection is there, on which a request goes out and its answer is missed.
            eventually(partial(_tried, lambda: impatient.get("nothing")), within=_PREPARED_SECONDS)
            wait()

        # Before the fault, a slow machine is no reason to fail.
        stopping = StoppingStorage(patient, impatient, None if operation.warm else at, stop)
        attempt = Attempt(operation, Vault(stopping, BOTH), patient, kept, at)
        if operation.warm:
            kept += operation.run(attempt.vault, kept)
            wait()
        try:
            kept += operation.run(attempt.vault, kept)
        except VaultError as error:
            attempt.error = error
        attempt.ended = time.monotonic()
    return attempt


def _bound(attempt: Attempt, served: bool, patience: timedelta) -> float:
    requests = max(1, attempt.operation.requests - attempt.begun) if served else 1
    return requests * _PATIENCES * patience.total_seconds() + _SLACK_SECONDS


def _recover(attempt: Attempt) -> None:
    """Waits until the vault can do it, and until another finds all whole: a server may need some
    time for that, too."""
    kept = attempt.kept

    def run() -> None:
        kept.extend(attempt.operation.run(attempt.vault, kept))

    steps: list[Callable[[], object]] = [run, lambda: check_whole(attempt.storage, kept)]
    for step in steps:
        eventually(partial(_tried, step), within=_RECOVERED_SECONDS)


def _tried(step: Callable[[], object]) -> bool:
    try:
        step()
    except VaultError as error:
        raise AssertionError(str(error)) from error
    return True
