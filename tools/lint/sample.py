"""Small made-up checkouts for the rules' own tests."""

from pathlib import Path

from tools.lint.checkout import Checkout


def sample(root: Path, files: dict[str, str]) -> Checkout:
    """A checkout at `root` with these files (name → text)."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Checkout(root)
