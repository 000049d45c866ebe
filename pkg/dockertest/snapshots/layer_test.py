"""What a server left in its data directory is what the next one finds."""

import io
import os
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pkg.dockertest.snapshots import layer

MIB = 1 << 20


def packed(folder: Path) -> Iterator[bytes]:
    """As the engine packs /data, in pieces that fit no boundary."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        tar.add(folder, arcname="data")
    whole = out.getvalue()
    for at in range(0, len(whole), 100_003):
        yield whole[at : at + 100_003]


def laid(folder: Path, to: Path, *leave_out: str) -> tuple[Path, str]:
    """Lays the folder's layer as a server's start does; where it is, and the script."""
    converted = layer.convert(packed(folder), leave_out)
    with converted, tarfile.open(fileobj=converted) as tar:
        tar.extractall(to / "root", filter="fully_trusted")
    script = to / "root" / layer.FOLDER / "lay.sh"
    text = script.read_text().replace(" /berth", f" {to}/root/berth")
    script.write_text(text)
    (to / "data").mkdir()
    subprocess.run(["sh", str(script), str(to / "data")], check=True)
    return to / "data", text


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """An empty data directory."""
    folder = tmp_path / "left"
    folder.mkdir()
    return folder


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"a",
        bytes(10),
        bytes(5 * MIB),
        b"a" + bytes(3 * MIB),
        bytes(2 * MIB) + b"a",
        b"a" * MIB + bytes(MIB - 1),
        b"a" + bytes(2 * MIB) + b"b" + bytes(2 * MIB + 7),
    ],
    ids=range(8),
)
def test_a_file_is_what_it_was(data: Path, tmp_path: Path, content: bytes) -> None:
    """Zeros at its end and within included."""
    (data / "it's a $name").write_bytes(content)
    folder, _ = laid(data, tmp_path)
    assert (folder / "it's a $name").read_bytes() == content


def test_zeros_at_the_end_are_no_bytes_of_the_layer(data: Path, tmp_path: Path) -> None:
    """They are a hole where they are laid."""
    (data / "log").write_bytes(b"a" + bytes(64 * MIB))
    with layer.convert(packed(data), ()) as converted:
        assert converted.seek(0, os.SEEK_END) < 2 * MIB
    folder, _ = laid(data, tmp_path)
    assert (folder / "log").stat().st_size == 64 * MIB + 1
    assert (folder / "log").stat().st_blocks * 512 < 4 * MIB


def test_links_and_modes_are_kept(data: Path, tmp_path: Path) -> None:
    """Hard ones and symbolic ones; ClickHouse has them."""
    (data / "a").mkdir()
    (data / "a" / "part").write_bytes(b"rows")
    (data / "a" / "part").chmod(0o640)
    os.link(data / "a" / "part", data / "b")
    (data / "c").symlink_to("a/part")
    folder, _ = laid(data, tmp_path)
    assert (folder / "b").read_bytes() == b"rows"
    assert (folder / "c").readlink() == Path("a/part")
    assert (folder / "a" / "part").stat().st_mode & 0o777 == 0o640


def test_what_a_server_makes_itself_is_left_out(data: Path, tmp_path: Path) -> None:
    """A file, a folder with all that is in it; not what only begins alike."""
    for name in ("status", "status2", "tmp/a/b", "tmp2/a"):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text(name)
    folder, _ = laid(data, tmp_path, "status", "tmp")
    left = {str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file()}
    assert left == {"status2", "tmp2/a"}
