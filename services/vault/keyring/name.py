"""Names of keyrings."""

import re

from services.vault.errors import InvalidInput

# A name is a part of an object's name, so that "/" and ".." must not be in it; it is a part of
# the associated data, so that it must have one form only: ASCII.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def checked(keyring: str) -> str:
    """The name, if it is one.

    Raises:
        InvalidInput: it is not.
    """
    if not _NAME.fullmatch(keyring):
        raise InvalidInput(
            f"keyring {keyring!r}: a name has 1 to 64 letters, digits, hyphens and underscores, "
            "and starts with a letter or digit"
        )
    return keyring
