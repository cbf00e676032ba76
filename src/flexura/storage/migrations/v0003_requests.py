"""Requests: what one with an Idempotency-Key made, so that the same again makes nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table of requests."""
    op.create_table(
        "requests",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("body", sa.String(length=64), nullable=False),
        sa.Column("made", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"], name="fk_requests_tenant"),
        sa.PrimaryKeyConstraint("tenant", "user_id", "name", name="pk_requests"),
    )


def downgrade() -> None:
    """Drop the table of requests."""
    op.drop_table("requests")
