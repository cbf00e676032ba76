"""Answers that are found again."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Give assessments the hash that they are found by; older ones are not."""
    op.add_column("assessments", sa.Column("answer", sa.String(length=64), nullable=True))
    op.add_column("assessments", sa.Column("reused", sa.Boolean(), nullable=True))
    op.create_index("ix_assessments_answer", "assessments", ["answer"], unique=False)
    op.create_index("ix_assessments_reused", "assessments", ["reused"], unique=False)


def downgrade() -> None:
    """Take it away."""
    for column in ("reused", "answer"):
        op.drop_index(f"ix_assessments_{column}", "assessments")
        op.drop_column("assessments", column)
