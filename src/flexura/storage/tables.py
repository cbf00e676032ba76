"""The tables, as SQLAlchemy Core describes them for SQLite and PostgreSQL alike; `migrations/` makes them.

Ids are 32 random hexadecimal digits. A column `sealed` is encrypted under the key of the patient (or, for users, the
tenant) and bound to its table and row. Only ids, times and counts are readable.
"""

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class UtcTime(TypeDecorator[datetime]):
    """A time with its zone: kept in UTC, given back in UTC, on a database without zones too."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn a time into UTC; one without zone is our own bug."""
        if value is None:
            return None
        assert value.tzinfo is not None, "a time without zone"
        moved = value.astimezone(UTC)
        return moved.replace(tzinfo=None) if dialect.name == "sqlite" else moved

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give the time in UTC, with its zone."""
        if value is None:
            return None
        moved: datetime = value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)
        return moved


METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id(name: str = "id", *, primary_key: bool = False, nullable: bool = False) -> Column[str]:
    return Column(name, String(64), primary_key=primary_key, nullable=nullable)


def _tenant() -> Column[str]:
    return Column("tenant", String(64), ForeignKey("tenants.id"), nullable=False)


def _patient(*, index: bool = True) -> Column[str]:
    return Column("patient", String(64), ForeignKey("patients.id"), nullable=False, index=index)


def _time(name: str, *, nullable: bool = False) -> Column[datetime]:
    return Column(name, UtcTime, nullable=nullable)


def _sealed(name: str = "sealed") -> Column[bytes]:
    return Column(name, LargeBinary, nullable=False)


TENANTS: Final = Table("tenants", METADATA, _id(primary_key=True), _time("created_at"))

# One row per data key, wrapped; `subject` is a patient's id, or "tenant". Deleting a patient's row is crypto-shredding.
DATA_KEYS: Final = Table(
    "data_keys",
    METADATA,
    Column("tenant", String(64), ForeignKey("tenants.id"), primary_key=True),
    _id("subject", primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("master", String(16), nullable=False, index=True),
    _sealed(),
)

USERS: Final = Table(
    "users",
    METADATA,
    _id(primary_key=True),
    _tenant(),
    Column("name", String(128), nullable=False),
    Column("role", String(32), nullable=False),
    Column("password", Text, nullable=False),
    Column("code_secret", LargeBinary),
    Column("code_step", Integer),
    _time("created_at"),
    _time("disabled_at", nullable=True),
    UniqueConstraint("tenant", "name"),
)

# By which account of an identity provider a user may sign in.
IDENTITIES: Final = Table(
    "identities",
    METADATA,
    Column("issuer", String(255), primary_key=True),
    Column("subject", String(255), primary_key=True),
    Column("tenant", String(64), ForeignKey("tenants.id"), primary_key=True),
    Column("user_id", String(64), ForeignKey("users.id"), nullable=False),
    UniqueConstraint("user_id"),
)

# Machines that hand photos in by DICOM: under which title they call and which certificate they show (its SHA-256; none
# on this machine), and as which user they act.
DEVICES: Final = Table(
    "devices",
    METADATA,
    Column("title", String(16), primary_key=True),
    Column("user_id", String(64), ForeignKey("users.id"), nullable=False),
    Column("certificate", String(64)),
    UniqueConstraint("user_id"),
)

# By which the first administrator may be made, while there is no user; `id` is the hash of a link's secret.
SETUP_LINKS: Final = Table("setup_links", METADATA, _id(primary_key=True), _time("ends_at"))

# A user's authenticators; the id is a hash of the credential's, `sealed` its name and public key, which none can swap.
PASSKEYS: Final = Table(
    "passkeys",
    METADATA,
    _id(primary_key=True),
    Column("user_id", String(64), ForeignKey("users.id"), nullable=False, index=True),
    _sealed(),
    Column("counter", BigInteger, nullable=False),
    _time("created_at"),
    _time("used_at", nullable=True),
)

# What an authenticator is to sign, by its hash, and for whom: until it is answered. `session_id` where one registers.
CHALLENGES: Final = Table(
    "challenges",
    METADATA,
    _id(primary_key=True),
    Column("user_id", String(64), ForeignKey("users.id"), nullable=False),
    _id("session_id", nullable=True),
    _time("ends_at"),
)

# Failed sign-ins, by user ("user/ID") and by address ("address/HASH").
FAILURES: Final = Table(
    "failures",
    METADATA,
    Column("source", String(128), primary_key=True),
    Column("count", Integer, nullable=False),
    _time("last_at"),
)

SESSIONS: Final = Table(
    "sessions",
    METADATA,
    _id(primary_key=True),
    Column("user_id", String(64), ForeignKey("users.id"), nullable=False, index=True),
    _time("opened_at"),
    _time("seen_at"),
    _time("second_factor_at", nullable=True),
    _time("revoked_at", nullable=True),
)

TOKENS: Final = Table(
    "tokens",
    METADATA,
    _id(primary_key=True),
    Column("user_id", String(64), ForeignKey("users.id"), nullable=False, index=True),
    Column("scopes", Text, nullable=False),
    _time("made_at"),
    _time("ends_at"),
    _time("revoked_at", nullable=True),
)

# `number` is a keyed hash of the patient's number, so that it can be found but not read; none once deleted.
PATIENTS: Final = Table(
    "patients",
    METADATA,
    _id(primary_key=True),
    _tenant(),
    Column("number", String(64)),
    Column("revision", Integer, nullable=False),
    _sealed(),
    _time("created_at"),
    _time("deleted_at", nullable=True),
    UniqueConstraint("tenant", "number"),
)

CARE_TEAMS: Final = Table(
    "care_teams",
    METADATA,
    Column("patient", String(64), ForeignKey("patients.id"), primary_key=True),
    Column("user_id", String(64), primary_key=True),
)

BROKEN_GLASS: Final = Table(
    "broken_glass",
    METADATA,
    _id(primary_key=True),
    _patient(),
    Column("user_id", String(64), nullable=False),
    _sealed(),
    _time("opened_at"),
    _time("closes_at"),
    _time("reviewed_at", nullable=True),
    Column("reviewed_by", String(64)),
)

# The first index holds all that the worklist asks of a case before it has chosen a page. `study` is a keyed hash of
# patient and DICOM study, of a case that came so; none once the patient is deleted.
CASES: Final = Table(
    "cases",
    METADATA,
    _id(primary_key=True),
    _patient(index=False),
    Column("created_by", String(64), nullable=False),
    _time("created_at"),
    _sealed(),
    Column("study", String(64)),
    Index(None, "patient", "created_at", "id"),
    Index(None, "study", unique=True),
)

# One row per file: `name` is the keyed hash of its content, `sealed_sha256` the hash of the file as it lies on disk.
OBJECTS: Final = Table(
    "objects",
    METADATA,
    Column("patient", String(64), ForeignKey("patients.id"), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("bytes", Integer, nullable=False),
    Column("sealed_sha256", String(64), nullable=False),
    _time("created_at"),
    _time("scrubbed_at", nullable=True),
)

# `instance` is a keyed hash of the UID of a photo that came by DICOM.
PHOTOS: Final = Table(
    "photos",
    METADATA,
    _id(primary_key=True),
    _patient(),
    Column("case_id", String(64), ForeignKey("cases.id"), nullable=False),
    Column("name", String(64), nullable=False),
    _time("created_at"),
    ForeignKeyConstraint(["patient", "name"], ["objects.patient", "objects.name"]),
    UniqueConstraint("case_id", "name"),
    Column("instance", String(64)),
    Index(None, "instance", unique=True),
)


def _record(name: str, *more: Column[Any] | Index) -> Table:
    """Something that was written about a case once and is never changed."""
    return Table(
        name,
        METADATA,
        _id(primary_key=True),
        _patient(),
        Column("case_id", String(64), ForeignKey("cases.id"), nullable=False, index=True),
        Column("about", String(64)),  # the photo of an assessment, the assessment of a review
        Column("created_by", String(64), nullable=False),
        _time("created_at"),
        _sealed(),
        *more,
    )


# `answer` is a keyed hash of photo, context and model, by which the same answer is found again; `reused` says it was.
ASSESSMENTS: Final = _record(
    "assessments", Column("answer", String(64), index=True), Column("reused", Boolean), Index(None, "reused")
)
REVIEWS: Final = _record("reviews")
OUTCOMES: Final = _record("outcomes")

# `log` is the tenant. The text holds ids only; user, patient and time stand beside it to be searched for.
AUDIT_ENTRIES: Final = Table(
    "audit_entries",
    METADATA,
    Column("log", String(64), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("user_id", String(64), nullable=False),
    Column("patient", String(64)),
    _time("at"),
    Index(None, "log", "patient"),
    Index(None, "log", "user_id"),
    Index(None, "log", "at"),
)

AUDIT_HEADS: Final = Table(
    "audit_heads",
    METADATA,
    Column("log", String(64), ForeignKey("tenants.id"), primary_key=True),
    Column("size", Integer, nullable=False),
    Column("peaks", Text, nullable=False),
    Column("last", String(64), nullable=False),
    Column("checkpoint", Text, nullable=False),
)

# Work for later. `attempt` is the fence: what an earlier attempt brings is not taken. `sealed` is why it failed.
JOBS: Final = Table(
    "jobs",
    METADATA,
    _id(primary_key=True),
    _patient(),
    Column("case_id", String(64), ForeignKey("cases.id"), nullable=False),
    _id("photo"),
    Column("state", String(16), nullable=False),
    Column("attempt", Integer, nullable=False),
    _time("leased_until", nullable=True),
    _id("worker", nullable=True),
    _id("result", nullable=True),
    Column("error_code", String(64)),
    _time("created_at"),
    _time("ended_at", nullable=True),
    Column("sealed", LargeBinary),
    Index(None, "state", "created_at"),
)

# What a request with an Idempotency-Key made: `name` and `body` are keyed hashes of route and key, and of the request.
REQUESTS: Final = Table(
    "requests",
    METADATA,
    Column("tenant", String(64), ForeignKey("tenants.id"), primary_key=True),
    Column("user_id", String(64), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("body", String(64), nullable=False),
    _id("made"),
    _time("created_at"),
)
