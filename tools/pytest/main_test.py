from pathlib import Path

import pytest

from tools.pytest.nested import Nested

FIVE = "import pytest\n\n@pytest.mark.parametrize('n', range(5))\ndef test_a(n): pass\n"
TWO = "def test_a(): pass\n\nclass TestB:\n    def test_c(self): pass\n"


@pytest.fixture
def nested(tmp_path: Path) -> Nested:
    return Nested(tmp_path)


def test_the_xml_names_target_module_and_test(nested: Nested) -> None:
    ended = nested.run(nested.write("pkg/a_test.py", TWO))
    assert ended.status == 0, ended.output
    assert ended.suite().attrib["name"] == "//pkg:a_test"
    cases = [(case.attrib["classname"], case.attrib["name"]) for case in ended.suite()]
    assert cases == [("pkg.a_test", "test_a"), ("pkg.a_test.TestB", "test_c")]


def test_a_failure_is_pytests_status_and_in_the_xml(nested: Nested) -> None:
    ended = nested.run(nested.write("pkg/a_test.py", "def test_a(): assert 1 == 2\n"))
    assert ended.status == 1
    assert ended.suite().attrib["failures"] == "1"


def test_a_module_is_named_from_the_root_and_shadows_nothing(nested: Nested) -> None:
    """A package with __init__.py is not imported a second time under a shorter name."""
    nested.write("pkg/__init__.py", "")
    nested.write("pkg/redis.py", "import redis\nassert redis.Redis\n")
    text = "import pkg.redis\n\ndef test_a(): assert __name__ == 'pkg.a_test'\n"
    ended = nested.run(nested.write("pkg/a_test.py", text))
    assert ended.status == 0, ended.output


def test_a_target_without_tests_fails_and_says_so(nested: Nested) -> None:
    ended = nested.run(nested.write("pkg/a_test.py", "def tset_a(): pass\n"))
    assert ended.status == 5
    assert "//pkg:a_test: no test found" in ended.output


def test_a_target_without_tests_fails_under_a_filter_too(nested: Nested) -> None:
    file = nested.write("pkg/a_test.py", "")
    assert nested.run(file, TESTBRIDGE_TEST_ONLY="test_a").status == 5


def test_a_module_that_skips_itself_passes(nested: Nested) -> None:
    text = "import pytest\npytest.skip('no engine', allow_module_level=True)\n"
    ended = nested.run(nested.write("pkg/a_test.py", text))
    assert ended.status == 0, ended.output
    assert "no engine" in ended.output


@pytest.mark.parametrize(
    ("only", "names"),
    [
        ("test_c", ["test_c"]),
        ("test_a or test_c", ["test_a", "test_c"]),
        ("not TestB", ["test_a"]),
        ("a_test.py::test_a", ["test_a"]),
        ("TestB::test_c", ["test_c"]),
        ("test_nothing", []),
        ("a_test.py::test_nothing", []),
    ],
)
def test_a_filter_selects_and_passes_when_nothing_matches(
    nested: Nested, only: str, names: list[str]
) -> None:
    ended = nested.run(nested.write("pkg/a_test.py", TWO), TESTBRIDGE_TEST_ONLY=only)
    assert ended.status == 0, ended.output
    assert ended.names() == names


@pytest.mark.parametrize("only", ["test_a and", "a_test.py::"])
def test_an_invalid_filter_is_named_with_what_is_valid(nested: Nested, only: str) -> None:
    ended = nested.run(nested.write("pkg/a_test.py", TWO), TESTBRIDGE_TEST_ONLY=only)
    assert ended.status == 4
    assert f"//pkg:a_test: --test_filter={only}: " in ended.output
    assert "cache_test.py::test_a" in ended.output


def test_arguments_reach_pytest(nested: Nested) -> None:
    ended = nested.run(nested.write("pkg/a_test.py", TWO), "-v", "-k", "test_c")
    assert ended.names() == ["test_c"]
    assert "a_test.py::TestB::test_c PASSED" in ended.output


def test_shards_share_the_tests_and_a_shard_without_one_passes(nested: Nested) -> None:
    file = nested.write("pkg/a_test.py", FIVE)
    shares = []
    for shard in range(6):
        status_file = nested.tmp / f"shard{shard}"
        ended = nested.run(
            file,
            TEST_TOTAL_SHARDS="6",
            TEST_SHARD_INDEX=str(shard),
            TEST_SHARD_STATUS_FILE=str(status_file),
        )
        assert ended.status == 0, ended.output
        assert status_file.exists()
        shares.append(ended.names())
    assert shares == [["test_a[0]"], ["test_a[1]"], ["test_a[2]"], ["test_a[3]"], ["test_a[4]"], []]


def test_shards_are_dealt_after_the_filter(nested: Nested) -> None:
    file = nested.write("pkg/a_test.py", FIVE)
    env = {"TEST_TOTAL_SHARDS": "2", "TESTBRIDGE_TEST_ONLY": "test_a[1] or test_a[3]"}
    shares = [nested.run(file, TEST_SHARD_INDEX=shard, **env).names() for shard in "01"]
    assert shares == [["test_a[1]"], ["test_a[3]"]]


def test_fail_fast_ends_at_the_first_failure(nested: Nested) -> None:
    text = "def test_a(): assert 0\n\ndef test_b(): pass\n"
    file = nested.write("pkg/a_test.py", text)
    assert nested.run(file).names() == ["test_a", "test_b"]
    ended = nested.run(file, TESTBRIDGE_TEST_RUNNER_FAIL_FAST="1")
    assert ended.names() == ["test_a"]
    assert ended.status == 1


def test_temporary_files_go_below_bazels_folder(nested: Nested) -> None:
    text = "def test_a(tmp_path): (tmp_path / 'kept').touch()\n"
    assert nested.run(nested.write("pkg/a_test.py", text)).status == 0
    assert list((nested.tmp / "pytest").rglob("kept"))


def test_a_test_that_leaves_the_process_is_seen_by_the_premature_exit_file(
    nested: Nested,
) -> None:
    exits = nested.tmp / "exits"
    env = {"TEST_PREMATURE_EXIT_FILE": str(exits)}
    text = "import os\n\ndef test_a(): os._exit(0)\n"
    assert nested.run(nested.write("pkg/a_test.py", text), **env).status == 0
    assert exits.exists()
    assert nested.run(nested.write("pkg/a_test.py", TWO), **env).status == 0
    assert not exits.exists()


def test_it_runs_by_hand_too(nested: Nested) -> None:
    """Without any of Bazel's variables the working folder is the root."""
    unset = {"TEST_SRCDIR": "", "TEST_TMPDIR": "", "XML_OUTPUT_FILE": ""}
    ended = nested.run(nested.write("pkg/a_test.py", TWO), **unset)
    assert ended.status == 0, ended.output
    assert ended.xml is None
