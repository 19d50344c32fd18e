"""The log against a real PostgreSQL: appended in order, followed, locked, cut off, killed."""
