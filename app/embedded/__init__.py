"""The embedded PostgreSQL: found or installed, started, owned, and ended with the service."""
