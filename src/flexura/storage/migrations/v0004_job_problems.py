"""Why a job failed, in full and encrypted."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Give jobs room for it."""
    op.add_column("jobs", sa.Column("sealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("jobs", "sealed")
