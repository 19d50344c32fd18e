"""From one recorded event to the notifications that follow from it: recipients, channels, and when."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

from app.notifications.channels import Channels
from app.notifications.outbox import NewNotification, notification_id
from app.notifications.recipients import Recipient, StoredRecipient
from app.notifications.subjects import OfComplaint, Subject, standing
from domain.complaint import events
from domain.complaint.complaint import Complaint
from domain.notices.notices import Notice, RolesOf
from domain.phone_numbers import receives_texts
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.log import Recorded
from eventlog.streams import AnyEvent
from procedures.rules import Rules

Directory = Mapping[tuple[str, str], StoredRecipient]


def due_for(recipient: Recipient, urgent: bool, at: datetime) -> tuple[datetime, bool]:
    """When they are told of what happened at `at`, and whether it is joined with others by then."""
    if urgent and recipient.urgent_passes:
        return at, False
    digest = recipient.digest is not None
    due = at if recipient.digest is None else recipient.digest.next_after(at)
    return (due if recipient.quiet_hours is None else recipient.quiet_hours.over_at(due)), digest


class Routing:
    """Decides whom an event tells, from the log and the settings alone."""

    def __init__(
        self,
        codec: EventCodec,
        complainants: Complainants,
        rules: Rules,
        channels: Channels,
        roles_of: RolesOf,
        *,
        sandbox: bool,
    ) -> None:
        """`roles_of` gives the roles that an actor holds now."""
        self._codec, self._complainants, self._rules = codec, complainants, rules
        self._channels, self._roles_of = channels, roles_of
        self._open = channels.open_ones(sandbox=sandbox)

    async def notifications_for(self, history: Sequence[Recorded], directory: Directory) -> list[NewNotification]:
        """What follows from the last event of a stream's beginning; `directory` holds the recipients' settings."""
        now = await standing(history, None, self._codec, self._rules)
        subject, event, recorded = now.subject, now.happened[-1], history[-1]
        found: list[NewNotification] = []
        addresses: set[tuple[str, str]] = set()
        for notice in subject.notices_of(event, self._roles_of):
            to = notice.to
            if not subject.may_be_notified(to, self._roles_of(to.code) if to.kind == "actor" else ()):
                continue
            if isinstance(subject, OfComplaint) and to.kind == "complainant":
                ways = await self._ways_to_complainant(notice, recorded, subject.complaint)
            else:
                ways = self._ways_to_staff(notice, recorded, subject, directory.get((to.kind, to.code)), addresses)
            code = self._codec.sealed_actor(to.code) if to.kind == "actor" else to.code
            found += [_new(recorded, subject, event, notice, code, *way) for way in ways]
        return found

    def _ways_to_staff(
        self,
        notice: Notice,
        recorded: Recorded,
        subject: Subject,
        stored: StoredRecipient | None,
        used: set[tuple[str, str]],
    ) -> list[tuple[str, datetime, bool]]:
        """Channel, time, and whether it waits for a digest. `used`: a shared address hears of one event once."""
        if stored is None or recorded.position <= stored.since:
            return [("console", recorded.recorded_at, False)]
        recipient = stored.recipient
        if recipient.procedures and subject.procedure_code not in recipient.procedures:
            return []
        ways = [("console", recorded.recorded_at, False)] if recipient.console else []
        due, digest = due_for(recipient, notice.urgent, recorded.recorded_at)
        for channel, address in (("email", recipient.email), ("webhook", recipient.webhook_url)):
            if address is not None and channel in self._open and (channel, address.lower()) not in used:
                used.add((channel, address.lower()))
                ways.append((channel, due, digest))
        return ways

    async def _ways_to_complainant(
        self, notice: Notice, recorded: Recorded, complaint: Complaint
    ) -> list[tuple[str, datetime, bool]]:
        if notice.means is not None:
            channels = [notice.means] if notice.means in self._open else []
        elif self._channels.acknowledges(complaint.procedure_code):
            channels = await self._best_way(recorded, complaint)
        else:
            channels = []
        return [(channel, recorded.recorded_at, False) for channel in channels]

    async def _best_way(self, received: Recorded, complaint: Complaint) -> list[str]:
        """How a receipt is acknowledged: by SMS to a mobile number, else by e-mail, else not at all."""
        key = await self._complainants.key(complaint.complainant_id)
        person = cast(events.Received, self._codec.event(received, key)).complainant
        if "sms" in self._open and person.phone is not None and receives_texts(person.phone):
            return ["sms"]
        return ["email"] if "email" in self._open and person.email is not None else []


def _new(
    recorded: Recorded, subject: Subject, event: AnyEvent, notice: Notice, code: str, channel: str, due: datetime,
    digest: bool,
) -> NewNotification:  # fmt: skip
    kind = notice.to.kind
    return NewNotification(
        notification_id(recorded.position, kind, code, channel), recorded.position, recorded.originator_id,
        subject.procedure_code, subject.number_of(event), events.type_of(recorded.topic), kind, code, channel,
        notice.urgent, digest, due,
    )  # fmt: skip

