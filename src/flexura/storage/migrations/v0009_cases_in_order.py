"""Cases of a patient in the order of time: one index for the worklist and for a patient's list."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the index, and drop the one that it begins with."""
    op.create_index("ix_cases_patient_created_at_id", "cases", ["patient", "created_at", "id"], unique=False)
    op.drop_index("ix_cases_patient", "cases")


def downgrade() -> None:
    """Go back to an index of the patient alone."""
    op.create_index("ix_cases_patient", "cases", ["patient"], unique=False)
    op.drop_index("ix_cases_patient_created_at_id", "cases")
