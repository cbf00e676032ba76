"""The first form of the tables: tenants, keys, users, patients, cases, photos, what is written of them, audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _create_audit_entries() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("log", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("patient", sa.String(length=64), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("log", "number", name="pk_audit_entries"),
    )
    op.create_index("ix_audit_entries_log_at", "audit_entries", ["log", "at"], unique=False)
    op.create_index("ix_audit_entries_log_patient", "audit_entries", ["log", "patient"], unique=False)
    op.create_index("ix_audit_entries_log_user_id", "audit_entries", ["log", "user_id"], unique=False)


def _create_failures() -> None:
    op.create_table(
        "failures",
        sa.Column("source", sa.String(length=128), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_failures"),
    )


def _create_tenants() -> None:
    op.create_table(
        "tenants",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tenants"),
    )


def _create_audit_heads() -> None:
    op.create_table(
        "audit_heads",
        sa.Column("log", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("peaks", sa.Text(), nullable=False),
        sa.Column("last", sa.String(length=64), nullable=False),
        sa.Column("checkpoint", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["log"], ["tenants.id"], name="fk_audit_heads_log"),
        sa.PrimaryKeyConstraint("log", name="pk_audit_heads"),
    )


def _create_data_keys() -> None:
    op.create_table(
        "data_keys",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("master", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"], name="fk_data_keys_tenant"),
        sa.PrimaryKeyConstraint("tenant", "subject", "version", name="pk_data_keys"),
    )
    op.create_index("ix_data_keys_master", "data_keys", ["master"], unique=False)


def _create_patients() -> None:
    op.create_table(
        "patients",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"], name="fk_patients_tenant"),
        sa.PrimaryKeyConstraint("id", name="pk_patients"),
        sa.UniqueConstraint("tenant", "number", name="uq_patients_tenant_number"),
    )


def _create_users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("code_secret", sa.LargeBinary(), nullable=True),
        sa.Column("code_step", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"], name="fk_users_tenant"),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("tenant", "name", name="uq_users_tenant_name"),
    )


def _create_broken_glass() -> None:
    op.create_table(
        "broken_glass",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("patient", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["patient"], ["patients.id"], name="fk_broken_glass_patient"),
        sa.PrimaryKeyConstraint("id", name="pk_broken_glass"),
    )
    op.create_index("ix_broken_glass_patient", "broken_glass", ["patient"], unique=False)


def _create_care_teams() -> None:
    op.create_table(
        "care_teams",
        sa.Column("patient", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["patient"], ["patients.id"], name="fk_care_teams_patient"),
        sa.PrimaryKeyConstraint("patient", "user_id", name="pk_care_teams"),
    )


def _create_cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("patient", sa.String(length=64), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["patient"], ["patients.id"], name="fk_cases_patient"),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
    )
    op.create_index("ix_cases_patient", "cases", ["patient"], unique=False)


def _create_objects() -> None:
    op.create_table(
        "objects",
        sa.Column("patient", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("sealed_sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scrubbed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["patient"], ["patients.id"], name="fk_objects_patient"),
        sa.PrimaryKeyConstraint("patient", "name", name="pk_objects"),
    )


def _create_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("second_factor_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sessions_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"], unique=False)


def _create_tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_tokens_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
    )
    op.create_index("ix_tokens_user_id", "tokens", ["user_id"], unique=False)


def _create_assessments() -> None:
    op.create_table(
        "assessments",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("patient", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("about", sa.String(length=64), nullable=True),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_assessments_case_id"),
        sa.ForeignKeyConstraint(["patient"], ["patients.id"], name="fk_assessments_patient"),
        sa.PrimaryKeyConstraint("id", name="pk_assessments"),
    )
    op.create_index("ix_assessments_case_id", "assessments", ["case_id"], unique=False)
    op.create_index("ix_assessments_patient", "assessments", ["patient"], unique=False)


def _create_outcomes() -> None:
    op.create_table(
        "outcomes",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("patient", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("about", sa.String(length=64), nullable=True),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_outcomes_case_id"),
        sa.ForeignKeyConstraint(["patient"], ["patients.id"], name="fk_outcomes_patient"),
        sa.PrimaryKeyConstraint("id", name="pk_outcomes"),
    )
    op.create_index("ix_outcomes_case_id", "outcomes", ["case_id"], unique=False)
    op.create_index("ix_outcomes_patient", "outcomes", ["patient"], unique=False)


def _create_photos() -> None:
    op.create_table(
        "photos",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("patient", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_photos_case_id"),
        sa.ForeignKeyConstraint(
            ["patient", "name"], ["objects.patient", "objects.name"], name="fk_photos_patient_name"
        ),
        sa.ForeignKeyConstraint(["patient"], ["patients.id"], name="fk_photos_patient"),
        sa.PrimaryKeyConstraint("id", name="pk_photos"),
        sa.UniqueConstraint("case_id", "name", name="uq_photos_case_id_name"),
    )
    op.create_index("ix_photos_patient", "photos", ["patient"], unique=False)


def _create_reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("patient", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("about", sa.String(length=64), nullable=True),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_reviews_case_id"),
        sa.ForeignKeyConstraint(["patient"], ["patients.id"], name="fk_reviews_patient"),
        sa.PrimaryKeyConstraint("id", name="pk_reviews"),
    )
    op.create_index("ix_reviews_case_id", "reviews", ["case_id"], unique=False)
    op.create_index("ix_reviews_patient", "reviews", ["patient"], unique=False)


# In the order in which they refer to one another.
_TABLES = {
    "audit_entries": _create_audit_entries,
    "failures": _create_failures,
    "tenants": _create_tenants,
    "audit_heads": _create_audit_heads,
    "data_keys": _create_data_keys,
    "patients": _create_patients,
    "users": _create_users,
    "broken_glass": _create_broken_glass,
    "care_teams": _create_care_teams,
    "cases": _create_cases,
    "objects": _create_objects,
    "sessions": _create_sessions,
    "tokens": _create_tokens,
    "assessments": _create_assessments,
    "outcomes": _create_outcomes,
    "photos": _create_photos,
    "reviews": _create_reviews,
}


def upgrade() -> None:
    """Make the tables."""
    for create in _TABLES.values():
        create()


def downgrade() -> None:
    """Drop the tables, with all that is in them."""
    for name in reversed(_TABLES):
        op.drop_table(name)
