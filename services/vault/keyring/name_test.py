"""Which names a keyring can have."""

import pytest

from services.vault.errors import InvalidInput
from services.vault.keyring.name import checked


@pytest.mark.parametrize("name", ["a", "9", "payments", "ws_3Zx-7", "a" * 64])
def test_letters_digits_hyphens_and_underscores_are_a_name(name: str) -> None:
    """The ids that services give to their customers are names."""
    assert checked(name) == name


@pytest.mark.parametrize(
    "name", ["", " ", "_a", "-a", "a/b", "..", "a.b", "a b", "a\n", "ä", "a" * 65, "a\0"]
)
def test_anything_else_is_refused_by_name(name: str) -> None:
    """What would lead to another object, or be written in two ways, is no name."""
    with pytest.raises(InvalidInput, match=r"keyring '.*1 to 64 letters"):
        checked(name)
