"""分类: what a complaint is about, and how grave it is."""

from dataclasses import dataclass

from domain.complaint.commands.command import Command
from domain.values import Line, Slug


@dataclass(frozen=True)
class ClassifyComplaint(Command):
    """What is left out stays as it is; the first classification names the category, and the severity where the
    procedure has severities. An issue point is named by its code, its title or a synonym of it.
    """

    severity: Slug | None = None
    category: Slug | None = None
    issue_point: Line | None = None
    kind: Slug | None = None
