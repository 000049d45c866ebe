"""Who forgets a line of a BUILD file reads which."""

import re
from collections.abc import Mapping

import pytest

from tools.pytest.nested import Nested

NEEDS = {
    "service": ("import pkg.dockertest.my", 'pkg.dockertest.my comes with services = ["my"].'),
    "dep": ("import pkg.other.thing", "that has pkg.other there, such as //pkg/other."),
    "late": (
        "def test_a():\n    import nothing",
        "that has nothing there, such as @pypi//nothing.",
    ),
    "code": ("import services.vault.nowhere", "name the target that has services"),
    "fresh": ("def test_a(dockertest): pass", "comes with the macro dynamic_container_test"),
    "shared": ("def test_a(containers): pass", "comes with the macro shared_container_test"),
    "fresh_session": (
        "def test_a(dockertest_session): pass",
        "The fixture dockertest_session comes with the macro dynamic_container_test.",
    ),
    "shared_session": (
        "def test_a(containers_session): pass",
        "The fixture containers_session comes with the macro shared_container_test.",
    ),
    "either": (
        "def test_a(servers): pass",
        "The fixture servers comes with the macros dynamic_container_test and "
        "shared_container_test.",
    ),
    "conftest": (
        "def test_a(shop): pass",
        "The fixture shop is in pkg/conftest.py: name its py_library in deps, such as "
        "//pkg:conftest.",
    ),
    "fixture": ("def test_a(other): pass", ""),
    "failure": ("def test_a(): assert 0", ""),
    "syntax": ("import", ""),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What pytest printed of each file."""
    nested = Nested(tmp_path_factory.mktemp("hints"))
    (nested.root / "pkg" / "dockertest").mkdir()
    nested.write("pkg/__init__.py", "")
    nested.write("pkg/dockertest/__init__.py", "")
    # As Bazel has it: a link to the checkout's file, and nothing of what no deps name.
    checkout = tmp_path_factory.mktemp("checkout") / "pkg"
    checkout.mkdir()
    (checkout / "conftest.py").write_text("import pytest\n\n@pytest.fixture\ndef shop(): pass\n")
    files = [f"pkg/{name}_test.py" for name in NEEDS]
    for file, (text, _) in zip(files, NEEDS.values(), strict=True):
        (checkout.parent / file).write_text(text)
        (nested.root / file).symlink_to(checkout.parent / file)
    ended = nested.run(*files, "--continue-on-collection-errors")
    _, *parts = re.split(r"^_{3,} (.+) _{3,}$", ended.output, flags=re.MULTILINE)
    reports = dict.fromkeys(NEEDS, "")
    for report in parts[1::2]:
        [name] = set(re.findall(r"pkg/(\w+)_test.py", report.partition("=====")[0]))
        reports[name] = report
    return reports


@pytest.mark.parametrize("name", NEEDS)
def test_what_is_missing_is_named(told: Mapping[str, str], name: str) -> None:
    """Of a file that cannot be imported and in a test; what no BUILD file mends has no hint."""
    _, hint = NEEDS[name]
    assert ("- hint for //pkg:a_test -" in told[name]) == bool(hint), told[name]
    assert hint in told[name]
