"""docs/sixth-service.md can be followed from here; .ci/run follows it to its end."""

from pathlib import Path

from tools.dev import follow
from tools.lint.checkout import Checkout


def test_what_the_page_changes_is_as_it_says(tmp_path: Path) -> None:
    """In files that are there, the place is found; the others are new."""
    checkout = Checkout.declared()
    steps = [step for step in follow.steps(checkout.text("docs/sixth-service.md")) if step.path]
    assert steps
    for step in steps:
        file = tmp_path / step.path
        if checkout.path(step.path).exists() and not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(checkout.text(step.path))
        follow.change(step, tmp_path)
