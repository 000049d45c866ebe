"""What a test's collaborators add to its report when it fails."""

from abc import ABC, abstractmethod
from typing import ClassVar


class Telling(ABC):
    """A fixture's value that has something to tell of a test that failed.

    Attributes:
        instead_of: how the titles of pytest's own sections begin that say the same; "" for none.
    """

    instead_of: ClassVar[str] = ""

    @abstractmethod
    def sections(self) -> list[tuple[str, str]]:
        """Titles and texts, which go below the test's failure."""
