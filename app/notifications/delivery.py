"""What becomes of one attempt to deliver a message, whichever way it goes."""


class NotDelivered(Exception):
    """The message did not arrive; it may later. The text says why in a few words, and never quotes the other side."""


class NeverDelivered(NotDelivered):
    """The message was refused for good: trying again would be answered in the same way."""


def refusal_of_http(status: int) -> NotDelivered:
    """The error for an HTTP status that is no success: redirects are not followed, and most 4xx never change."""
    passing = status >= 500 or status in (408, 409, 425, 429)
    return (NotDelivered if passing else NeverDelivered)(f"http {status}")
