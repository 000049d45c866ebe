"""A checkout knows its places, and refuses paths that Bazel cannot work in."""

from pathlib import Path

import pytest

from tools.dev import checkouts
from tools.dev.checkouts import Checkout
from tools.dev.problem import Problem


@pytest.mark.parametrize(
    ("root", "caches", "named"),
    [
        ("/home/a b/berth", "/c", "the path /home/a b/berth has a space in it.*: move"),
        ("/home/a\tb", "/c", r"has the character '\\t' in it"),
        ("/home/(a)", "/c", r"has the character '\(' in it"),
        ("/home/müller", "/c", "has the character 'ü' in it"),
        ("/home/a", "/c d", "the path /c d has a space in it.*: set XDG_CACHE_HOME"),
    ],
)
def test_a_path_that_bazel_cannot_use_is_named(root: str, caches: str, named: str) -> None:
    with pytest.raises(Problem, match=named):
        checkouts.check(Checkout(Path(root), "id", Path(caches)))


def test_usual_paths_are_fine() -> None:
    root = Path("/home/me@work/a_b-c.d/e+f~g=h,i%j")
    checkouts.check(Checkout(root, "id", Path("/root/.cache/berth")))


def test_all_places_of_a_checkout_are_its_own(tmp_path: Path) -> None:
    """But the ones that are shared."""
    one = Checkout(Path("/a"), "one", tmp_path)
    assert one.label == "berth.checkout=one"
    assert one.cache == tmp_path / "one"
    assert one.home.is_relative_to(one.cache)
    assert one.output_user_root.is_relative_to(one.cache)
    assert one.shared == tmp_path / "shared"
    assert one.user_bazelrc == Path("/a/user.bazelrc")


def test_caches_go_where_xdg_cache_home_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = checkouts.find()
    assert found.caches == tmp_path / "berth"
    assert (found.root / "tools/dev/checkouts.py").is_file()
