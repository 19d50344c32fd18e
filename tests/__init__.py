"""Tests, one folder per layer. They meet a real PostgreSQL, started once for the whole run."""
