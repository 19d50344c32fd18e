"""What may be asked for, in the imperative. The same dataclasses are the request bodies of the REST API.

Field names and shapes are the contract of `POST /v1/complaints` and `POST /v1/complaints/{id}/<command>`. Whether a
command is allowed is decided by the complaint (domain/complaint/steps.py), never here. Each module is a theme; the
decisions that answer its commands are in the module of the same name above.
"""

from domain.complaint.commands.capa import *
from domain.complaint.commands.classification import *
from domain.complaint.commands.closing import *
from domain.complaint.commands.command import *
from domain.complaint.commands.compensation import *
from domain.complaint.commands.deadlines import *
from domain.complaint.commands.escalation import *
from domain.complaint.commands.findings import *
from domain.complaint.commands.handling import *
from domain.complaint.commands.in_calls import *
from domain.complaint.commands.intake import *
from domain.complaint.commands.opinion import *
from domain.complaint.commands.overriding import *
from domain.complaint.commands.ownership import *
from domain.complaint.commands.pausing import *
from domain.complaint.commands.records import *
from domain.complaint.commands.recurrence import *
from domain.complaint.commands.redirecting import *
from domain.complaint.commands.returning import *
from domain.complaint.commands.scoring import *
from domain.complaint.commands.units import *
