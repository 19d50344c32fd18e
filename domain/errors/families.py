"""The families of refusals, and of what is turned away though no rule refuses it."""


def sentence(error: Exception) -> str:
    """What the caller reads: the docstring of the error's class, with its facts in their places."""
    return " ".join((type(error).__doc__ or "").split()).format(**vars(error))


class Refused(Exception):
    """The rules do not allow this now."""

    def __init__(self, more: str = "", *, missing: tuple[str, ...] = ()) -> None:
        self.detail = f"{sentence(self)} {more}".strip()
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


class TurnedAway(Exception):
    """It cannot be answered as it was asked, though no rule forbids it."""

    retry_after: int | None = None  # seconds

    @property
    def detail(self) -> str:
        return sentence(self)


class Busy(TurnedAway):
    """Somebody else is just at it; ask again shortly."""

    retry_after = 1


class Unavailable(TurnedAway):
    """Something that it needs is away or too far behind; ask again shortly."""

    retry_after = 1
