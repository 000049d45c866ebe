"""A part of the lock has what is needed, as it is locked, and nothing else."""

import pytest

from tools.dev.pip_lock import closure

LOCK = """\
# made by uv
a==1 \\
    --hash=sha256:aa
    # via -r requirements.in
b-c==2 \\
    --hash=sha256:bb \\
    --hash=sha256:b2
    # via
    #   -r requirements.in
    #   a
d==3 \\
    --hash=sha256:dd
    # via b-c
e[extra]==4 \\
    --hash=sha256:ee
    # via f
f==5 \\
    --hash=sha256:ff
    # via -r requirements.in
"""


def names(part: str) -> list[str]:
    return [line.split("==")[0] for line in part.splitlines() if "==" in line]


def test_what_is_needed_comes_along() -> None:
    """Also what the needed need; not what only others need."""
    assert names(closure(LOCK, ["a"])) == ["a", "b-c", "d"]
    assert names(closure(LOCK, ["f", "B_c"])) == ["b-c", "d", "e[extra]", "f"]
    assert names(closure(LOCK, ["d"])) == ["d"]


def test_hashes_stay() -> None:
    """All of an entry's."""
    part = closure(LOCK, ["b.c"])
    assert "sha256:bb" in part
    assert "sha256:b2" in part
    assert "sha256:aa" not in part


def test_what_is_not_locked_is_named() -> None:
    """An image without it would only fail when it is started."""
    with pytest.raises(KeyError, match="nothing, others"):
        closure(LOCK, ["a", "others", "nothing"])
