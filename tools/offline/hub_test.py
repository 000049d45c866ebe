"""A lock becomes one Bazel package per distribution, or a message that says what is wrong with it.

pip is the real one; the wheels are made here, so no network is needed.
"""

import base64
import hashlib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from tools.offline.rules_python.python.extensions import hub


def wheel(
    folder: Path, name: str, *requires: str, files: Sequence[str] | Mapping[str, str] = ()
) -> str:
    """Makes a wheel, of empty files unless told otherwise, and returns its lock line."""
    folder.mkdir(exist_ok=True)
    stem = f"{name.replace('-', '_')}-1.0"
    content = {**(files if isinstance(files, Mapping) else dict.fromkeys(files, ""))} | {
        f"{name.replace('-', '_')}/__init__.py": "",
        f"{stem}.data/scripts/{name}": "a program",
        f"{stem}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
        + "".join(f"Requires-Dist: {one}\n" for one in requires),
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{path},sha256={_hash(text)},{len(text)}" for path, text in content.items()]
    content[f"{stem}.dist-info/RECORD"] = "\n".join([*record, f"{stem}.dist-info/RECORD,,"])
    file = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        for path, text in content.items():
            archive.writestr(path, text)
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"


def _hash(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def install(tmp_path: Path, *lines: str, out: str = "hub") -> Path:
    """Runs the installer on a lock of these lines; returns the hub."""
    lock = tmp_path / "lock.txt"
    lock.write_text("\n".join(lines))
    made = tmp_path / out
    made.mkdir()
    hub.main(lock, made, ["--no-index", f"--find-links={tmp_path / 'wheels'}"])
    return made


def compiled(made: Path) -> Iterator[tuple[Path, bytes]]:
    """The compiled modules of a hub, by their place in it."""
    for file in sorted(made.rglob("*.pyc")):
        yield file.relative_to(made), file.read_bytes()


def labels(build: Path) -> set[str]:
    """The distributions that a package's own target depends on."""
    line = next(line for line in build.read_text().splitlines() if "deps = [" in line)
    return {part for part in line.split("'") if part.startswith("//")}


def test_every_distribution_is_a_package(tmp_path: Path) -> None:
    """Its modules are in site-packages, its programs in bin; a BUILD file of its own stays out."""
    wheels = tmp_path / "wheels"
    out = install(
        tmp_path,
        wheel(wheels, "A-tool", "b; python_version > '3'", "c; python_version < '3'"),
        wheel(wheels, "b", files=["b/BUILD", "b/data.json"]),
    )
    assert (out / "a_tool/site-packages/A_tool/__init__.py").is_file()
    assert (out / "a_tool/bin/A-tool").read_text() == "a program"
    assert (out / "b/site-packages/b/data.json").is_file()
    assert not (out / "b/site-packages/b/BUILD").exists()
    assert labels(out / "a_tool/BUILD.bazel") == {"//a_tool:files", "//b:files"}
    assert labels(out / "b/BUILD.bazel") == {"//b:files"}
    assert not (out / "installed").exists()


def test_modules_are_compiled(tmp_path: Path) -> None:
    """To the same bytes each time; a file that is for another Python stops nothing."""
    files = {"b/old.py": "print 1", "b/new.py": "NAMES = {'a', 'b', 'c'}\n"}
    line = wheel(tmp_path / "wheels", "b", files=files)
    one, other = ([*compiled(install(tmp_path, line, out=name))] for name in ("hub", "other"))
    assert [path.name.partition(".")[0] for path, _ in one] == ["__init__", "new"]
    assert one == other
    assert all(content[4] == 1 for _, content in one), "a file's time is compared"


def test_an_extra_that_the_lock_names_brings_what_it_needs(tmp_path: Path) -> None:
    """As the lock says it, not as anybody might ask for it."""
    wheels = tmp_path / "wheels"
    asked = wheel(wheels, "a", "b; extra == 'more'", "c; extra == 'other'")
    out = install(
        tmp_path, asked.replace("a==", "a[more]=="), wheel(wheels, "b"), wheel(wheels, "c")
    )
    assert labels(out / "a/BUILD.bazel") == {"//a:files", "//b:files"}


def test_distributions_that_need_each_other_end(tmp_path: Path) -> None:
    """A cycle gives both of them both."""
    wheels = tmp_path / "wheels"
    out = install(tmp_path, wheel(wheels, "a", "b"), wheel(wheels, "b", "a"))
    assert labels(out / "a/BUILD.bazel") == labels(out / "b/BUILD.bazel")


def test_a_wrong_hash_is_refused_with_the_next_step(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """pip names the distribution and both hashes; we say how to lock anew. No hub is made."""
    line = wheel(tmp_path / "wheels", "a")
    wrong = "0" * 64
    with pytest.raises(SystemExit, match="lock anew with the command at the top of requirements"):
        install(tmp_path, line[:-64] + wrong)
    said = capfd.readouterr().err
    assert "DO NOT MATCH THE HASHES" in said
    assert f"Expected sha256 {wrong}" in said
    assert not (tmp_path / "hub/BUILD.bazel").exists()


def test_a_line_without_a_hash_is_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nothing is installed that the lock does not vouch for."""
    line = wheel(tmp_path / "wheels", "a")
    with pytest.raises(SystemExit):
        install(tmp_path, line.split(" --hash")[0])
    assert "--require-hashes" in capfd.readouterr().err


def test_a_distribution_that_cannot_be_had_is_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """With the way to look at pip's settings."""
    (tmp_path / "wheels").mkdir()
    with pytest.raises(SystemExit, match="pip config list"):
        install(tmp_path, f"gone==1.0 --hash=sha256:{'0' * 64}")
    assert "gone==1.0" in capfd.readouterr().err
