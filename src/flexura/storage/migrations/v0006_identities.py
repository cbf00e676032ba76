"""Users as an identity provider knows them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the table of identities."""
    op.create_table(
        "identities",
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"], name="fk_identities_tenant"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_identities_user_id"),
        sa.PrimaryKeyConstraint("issuer", "subject", "tenant", name="pk_identities"),
        sa.UniqueConstraint("user_id", name="uq_identities_user_id"),
    )


def downgrade() -> None:
    """Drop the table of identities; who signs in by a provider alone cannot until linked again."""
    op.drop_table("identities")
