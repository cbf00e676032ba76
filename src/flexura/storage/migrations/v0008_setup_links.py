"""Links by which the first administrator is made."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the table of links."""
    op.create_table(
        "setup_links",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_setup_links"),
    )


def downgrade() -> None:
    """Drop the table of links; who has one starts the service anew."""
    op.drop_table("setup_links")
