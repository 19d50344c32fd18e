"""Who may do what is no step of a procedure: the routes guard by these, and so does the way out."""

from typing import Final

ADMINISTERS: Final = ("admin",)
READS_ACCESS_LOG: Final = ("auditor",)
READS_PROOF: Final = ("auditor", "admin")
READS_CALL_SOURCES: Final = ("admin", "auditor")
READS_MOVES: Final = ("admin", "auditor")
READS_IMPORTS: Final = ("admin", "auditor")
POSTS_CALLS: Final = ("integration",)
REPORTS_CALL_VOLUMES: Final = ("integration", "admin")
READS_PEOPLE: Final = ("admin", "auditor", "manager")
READS_PERSONAL_DATA_OF_PEOPLE: Final = ("admin", "auditor")
