"""首问责任与交接: who owns the case, how it changes hands, and who follows it to its end.

A case has one owner at any time. Where owners must accept, the former one stays the owner until then.
"""

from domain import errors
from domain.complaint import commands, events
from domain.complaint.deciding import Deciding, Request
from domain.values import Actor, By


class Owning(Deciding):
    """The decisions about the owner."""

    def assign(self, command: commands.Assign, by: By, request: Request) -> None:
        if command.to in self.accused:
            raise errors.OwnerIsAccused
        if command.to == self.owner.actor:
            return
        if self.procedure.owner_must_accept and self.owner.actor is not None:
            raise errors.OwnerChangesByHandOver
        self._trigger(events.Assigned, by, request.at, to=command.to)

    def hand_over(self, command: commands.HandOver, by: By, request: Request) -> None:
        if command.to in self.accused:
            raise errors.OwnerIsAccused
        if not self.may_hand_over(by, request.actor):
            raise errors.NotTheOwner
        offered = None if self.offer is None else self.offer.to
        if command.to == offered or (command.to == self.owner.actor and offered is None):
            return
        self._trigger(events.HandedOver, by, request.at, to=command.to, before=self.owner.actor, note=command.note)

    def may_hand_over(self, by: By, actor: Actor) -> bool:
        """The owner, and whoever may give a case to somebody else anyway."""
        leads = self.procedure.may("assign", actor.roles) is not None
        return by.role == "admin" or leads or self.owner.actor in (None, actor.id)

    def accept_hand_over(self, command: commands.AcceptHandOver, by: By, request: Request) -> None:
        if self.offer is None:
            if self.owner.actor == by.id and command.to in (None, by.id):
                return
            raise errors.NothingHandedOver
        if self.offer.to != by.id or command.to not in (None, by.id):
            raise errors.HandOverNotToYou
        self._trigger(events.HandoverAccepted, by, request.at, to=by.id, unit=by.unit)

    def may_follow_to_its_end(self, by: By, actor: Actor) -> bool:
        """首问负责: where that is the rule, the first contact, the owner, or somebody who may assign ends the case."""
        if not self.procedure.first_contact_follows or by.role == "admin":
            return True
        leads = self.procedure.may("assign", actor.roles) is not None
        return leads or self.first_contact is None or actor.id in (self.first_contact, self.owner.actor)
