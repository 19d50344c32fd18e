"""Reads the section `issue_points` of a procedure file: what goes wrong, and what else people call it."""

from domain.procedure.issue_points import IssuePoint, as_spelled
from procedures.sections.words import Words
from procedures.yaml_entry import Entry
from procedures.yaml_gatherer import Fields


def read_issue_points(words: Words, fields: Fields) -> dict[str, IssuePoint]:
    """By code. What one is called, no other is called: a name that is given must mean one of them."""
    categories = words.keys(fields, "categories") or None
    found: dict[str, IssuePoint] = {}
    named: dict[str, str] = {}
    for code, entry in words.coded(fields, "issue_points", 0).items():
        own = words.fields(entry, ("zh", "en"), ("synonyms", "categories"))
        synonyms = words.names(own, "synonyms")
        about = words.names(own, "categories", categories, "category")
        found[code] = IssuePoint(code, words.wording(own), synonyms, about)
        _note_spellings(words, entry, found[code], named)
    return found


def _note_spellings(words: Words, entry: Entry, point: IssuePoint, named: dict[str, str]) -> None:
    for spelling in filter(None, map(as_spelled, point.spellings)):
        other = named.setdefault(spelling, point.code)
        if other != point.code:
            words.add(entry.error("issue-point-named-twice", word=spelling[:60], other=other))
