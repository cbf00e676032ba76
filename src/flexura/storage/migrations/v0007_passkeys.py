"""Passkeys as second factors, and the challenges that wait for their answer."""

import sqlalchemy as sa
from alembic import op

from flexura.errors import StoreConflict

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "passkeys",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_passkeys_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_passkeys"),
    )
    op.create_index("ix_passkeys_user_id", "passkeys", ["user_id"], unique=False)
    op.create_table(
        "challenges",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_challenges_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_challenges"),
    )


def downgrade() -> None:
    """Drop both; refused while anybody, locked out or not, has no other second factor than passkeys."""
    only = "SELECT count(*) FROM users WHERE code_secret IS NULL AND id IN (SELECT user_id FROM passkeys)"
    users = op.get_bind().exec_driver_sql(only).scalar_one()
    if users:
        raise StoreConflict(
            f"{users} users have no other second factor than passkeys, which form 0006 does not know; "
            "nothing was changed. Give each of them one-time codes first (`flexura admin user second-factor NAME`)."
        )
    op.drop_table("challenges")
    op.drop_index("ix_passkeys_user_id", "passkeys")
    op.drop_table("passkeys")
