"""The rules, tested without I/O."""
