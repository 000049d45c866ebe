from pathlib import Path

import pytest

from tools.lint.checkout import Checkout
from tools.lint.programs import violations
from tools.lint.sample import sample

SERVICE = {
    "requirements_lock.txt": "",
    "services/program.Dockerfile": "",
    "services/a/image/image.toml": (
        'module = "services.a"\n'
        "packages = []\n"
        'sources = ["pkg/clock", "services/a"]\n'
        'leave_out = ["testing"]\n'
    ),
    "services/a/__main__.py": "from pkg.clock import Clock",
    "pkg/clock/__init__.py": "from pkg.clock.clock import Clock",
    "pkg/clock/clock.py": "def later():\n    import pkg.clock.zones",
    "pkg/clock/zones.py": "",
    "pkg/clock/clock_test.py": "",
    "pkg/clock/testing.py": "",
}


@pytest.mark.parametrize("name", ["pkg/clock/fake.py", "services/a/fake.py", "pkg/clock/a/b.py"])
def test_a_module_that_no_program_imports_is_named(tmp_path: Path, name: str) -> None:
    (line,) = violations(sample(tmp_path, {**SERVICE, name: "import pkg.clock"}))
    assert line.startswith(f"{name}: nothing in the image of a imports it")
    assert "services/a/image/image.toml" in line


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"services/a/second/__main__.py": "from pkg.clock import fake", "pkg/clock/fake.py": ""},
        {"services/a/__main__.py": "import pkg.clock.fake", "pkg/clock/fake.py": ""},
        {"services/b/b.py": "", "tools/a.py": ""},
    ],
)
def test_what_is_imported_is_fine(tmp_path: Path, more: dict[str, str]) -> None:
    """Also in a function, by a package, or by another program; tests are in no image."""
    assert violations(sample(tmp_path, SERVICE | more)) == []


def test_images_have_what_their_programs_import() -> None:
    assert violations(Checkout.declared()) == []
