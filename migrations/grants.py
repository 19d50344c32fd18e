"""The role under which the service works, and what it may do.

The role exists where the migrating login may create roles (or an operator made it); elsewhere the service
works as its own login, and only the triggers protect the log.
"""

from __future__ import annotations

from typing import Protocol

APP_ROLE = "redress_app"


class Executes(Protocol):
    """What is wanted of alembic's `op`."""

    def execute(self, sqltext: str) -> None: ...


# Roles belong to the whole server, so two databases may be migrated at once: each outcome of that race is fine.
CREATE_ROLE = f"""
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN
        CREATE ROLE {APP_ROLE} NOLOGIN;
    END IF;
    IF NOT pg_has_role(current_user, '{APP_ROLE}', 'USAGE') THEN
        GRANT {APP_ROLE} TO CURRENT_USER;
    END IF;
EXCEPTION
    WHEN insufficient_privilege OR duplicate_object OR unique_violation OR internal_error THEN NULL;
END $$
"""


# What the migrations leave behind: the read models are the role's own, to be emptied and made anew.
OWN_READ_MODELS = f"""
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'reading' LOOP
        EXECUTE format('ALTER TABLE reading.%I OWNER TO {APP_ROLE}', name);
    END LOOP;
END $$
"""
HAS_ROLE = f"""
SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}' AND pg_has_role(current_user, oid, 'USAGE'))
"""


def create_app_role(op: Executes) -> None:
    """Creates the role and lets the migrating login use it, where that is permitted."""
    op.execute(CREATE_ROLE)


def grant(op: Executes, table: str, privileges: str) -> None:
    """Grants `privileges` ("SELECT, INSERT") on a table of the same migration to the role, if there is one."""
    op.execute(
        f"""
        DO $$
        BEGIN
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN
                GRANT {privileges} ON {table} TO {APP_ROLE};
            END IF;
        END $$
        """
    )
