"""Working calendars, time limits and pauses: how time is counted, and why a limit ends when it ends."""
