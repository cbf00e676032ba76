"""Devices that hand photos in by DICOM, and which case and photo a study and an instance became."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_NAMED = (("cases", "study"), ("photos", "instance"))


def upgrade() -> None:
    """Make the table of devices, and room for the hashes by which a study and an instance are found again."""
    op.create_table(
        "devices",
        sa.Column("title", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("certificate", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_devices_user_id"),
        sa.PrimaryKeyConstraint("title", name="pk_devices"),
        sa.UniqueConstraint("user_id", name="uq_devices_user_id"),
    )
    for table, column in _NAMED:
        op.add_column(table, sa.Column(column, sa.String(length=64), nullable=True))
        op.create_index(f"ix_{table}_{column}", table, [column], unique=True)


def downgrade() -> None:
    """Take them away; cases and photos stay, and what a device sends again is then a new one."""
    for table, column in reversed(_NAMED):
        op.drop_index(f"ix_{table}_{column}", table)
        op.drop_column(table, column)
    op.drop_table("devices")
