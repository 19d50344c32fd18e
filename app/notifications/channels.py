"""What leaves the service and how: mail server, SMS gateway, retries; all of it from the deployment's settings."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Literal
from urllib.parse import SplitResult, unquote, urlsplit

from app.settings import Settings
from domain.titles import Language

PORTS: Final = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
Tls = Literal["if offered", "starttls", "tls"]


@dataclass(frozen=True)
class MailServer:
    """`tls`: from the first byte on, by STARTTLS, or by STARTTLS only where the server offers it."""

    host: str
    port: int
    sender: str
    tls: Tls = "if offered"
    username: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class SmsGateway:
    """An HTTP gateway. The texts of `body` may hold {phone}, {text} and {id}; it is sent as JSON, or as a form.

    `success`: what the answer has to contain besides a status of 2xx.
    """

    url: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    body: dict[str, Any] = field(repr=False)
    form: bool = False
    success: str | None = None


@dataclass(frozen=True)
class Retries:
    """`attempts` in all; the pause after the first is `pause`, doubled each time, `longest` at most."""

    attempts: int = 8
    pause: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(hours=1)

    def pause_after(self, attempt: int) -> timedelta:
        doublings: int = 2 ** min(attempt - 1, 30)
        return min(self.pause * doublings, self.longest)


@dataclass(frozen=True)
class Channels:
    """What may leave. Without mail server or gateway nothing goes that way, and nothing waits for it.

    `acknowledge`: procedures whose complainants are told that their complaint was received; `*`: all.
    """

    mail: MailServer | None = None
    sms: SmsGateway | None = None
    webhooks: bool = True
    private_networks: bool = False  # whether webhooks may go there
    language: Language = "zh"
    acknowledge: frozenset[str] = frozenset()
    from_a_sandbox: bool = False
    retries: Retries = Retries()
    seconds: float = 10.0  # for one attempt

    def open_ones(self, *, sandbox: bool) -> frozenset[str]:
        """The ways out that are open."""
        if sandbox and not self.from_a_sandbox:
            return frozenset()
        found = {"email": self.mail is not None, "sms": self.sms is not None, "webhook": self.webhooks}
        return frozenset(channel for channel, is_open in found.items() if is_open)

    def acknowledges(self, procedure: str) -> bool:
        return "*" in self.acknowledge or procedure in self.acknowledge


def channels_of(settings: Settings) -> Channels:
    """What the deployment's settings say, which were validated when they were read."""
    return Channels(
        mail=None if settings.smtp_url is None else _mail_server(settings.smtp_url, settings.smtp_from),
        sms=None if settings.sms_url is None else _gateway(settings),
        webhooks=settings.webhooks,
        private_networks=settings.webhooks_to_private_networks,
        language=settings.notify_language,
        acknowledge=frozenset(settings.notify_receipt),
        from_a_sandbox=settings.notify_from_sandbox,
        retries=Retries(attempts=settings.notify_attempts, pause=timedelta(seconds=settings.notify_pause)),
    )


def _mail_server(url: str, sender: str) -> MailServer:
    parts: SplitResult = urlsplit(url)
    username = None if parts.username is None else unquote(parts.username)
    tls: Tls = "tls" if parts.scheme == "smtps" else "starttls"
    if parts.scheme == "smtp" and username is None:
        tls = "if offered"  # a password is never sent in the clear
    return MailServer(
        host=parts.hostname or "", port=parts.port or PORTS[parts.scheme], sender=sender, tls=tls, username=username,
        password=None if parts.password is None else unquote(parts.password),
    )  # fmt: skip


def _gateway(settings: Settings) -> SmsGateway:
    return SmsGateway(
        url=settings.sms_url or "", headers=settings.sms_headers, body=json.loads(settings.sms_body),
        form=settings.sms_form, success=settings.sms_success,
    )  # fmt: skip
