"""The families of refusals: what they have in common, and how each is answered."""


class Refused(Exception):
    """The rules do not allow this now."""

    def __init__(self, more: str = "", *, missing: tuple[str, ...] = ()) -> None:
        sentence = " ".join((type(self).__doc__ or "").split())
        self.detail = f"{sentence} {more}".strip()
        self.missing = missing
        super().__init__(self.detail)


class Forbidden(Refused):
    """This key may not do that."""


class Invalid(Refused):
    """The request is well-formed, but a value in it is not valid."""

    def __init__(self, pointer: str, more: str = "") -> None:
        super().__init__(more)
        self.pointer = pointer


class NotFound(Refused):
    """There is no such complaint."""


class NoSuchVersion(NotFound):
    """The complaint has not come to this version, or was not there yet at that time."""
