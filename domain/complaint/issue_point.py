"""问题点: what somebody calls it, as the code by which it is counted."""

from domain import errors
from domain.procedure.issue_points import code_meant, near_misses, offered
from domain.procedure.procedure import Procedure
from domain.values import is_code


def issue_point_named(said: str | None, procedure: Procedure) -> str | None:
    """The code of the issue point meant. Raises `UnknownIssuePoint`, `NotAnIssuePointCode`."""
    if said is None:
        return None
    points = procedure.issue_points
    if (code := code_meant(said, points)) is not None:
        return code
    near = near_misses(said, points)
    if points and not procedure.unlisted_issue_points_allowed:
        raise errors.UnknownIssuePoint("/issue_point", near, offered(points, None))
    if not is_code(said):
        raise errors.NotAnIssuePointCode("/issue_point", near)
    return said
