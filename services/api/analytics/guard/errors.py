"""What is wrong with a caller's query."""


class NotTaken(ValueError):
    """The query is refused before ClickHouse sees it.

    Attributes:
        message: names what is not taken; no literal of the caller's is in it.
        fix: what is taken instead.
    """

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(f"{message}: {fix}")
        self.message = message
        self.fix = fix
