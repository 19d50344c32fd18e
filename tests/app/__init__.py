"""Tests of storage, the launcher of the embedded database, and what else the service stands on."""
