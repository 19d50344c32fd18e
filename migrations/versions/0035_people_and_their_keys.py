"""People are not their keys: who somebody is follows from what was recorded of them, and they have any number of keys.

A key of before was a person at the same time: each becomes a person with one key, and whoever had a revoked one left
then. What was sealed under the old key's id stays as it is; `recorded_by` is nobody there, and says how it was sealed.

A step back keeps for each person the key that they got last. Names that were recorded since are sealed under what an
older version does not know, so it calls these people by their ids.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.grants import grant

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

# What older versions kept in clear is sealed once, by the first service that reads it; nothing else ever changes.
REFUSE_CHANGE = """
CREATE FUNCTION refuse_change_of_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) ->> 'once_clear' IS NOT NULL AND to_jsonb(NEW) ->> 'once_clear' IS NULL
        AND to_jsonb(OLD) - 'sealed' - 'once_clear' = to_jsonb(NEW) - 'sealed' - 'once_clear' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'recorded facts are permanent: % of % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$
"""
FOR_EACH = """
CREATE TRIGGER facts_are_permanent BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION refuse_change_of_facts()
"""
FOR_ALL = """
CREATE TRIGGER facts_are_not_emptied BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_facts()
"""
PEOPLE = """
INSERT INTO people_facts (ordinal, person, recorded_at, said, sealed, once_clear)
SELECT row_number() OVER (ORDER BY created_at, id), id, created_at,
    jsonb_build_object(
        'kind', CASE WHEN roles <@ '{integration,partner}' THEN 'machine' ELSE 'person' END,
        'roles', to_jsonb(roles), 'unit', unit)
    || CASE WHEN revoked_at IS NULL THEN '{}'::jsonb
            ELSE jsonb_build_object('active_to', to_jsonb(revoked_at), 'left_with_key', true) END,
    sealed, once_clear
FROM api_keys
"""
KEYS = """
INSERT INTO person_keys (id, person, prefix, secret_hash, created_at, revoked_at, ordinal)
SELECT 'k-' || right(encode(secret_hash, 'hex'), 16), id, prefix, secret_hash, created_at, revoked_at,
    (SELECT count(*) FROM api_keys) + row_number() OVER (ORDER BY created_at, id)
FROM api_keys
"""
BACK = """
INSERT INTO api_keys (id, roles, unit, prefix, secret_hash, created_at, revoked_at, sealed, once_clear)
SELECT key.person,
    ARRAY(SELECT jsonb_array_elements_text((
        SELECT said -> 'roles' FROM people_facts WHERE person = key.person AND said ? 'roles'
        ORDER BY since DESC NULLS LAST, ordinal DESC LIMIT 1))),
    (SELECT said ->> 'unit' FROM people_facts WHERE person = key.person AND said ? 'unit'
     ORDER BY since DESC NULLS LAST, ordinal DESC LIMIT 1),
    key.prefix, key.secret_hash, key.created_at,
    coalesce(key.revoked_at, key.expires_at, (
        SELECT (said ->> 'active_to')::timestamptz FROM people_facts WHERE person = key.person AND said ? 'active_to'
        ORDER BY ordinal DESC LIMIT 1)),
    CASE WHEN named.recorded_by IS NULL THEN named.sealed END,
    CASE WHEN named.recorded_by IS NULL THEN named.once_clear ELSE jsonb_build_array(key.person, NULL) END
FROM (
    SELECT DISTINCT ON (person) * FROM person_keys ORDER BY person, (revoked_at IS NULL) DESC, created_at DESC
) AS key
CROSS JOIN LATERAL (
    SELECT recorded_by, sealed, once_clear FROM people_facts
    WHERE person = key.person AND (sealed IS NOT NULL OR once_clear IS NOT NULL) ORDER BY ordinal DESC LIMIT 1
) AS named
"""


def upgrade() -> None:
    op.create_table(
        "people_facts",
        sa.Column("ordinal", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text),
        sa.Column("since", sa.DateTime(timezone=True)),
        sa.Column("said", JSONB, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("once_clear", JSONB),
    )
    op.execute("ALTER TABLE people_facts ALTER once_clear SET STATISTICS 0")
    op.create_table(
        "unit_facts",
        sa.Column("ordinal", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text, nullable=False),
        sa.Column("said", JSONB, nullable=False),
    )
    op.create_table(
        "person_keys",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("prefix", sa.Text, nullable=False),
        sa.Column("secret_hash", sa.LargeBinary, nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("ordinal", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("secret_hash", name="person_keys_secret_hash_key"),
    )
    op.create_index("person_keys_ordinal_idx", "person_keys", ["ordinal"])
    op.execute(PEOPLE)
    op.execute(KEYS)
    op.drop_table("api_keys")
    op.execute(REFUSE_CHANGE)
    for table in ("people_facts", "unit_facts"):
        op.execute(FOR_EACH.format(table=table))
        op.execute(FOR_ALL.format(table=table))
        for trigger in ("facts_are_permanent", "facts_are_not_emptied"):
            op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")
    grant(op, "people_facts", "SELECT, INSERT, UPDATE (sealed, once_clear)")
    grant(op, "unit_facts", "SELECT, INSERT")
    grant(op, "person_keys", "SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("roles", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("unit", sa.Text),
        sa.Column("prefix", sa.Text, nullable=False),
        sa.Column("secret_hash", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("once_clear", JSONB),
        sa.UniqueConstraint("secret_hash", name="api_keys_secret_hash_key"),
    )
    op.execute("ALTER TABLE api_keys ALTER once_clear SET STATISTICS 0")
    op.execute(BACK)
    for table in ("person_keys", "unit_facts", "people_facts"):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_change_of_facts")
    grant(op, "api_keys", "SELECT, INSERT, UPDATE")
