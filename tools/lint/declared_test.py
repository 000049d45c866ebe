from pathlib import Path

import pytest

from tools.lint.checkout import Checkout
from tools.lint.declared import bare, violations
from tools.lint.sample import sample


@pytest.mark.parametrize(
    "builds",
    [
        {},
        {"BUILD.bazel": ""},
        {"pkg/a/BUILD.bazel": 'unit_test(name = "b_test", srcs = ["b_test.py"])'},
        {"pkg/a/BUILD.bazel": "# a_test.py"},
        {"pkg/a/BUILD.bazel": "", "pkg/BUILD.bazel": '["a/a_test.py"]'},
    ],
)
def test_a_test_in_no_build_file_is_named(tmp_path: Path, builds: dict[str, str]) -> None:
    (line,) = violations(sample(tmp_path, {"pkg/a/a_test.py": "", **builds}))
    assert line.startswith("pkg/a/a_test.py: ")
    assert "BUILD.bazel" in line


@pytest.mark.parametrize(
    "builds",
    [
        {"pkg/a/BUILD.bazel": 'unit_test(name = "x", srcs = ["a_test.py"])'},
        {"pkg/a/BUILD.bazel.txt": '["a_test.py"]'},
        {"pkg/a/BUILD.bazel": 'glob(["*_test.py"])'},
        {"pkg/BUILD.bazel": '["a/a_test.py"]'},
    ],
)
def test_a_test_in_its_build_file_is_fine(tmp_path: Path, builds: dict[str, str]) -> None:
    assert violations(sample(tmp_path, {"pkg/a/a_test.py": "", **builds})) == []


def test_every_test_file_is_declared() -> None:
    assert violations(Checkout.declared()) == []


def test_a_py_test_is_named_with_what_runs_its_tests(tmp_path: Path) -> None:
    """Bazel's own rule runs the file as a program: whatever its tests are, it is green."""
    build = '# py_test()\n\npy_test(\n    name = "a_test",\n    srcs = ["a_test.py"],\n)\n'
    (line,) = bare(sample(tmp_path, {"pkg/a/a_test.py": "", "pkg/a/BUILD.bazel": build}))
    assert line.startswith("pkg/a/BUILD.bazel:3: py_test calls no test function: use unit_test, ")


def test_no_test_here_is_a_py_test() -> None:
    assert bare(Checkout.declared()) == []
