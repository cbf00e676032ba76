"""The database: opened safely, brought to the newest form, its failures in our own words.

SQLite: write-ahead log, every commit on disk before it counts (synchronous FULL), writers queue from their first
statement on (BEGIN IMMEDIATE). PostgreSQL keeps its own defaults, which are as safe.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, Executable, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from flexura.errors import DatabaseOutdated, DatabaseUnavailable, SettingsError, StorageFull, StoreConflict

_BUSY_S: Final = 30
_PRAGMAS: Final = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "secure_delete = ON",  # a deleted key is overwritten, not only forgotten
    f"busy_timeout = {_BUSY_S * 1000}",
)
_DIALECTS: Final = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}
_MIGRATIONS: Final = Path(__file__).with_name("migrations")


def open_database(url: str) -> Engine:
    """Open a database; no connection is made yet.

    Parameters
    ----------
    url : str
        sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.

    Returns
    -------
    Engine

    Raises
    ------
    SettingsError
        When the address is none, or of another kind of database.
    """
    try:
        parsed = make_url(url)
        driver = _DIALECTS[parsed.get_backend_name()]
    except (ArgumentError, KeyError):
        # Not `from`: the address may hold a password.
        raise SettingsError("The database must be sqlite:///FILE or postgresql://USER@HOST/NAME.") from None
    if driver == "sqlite":
        engine = create_engine(parsed, connect_args={"timeout": _BUSY_S}, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_immediate)
        return engine
    return create_engine(parsed.set(drivername=driver), pool_pre_ping=True, hide_parameters=True)


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def begin(engine: Engine) -> Iterator[Connection]:
    """Run one transaction: committed when the block ends, rolled back when it raises.

    Parameters
    ----------
    engine : Engine
        From `open_database`.

    Yields
    ------
    Connection

    Raises
    ------
    DatabaseUnavailable
        When the database cannot be reached or does not answer.
    StoreConflict
        When a constraint of the database refuses.
    StorageFull
        When the disk is full.
    """
    try:
        with engine.begin() as connection:
            yield connection
    except IntegrityError as error:
        raise StoreConflict("This contradicts what is stored already.") from error
    except (DBAPIError, PoolTimeout) as error:
        if "disk is full" in str(error) or "No space left" in str(error):
            raise StorageFull("The disk of the database is full; nothing was stored.") from error
        if isinstance(error, DBAPIError) and not _is_outage(error):
            raise
        raise DatabaseUnavailable("The database cannot be reached or is too busy; nothing was stored.") from error
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StorageFull("The disk is full; nothing was stored.") from error
        raise


def _is_outage(error: DBAPIError) -> bool:
    """Not reached, shut down, locked too long; anything else is our own bug."""
    name = type(error.orig).__name__
    return error.connection_invalidated or name in {
        "OperationalError", "AdminShutdown", "CannotConnectNow", "CrashShutdown", "InterfaceError", "LockNotAvailable",
    }  # fmt: skip


def insert_new(connection: Connection, table: Table, values: dict[str, object]) -> bool:
    """Insert a row unless one with its key is there.

    Parameters
    ----------
    connection : Connection
        In a transaction.
    table : Table
        With a primary key or unique constraint that decides.
    values : dict[str, object]
        The row.

    Returns
    -------
    bool
        Whether the row is new.
    """
    return connection.execute(_insert_unless_there(table, connection.dialect.name), values).first() is not None


@cache
def _insert_unless_there(table: Table, dialect: str) -> Executable:
    kind = sqlite if dialect == "sqlite" else postgresql
    key, *_ = table.primary_key
    statement: Executable = kind.insert(table).on_conflict_do_nothing().returning(key)
    return statement


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the tables to a newer form; one transaction, all or nothing.

    Parameters
    ----------
    engine : Engine
        Of an empty or an older database.
    revision : str
        Which form.
    """
    _migrate(engine, revision, up=True)


def downgrade(engine: Engine, revision: str) -> None:
    """Bring the tables back to an older form, "base" for none; what only the newer one holds is lost."""
    _migrate(engine, revision, up=False)


def current_revision(engine: Engine) -> str | None:
    """Tell the form that the tables have; `None` for no tables."""
    with begin(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def check_revision(engine: Engine) -> None:
    """Refuse to work on tables of another form than this code's.

    Parameters
    ----------
    engine : Engine
        Of the database.

    Raises
    ------
    DatabaseOutdated
        When the tables are not there, older or newer.
    """
    if current_revision(engine) != newest_revision():
        message = "The database's tables are not those of this version; run `flexura admin upgrade`."
        raise DatabaseOutdated(message)


def newest_revision() -> str:
    """Name the newest form of the tables."""
    head = _scripts().get_current_head()
    assert head is not None
    return head


def _scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("version_locations", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def _migrate(engine: Engine, revision: str, *, up: bool) -> None:
    scripts = _scripts()
    steps = scripts._upgrade_revs if up else scripts._downgrade_revs
    with EnvironmentContext(Config(), scripts) as environment, begin(engine) as connection:
        environment.configure(
            connection=connection,
            fn=lambda current, _: steps(revision, current),
            render_as_batch=True,
        )
        environment.run_migrations()


def is_reachable(engine: Engine) -> bool:
    """Tell whether the database answers."""
    try:
        with begin(engine) as connection:
            connection.exec_driver_sql("SELECT 1")
    except (DatabaseUnavailable, SQLAlchemyError):
        return False
    return True
