"""The error that `./dev` reports as its message alone, without a traceback."""


class Problem(Exception):
    """Something that the user can mend; the message names it, the reason, and the next step.

    Attributes:
        status: dev's exit status.
    """

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status
