"""What is wrong with settings."""

from collections.abc import Sequence


class InvalidConfig(ValueError):
    """Settings are wrong; the message has a line for each thing to mend, and no secret.

    Attributes:
        problems: those lines.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)
