"""Who was shown whose data, who was refused, who signed in and who took a list away: rows are only ever added."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.grants import grant

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

LOG = "access_log"
REFUSE_CHANGE = f"""
CREATE FUNCTION refuse_change_of_accesses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the access log is permanent: % of {LOG} is refused', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$
"""
REFUSE_CHANGE_TRIGGER = f"""
CREATE TRIGGER {LOG}_is_permanent BEFORE UPDATE OR DELETE OR TRUNCATE ON {LOG}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_accesses()
"""


def upgrade() -> None:
    op.create_table(
        LOG,
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("actor", sa.Text),
        sa.Column("via", sa.Text),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("problem", sa.Text),
        sa.Column("complaint", sa.Uuid),
        sa.Column("incident", sa.Uuid),
        sa.Column("shown", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("credential", sa.Text),
        sa.Column("caller", sa.Text),
    )
    op.create_index(f"{LOG}_at_idx", LOG, ["at", "id"])
    op.create_index(f"{LOG}_actor_idx", LOG, ["actor", "at", "id"])
    named = sa.text("complaint IS NOT NULL")
    op.create_index(f"{LOG}_complaint_idx", LOG, ["complaint"], postgresql_where=named)
    op.create_index(f"{LOG}_shown_idx", LOG, ["shown"], postgresql_using="gin")
    granted = sa.text("kind = 'sign-in' AND outcome = 'granted'")
    op.create_index(f"{LOG}_sign_in_idx", LOG, ["actor", "at"], postgresql_where=granted)
    op.execute(REFUSE_CHANGE)
    op.execute(REFUSE_CHANGE_TRIGGER)
    # ALWAYS: otherwise a session that plays replica (session_replication_role) may pass.
    op.execute(f"ALTER TABLE {LOG} ENABLE ALWAYS TRIGGER {LOG}_is_permanent")
    grant(op, LOG, "SELECT, INSERT")


def downgrade() -> None:
    op.drop_table(LOG)
    op.execute("DROP FUNCTION refuse_change_of_accesses")
