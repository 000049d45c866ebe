"""Bazel's arguments are understood as far as dev must."""

from pathlib import Path

import pytest

from tools.dev.bazel_arguments import ALL, BELOW, command, names_targets, value, with_targets


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("test //...", "test"),
        ("--nohome_rc test", "test"),
        ("--output_base=/x run //a", "run"),
        ("--output_base /x test //a", "test"),
        ("", ""),
        ("--help", ""),
    ],
)
def test_the_command_is_found_behind_startup_options(words: str, expected: str) -> None:
    assert command(words.split()) == expected


@pytest.mark.parametrize(
    "words",
    [
        "//pkg/cache:all",
        "@other//a",
        ":cache_test",
        "pkg/cache:cache_test",
        "pkg/cache/...",
        "...",
        "--test_output=all //...",
        "--config x //a",
        "--runs_per_test=3 -- //a",
        "--target_pattern_file=x",
        "pkg",
    ],
)
def test_targets_that_are_named_stay(words: str, tmp_path: Path) -> None:
    (tmp_path / "pkg").mkdir()
    assert with_targets(words.split(), tmp_path, tmp_path) == words.split()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", ALL),
        ("-k", f"-k {ALL}"),
        ("--test_size_filters=small,medium", f"--test_size_filters=small,medium {ALL}"),
        ("--test_filter name", f"--test_filter name {ALL}"),
        ("--test_output all -k", f"--test_output all -k {ALL}"),
        ("-k --", f"-k -- {ALL}"),
    ],
)
def test_without_targets_everything_is_tested(words: str, expected: str, tmp_path: Path) -> None:
    assert with_targets(words.split(), tmp_path, tmp_path) == expected.split()


def test_leaving_something_out_is_no_target_of_its_own(tmp_path: Path) -> None:
    """`-- -//a` means everything but a, as Bazel's users write it."""
    assert not names_targets(["--", "-//a"], tmp_path)
    assert with_targets(["--", "-//a"], tmp_path, tmp_path) == ["--", ALL, "-//a"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [("", BELOW), ("-k", f"-k {BELOW}"), ("-k -- -//a", f"-k -- {BELOW} -//a"), ("//a", "//a")],
)
def test_in_a_folder_what_is_below_it_is_tested(words: str, expected: str, tmp_path: Path) -> None:
    assert with_targets(words.split(), tmp_path / "pkg", tmp_path) == expected.split()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("--test_filter=a //x", "a"),
        ("--test_filter a //x", "a"),
        ("--test_filter=a --test_filter=b=c", "b=c"),
        ("--test_filter=a --test_filter=", ""),
        ("--test_filter_not=a", ""),
        ("-- --test_filter=a", ""),
        ("--test_filter", ""),
        ("", ""),
    ],
)
def test_an_options_value_is_the_last_one(words: str, expected: str) -> None:
    assert value(words.split(), "--test_filter") == expected
