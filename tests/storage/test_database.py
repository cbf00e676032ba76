"""The database opens safely, migrates forward and back with its data, and fails in our own words."""

from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import insert, inspect, select, update

from flexura.errors import DatabaseOutdated, DatabaseUnavailable, SettingsError, StoreConflict
from flexura.storage.database import (
    begin,
    check_revision,
    current_revision,
    downgrade,
    insert_new,
    is_reachable,
    newest_revision,
    open_database,
    upgrade,
)
from flexura.storage.tables import CASES, CHALLENGES, DEVICES, METADATA, PASSKEYS, PATIENTS, PHOTOS, TENANTS, USERS

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def engine(database_url):
    engine = open_database(database_url)
    yield engine
    engine.dispose()


def test_the_migrations_make_the_tables_that_the_code_describes(engine):
    upgrade(engine)
    with begin(engine) as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    assert current_revision(engine) == newest_revision()


def test_forward_and_back_with_data(engine):
    upgrade(engine, "0001")
    with begin(engine) as connection:
        connection.execute(insert(TENANTS).values(id="clinic", created_at=NOON))
    upgrade(engine)
    check_revision(engine)
    downgrade(engine, "0001")
    with begin(engine) as connection:
        assert connection.execute(select(TENANTS)).all() == [("clinic", NOON)]
    downgrade(engine, "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    upgrade(engine)
    check_revision(engine)


def test_passkeys_come_and_go_and_never_leave_anybody_a_password_alone(engine):
    upgrade(engine, "0006")
    rows = [("maria", None, None), ("eve", None, None), ("jose", b"sealed", None), ("gone", None, NOON)]
    with begin(engine) as connection:
        connection.execute(insert(TENANTS).values(id="clinic", created_at=NOON))
        for name, secret, disabled in rows:
            user = {"id": name, "tenant": "clinic", "name": name, "role": "nurse", "password": "hash"}
            kept = {"code_secret": secret, "created_at": NOON, "disabled_at": disabled}
            connection.execute(insert(USERS).values(**user, **kept))
    upgrade(engine)
    key = {"sealed": b"sealed", "counter": 2**32 - 1, "created_at": NOON}
    with begin(engine) as connection:
        for name in ("maria", "jose", "gone"):
            connection.execute(insert(PASSKEYS).values(id=f"key of {name}", user_id=name, **key))
        connection.execute(insert(CHALLENGES).values(id="asked", user_id="maria", ends_at=NOON))
        assert connection.scalar(select(PASSKEYS.c.counter).limit(1)) == 2**32 - 1
    before = _users(engine)
    with pytest.raises(StoreConflict, match=r"^2 users have no other second factor than passkeys.*second-factor NAME"):
        downgrade(engine, "0006")
    check_revision(engine)
    with begin(engine) as connection:
        assert len(connection.execute(select(PASSKEYS)).all()) == 3
        connection.execute(update(USERS).where(USERS.c.id.in_(["maria", "gone"])).values(code_secret=b"sealed"))
    downgrade(engine, "0006")
    assert [(row.id, row.disabled_at) for row in _users(engine)] == [(row.id, row.disabled_at) for row in before]
    assert {"passkeys", "challenges"}.isdisjoint(inspect(engine).get_table_names())
    upgrade(engine)
    check_revision(engine)


def _users(engine):
    with begin(engine) as connection:
        return connection.execute(select(USERS).order_by(USERS.c.id)).all()


def test_the_order_of_cases_comes_and_goes_with_every_case_kept(engine):
    upgrade(engine, "0008")
    patient = {"id": "p", "tenant": "clinic", "number": "n", "revision": 1, "sealed": b"sealed", "created_at": NOON}
    with begin(engine) as connection:
        connection.execute(insert(TENANTS).values(id="clinic", created_at=NOON))
        connection.execute(insert(PATIENTS).values(patient))
        for name in "ab":
            row = {"id": name, "patient": "p", "created_by": "maria", "created_at": NOON, "sealed": b"sealed"}
            connection.execute(insert(CASES).values(row))
    for move, there in ((upgrade, ["patient", "created_at", "id"]), (downgrade, ["patient"])):
        move(engine, "0009" if move is upgrade else "0008")
        assert [index["column_names"] for index in inspect(engine).get_indexes("cases")] == [there]
        with begin(engine) as connection:
            assert connection.scalars(select(CASES.c.id).order_by(CASES.c.id)).all() == ["a", "b"]


def test_devices_and_what_they_sent_come_and_go_with_every_case_and_photo_kept(engine):
    upgrade(engine, "0009")
    with begin(engine) as connection:
        for statement in _BEFORE_DEVICES:
            connection.exec_driver_sql(statement)
    upgrade(engine)
    with begin(engine) as connection:
        connection.execute(insert(DEVICES).values(title="CAMERA1", user_id="u", certificate="ab" * 32))
        connection.execute(update(CASES).values(study="s"))
        connection.execute(update(PHOTOS).values(instance="s"))
    again = {"patient": "p", "created_by": "u", "created_at": NOON, "sealed": b"sealed", "study": "s"}
    with pytest.raises(StoreConflict), begin(engine) as connection:
        connection.execute(insert(CASES).values(id="d", **again))
    downgrade(engine, "0009")
    assert "devices" not in inspect(engine).get_table_names()
    for table, kept in (("cases", "c"), ("photos", "i")):
        assert not {"study", "instance"} & {column["name"] for column in inspect(engine).get_columns(table)}
        with begin(engine) as connection:
            assert connection.execute(select(METADATA.tables[table].c.id)).scalars().all() == [kept]
    upgrade(engine)
    check_revision(engine)
    with begin(engine) as connection:
        kept = [connection.scalars(select(column)).all() for column in (CASES.c.study, PHOTOS.c.instance)]
        assert kept == [[None], [None]]


# As form 0009 has the tables.
_BEFORE_DEVICES = (
    "INSERT INTO tenants (id, created_at) VALUES ('clinic', '2026-03-01 12:00:00')",
    """INSERT INTO patients (id, tenant, number, revision, sealed, created_at)
        VALUES ('p', 'clinic', 'n', 1, '', '2026-03-01 12:00:00')""",
    "INSERT INTO cases (id, patient, created_by, created_at, sealed) VALUES ('c', 'p', 'u', '2026-03-01 12:00:00', '')",
    """INSERT INTO objects (patient, name, bytes, sealed_sha256, created_at)
        VALUES ('p', 'f', 1, '0', '2026-03-01 12:00:00')""",
    "INSERT INTO photos (id, patient, case_id, name, created_at) VALUES ('i', 'p', 'c', 'f', '2026-03-01 12:00:00')",
    """INSERT INTO users (id, tenant, name, role, password, created_at)
        VALUES ('u', 'clinic', 'CAMERA1', 'device', 'hash', '2026-03-01 12:00:00')""",
)


def test_tables_that_are_not_there_are_outdated(engine):
    with pytest.raises(DatabaseOutdated):
        check_revision(engine)


def test_times_keep_their_zone_and_microseconds(engine):
    upgrade(engine)
    precise = NOON.replace(microsecond=123456)
    with begin(engine) as connection:
        connection.execute(insert(TENANTS).values(id="clinic", created_at=precise))
    with begin(engine) as connection:
        assert connection.scalar(select(TENANTS.c.created_at)) == precise
        assert connection.scalar(select(TENANTS.c.created_at)).utcoffset().total_seconds() == 0


def test_a_block_that_raises_leaves_nothing(engine):
    upgrade(engine)

    def interrupted():
        with begin(engine) as connection:
            connection.execute(insert(TENANTS).values(id="clinic", created_at=NOON))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
    with begin(engine) as connection:
        assert connection.execute(select(TENANTS)).all() == []


def test_doubles_are_a_conflict_or_no_news(engine):
    upgrade(engine)
    row = {"id": "clinic", "created_at": NOON}
    with begin(engine) as connection:
        assert insert_new(connection, TENANTS, row)
        assert not insert_new(connection, TENANTS, row)
    with pytest.raises(StoreConflict), begin(engine) as connection:
        connection.execute(insert(TENANTS).values(row))


def test_an_embedded_database_is_durable_and_strict(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path}/clinic.db")
    with begin(engine) as connection:
        values = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
        }
    engine.dispose()
    assert values == {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "busy_timeout": 30000,
    }  # fmt: skip


def test_writers_of_an_embedded_database_queue_from_their_first_statement(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path}/clinic.db")
    with begin(engine):
        second = engine.raw_connection()
        second.cursor().execute("PRAGMA busy_timeout = 0")
        with pytest.raises(Exception, match="locked"):
            second.cursor().execute("BEGIN IMMEDIATE")
        second.close()
    engine.dispose()


@pytest.mark.parametrize(
    "url", ["sqlite:////nowhere/at/all/clinic.db", "postgresql://flexura:secret@127.0.0.1:1/clinic"]
)
def test_a_database_that_is_not_there_is_unavailable_and_its_password_unsaid(url):
    engine = open_database(url)
    with pytest.raises(DatabaseUnavailable) as caught, begin(engine):
        pass
    assert "secret" not in str(caught.value)
    assert not is_reachable(engine)


@pytest.mark.parametrize("url", ["", "clinic.db", "mysql://root:secret@host/x", "sqlite+nonsense"])
def test_another_kind_of_address_is_a_setting_to_correct(url):
    with pytest.raises(SettingsError) as caught:
        open_database(url)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
