"""What stands for the images of pytest-databases' fixtures, and what cannot be measured, without a
container."""

import pytest

from benchmarks import machine, work
from benchmarks.tenants import rival


def test_a_service_that_it_has_not_is_named() -> None:
    """Before anything is asked of the engine."""
    missing = [name for name in work.SERVICES if "no such service" in rival.why_not(name)]
    assert missing == ["clickhouse", "kafka"]


@pytest.mark.parametrize("is_built", [True, False])
def test_an_image_built_from_packages_gets_a_command(
    monkeypatch: pytest.MonkeyPatch, is_built: bool
) -> None:
    """A published one has an entry point, and runs as the fixture asks."""
    monkeypatch.setattr(machine, "source_image", lambda service: f"source-of-{service}")
    monkeypatch.setattr(rival, "is_built", lambda _service: is_built)
    asked = "server /data"
    command = ["minio", "server", "/data"] if is_built else asked
    assert rival.substitute("quay.io/minio/minio", asked) == ("source-of-s3", command)


def test_no_other_image_is_run() -> None:
    """None is pulled."""
    with pytest.raises(KeyError):
        rival.substitute("postgres:18", None)
