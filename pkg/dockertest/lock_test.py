"""A published image is pulled as it was locked, from where the user keeps his images."""

from pathlib import Path

import pytest

from pkg.dockertest import lock
from pkg.dockertest.lock import Locked

DIGEST = "sha256:" + "a" * 64
LOCKED = {
    "redis": Locked(DIGEST),
    "s3": Locked(versions=('minio="quoted"', "go=1.27")),
}


def test_what_was_written_is_read(tmp_path: Path) -> None:
    """Also what has quotes in it; nothing else is left in the folder."""
    file = tmp_path / "images.lock"
    lock.write(LOCKED, file)
    assert lock.read(file) == LOCKED
    assert list(tmp_path.iterdir()) == [file]
    text = file.read_text()
    lock.write(dict(reversed(LOCKED.items())), file)
    assert file.read_text() == text


def test_without_a_file_nothing_is_locked(tmp_path: Path) -> None:
    """A checkout that was never locked pulls by its tags."""
    assert lock.read(tmp_path / "none") == {}


@pytest.mark.parametrize(
    ("registry", "digest", "expected"),
    [
        ("", "", "redis:8.2"),
        ("", DIGEST, f"redis@{DIGEST}"),
        ("127.0.0.1:5000", "", "127.0.0.1:5000/redis:8.2"),
        ("127.0.0.1:5000/hub/", DIGEST, f"127.0.0.1:5000/hub/redis@{DIGEST}"),
    ],
)
def test_a_reference_has_the_registry_and_the_digest(
    registry: str, digest: str, expected: str
) -> None:
    """The digest takes the tag's place."""
    assert lock.reference("redis:8.2", digest, {"BERTH_REGISTRY": registry}) == expected


def test_a_port_is_not_taken_for_a_tag() -> None:
    """An image without a tag, from a registry with a port."""
    found = lock.reference("debian", DIGEST, {"BERTH_REGISTRY": "127.0.0.1:5000"})
    assert found == f"127.0.0.1:5000/debian@{DIGEST}"
