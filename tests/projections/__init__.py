"""The read models on a real PostgreSQL: rows, lists, search, and who sees what."""
