"""Liveness and readiness are two things."""

import asyncio

import pytest

from pkg.clock import FakeClock
from pkg.fault import Fault
from pkg.serving import Workers
from pkg.serving.health import Readiness
from pkg.testutil import eventually
from services.vault.errors import StorageRefused, StorageUnavailable
from services.vault.keyring import MasterKey, MasterKeys
from services.vault.rpc.limits import Limits
from services.vault.storage import MemoryStorage
from services.vault.testutil.service import memory_vault, serving
from services.vault.vault import Vault


class Checked(Vault):
    """A vault whose storage is as it is told."""

    def __init__(self) -> None:
        super().__init__(MemoryStorage(), MasterKeys([MasterKey.generate()]))
        self.fails: Exception | None = None
        self.checks = 0

    def check(self) -> None:
        self.checks += 1
        if self.fails:
            raise self.fails


def test_both_are_well_without_a_token() -> None:
    """Load balancers have none."""
    with serving(memory_vault(), tokens=["some-token"]) as service:
        del service.http.headers["authorization"]
        assert service.http.get("/health/live").json() == {"status": "live"}
        assert service.http.get("/health/ready").json() == {"status": "ready"}


@pytest.mark.parametrize("error", [StorageUnavailable("s3.internal"), StorageRefused("bucket")])
def test_without_its_storage_an_instance_lives_and_is_not_ready(error: Exception) -> None:
    """And is ready again as soon as the storage answers."""
    vault = Checked()
    vault.fails = error
    with serving(vault) as service:
        answer = service.http.get("/health/ready")
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "not_ready")
        assert answer.headers["retry-after"] == "1"
        assert str(error) not in answer.text
        assert service.http.get("/health/live").status_code == 200
        vault.fails = None
        eventually(lambda: service.http.get("/health/ready").status_code == 200)


def test_the_storage_is_asked_once_a_second_at_most() -> None:
    """Anyone may ask for the readiness, as often as they like, and many at a time."""
    vault, clock = Checked(), FakeClock()

    async def ask() -> None:
        readiness = Readiness(vault.check, Workers(2, 9), clock)
        await asyncio.gather(*(readiness.check() for _ in range(20)))
        assert vault.checks == 1
        clock.advance(0.9)
        await readiness.check()
        assert vault.checks == 1
        clock.advance(0.2)
        await readiness.check()
        assert vault.checks == 2

    asyncio.run(ask())


def test_an_instance_that_stops_is_not_ready_and_lives() -> None:
    vault = Checked()

    async def ask() -> None:
        readiness = Readiness(vault.check, Workers(1, 1), FakeClock())
        await readiness.check()
        readiness.stopping = True
        with pytest.raises(Fault):
            await readiness.check()

    asyncio.run(ask())
    with serving(vault, Limits(stop_delay=5)) as service:
        service.stop()
        eventually(lambda: service.http.get("/health/ready").status_code == 503)
        assert service.http.get("/health/live").status_code == 200
        assert service.post("/v1/encrypt", keyring="a", plaintext="").status_code == 200
