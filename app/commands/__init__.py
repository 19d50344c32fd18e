"""The doors in: a command is decided by its aggregate and its events are appended, exactly once."""
