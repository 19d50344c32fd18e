"""The Spring Festival of 2020 in two versions of the calendar: as announced, and prolonged while it ran."""

from pathlib import Path
from typing import Final

from procedures.calendar_reader import read_calendar
from procedures.library import Library, Published

FOLDER: Final = Path(__file__).parent
ANNOUNCED_TEXT: Final = (FOLDER / "cn-2020-announced.yaml").read_text(encoding="utf-8")
PROLONGED_TEXT: Final = (FOLDER / "cn-2020-prolonged.yaml").read_text(encoding="utf-8")
ANNOUNCED: Final = read_calendar(ANNOUNCED_TEXT)
PROLONGED: Final = read_calendar(PROLONGED_TEXT)
REASON: Final = "国务院办公厅关于延长2020年春节假期的通知"


def as_announced() -> Library:
    """The ready rules, with the days of 2020 as they were announced for current ones."""
    return Library.ready().with_published([], [Published("cn", ANNOUNCED.version, ANNOUNCED_TEXT, "admin")])


def with_the_notice() -> Library:
    """The same, and the prolonged holiday published after it."""
    return as_announced().with_published([], [Published("cn", PROLONGED.version, PROLONGED_TEXT, "admin")])
