"""One e-mail over SMTP, under a Message-ID that stays the same however often it is tried."""

from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final
from uuid import UUID

import aiosmtplib

from app.notifications.channels import MailServer
from app.notifications.delivery import NeverDelivered, NotDelivered
from domain.emails import as_sent_to
from domain.values import as_one_line
from wording.notices.message import Words

REFUSED_FOR_GOOD: Final = range(500, 600)
NOT_TRUSTED_YET: Final = (530, 535)  # the deployment's password is wrong: that can be mended


async def send_mail(server: MailServer, to: str, words: Words, id: UUID, at: datetime, seconds: float) -> None:
    """Hands the message to the server. Raises `NotDelivered`, `NeverDelivered`."""
    to = as_sent_to(to)
    message = _message(server.sender, to, words, id, at)
    try:
        await aiosmtplib.send(
            message, sender=server.sender, recipients=[to], hostname=server.host, port=server.port,
            username=server.username, password=server.password, use_tls=server.tls == "tls",
            start_tls=None if server.tls == "if offered" else server.tls == "starttls", timeout=seconds,
        )  # fmt: skip
    except aiosmtplib.SMTPNotSupported as error:
        if to.isascii():  # it is what the deployment asks of the server that it cannot do
            raise NotDelivered(f"smtp {type(error).__name__}") from None
        raise NeverDelivered("smtp without SMTPUTF8") from None
    except aiosmtplib.SMTPRecipientsRefused as error:
        raise _refused(error.recipients[0].code if error.recipients else 0) from None
    except aiosmtplib.SMTPResponseException as error:
        raise _refused(error.code) from None
    except TimeoutError:
        raise NotDelivered("smtp timeout") from None
    except (aiosmtplib.SMTPException, OSError) as error:
        raise NotDelivered(f"smtp {type(error).__name__}") from None


def _message(sender: str, to: str, words: Words, id: UUID, at: datetime) -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP if to.isascii() else policy.SMTPUTF8)
    message["From"] = _address(sender)
    message["To"] = _address(to)
    message["Subject"] = as_one_line(words.title)  # a break would end the header
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(words.text + "\n")
    return message


def _address(text: str) -> Address:
    try:
        name, _, domain = text.rpartition("@")
        return Address(username=name, domain=domain)
    except Exception:  # the library raises whatever its parser meets, IndexError too
        raise NeverDelivered("not a mail address") from None


def _refused(code: int) -> NotDelivered:
    for_good = code in REFUSED_FOR_GOOD and code not in NOT_TRUSTED_YET
    return (NeverDelivered if for_good else NotDelivered)(f"smtp {code}")
