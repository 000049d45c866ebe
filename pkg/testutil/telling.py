"""What a test's collaborators add to its report when it fails."""

from abc import ABC, abstractmethod


class Telling(ABC):
    """A fixture's value that has something to tell of a test that failed."""

    @abstractmethod
    def sections(self) -> list[tuple[str, str]]:
        """Titles and texts, which go below the test's failure."""
