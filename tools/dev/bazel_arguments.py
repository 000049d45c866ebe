"""Reads Bazel's arguments as far as dev must know what they say."""

import itertools
import re
from collections.abc import Sequence
from pathlib import Path

ALL = "//..."
BELOW = "..."  # all below the folder that Bazel is called in
# Commands that may run container tests, or programs that start containers.
NEED_IMAGES = ("test", "coverage", "run")
_LABEL = re.compile(r"-?(@{0,2}[\w.~+-]*)?//.*|:[^:\s]+|[\w./+-]+:[\w./+-]+|([\w./+-]+/)?\.\.\.")


def command(arguments: Sequence[str]) -> str:
    """Bazel's command: the first argument that is no startup option, nor its value; else ""."""
    words = [word for word in arguments if not word.startswith("-")]
    # `--output_base /x test`: /x is no command, also where Bazel gets new ones.
    return next((word for word in words if re.fullmatch(r"[a-z][a-z_-]*", word)), "")


def value(arguments: Sequence[str], option: str) -> str:
    """What an option's last occurrence gives, as `--x=value` or `--x value`; "" without one."""
    words = list(arguments)
    if "--" in words:
        words = words[: words.index("--")]
    found = ""
    for word, following in itertools.pairwise([*words, ""]):
        if word == option:
            found = following
        elif word.startswith(f"{option}="):
            found = word.removeprefix(f"{option}=")
    return found


def with_targets(arguments: Sequence[str], directory: Path, root: Path) -> list[str]:
    """The arguments of `bazel test`: unless they name targets, with all that are below the folder.

    Args:
        directory: where Bazel is called; relative targets are relative to it.
        root: the checkout's.
    """
    words = list(arguments)
    if not names_targets(words, directory):
        everything = ALL if directory == root else BELOW
        if "--" not in words:
            return [*words, everything]
        words.insert(words.index("--") + 1, everything)
    return words


def names_targets(words: Sequence[str], directory: Path) -> bool:
    """Whether the arguments say what is to be tested, other than by leaving something out."""
    options, after = list(words), []
    if "--" in options:
        split = options.index("--")
        options, after = options[:split], options[split + 1 :]
    if any(not word.startswith("-") for word in after):
        return True
    if any(word.startswith("--target_pattern_file") for word in options):
        return True
    for before, word in zip(["", *options], options, strict=False):
        if word.startswith("-"):
            continue
        # `--test_filter name`: a word behind an option may be its value, unless it is a label
        # or a place in the checkout.
        may_be_value = before.startswith("-") and "=" not in before
        if not may_be_value or _LABEL.fullmatch(word) or (directory / word).exists():
            return True
    return False
