"""What a limit or a calendar cannot be."""


class WrongRule(ValueError):
    """A code with its facts; the words are in wording/files.py."""

    def __init__(self, code: str, /, **facts: object) -> None:
        super().__init__(code, facts)
        self.code, self.facts = code, facts
