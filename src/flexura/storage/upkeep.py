"""What keeps photo files and their rows in step: left-overs removed, every file read again now and then."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import select, update

from flexura.errors import ObjectDamaged
from flexura.storage.database import begin
from flexura.storage.objects import hash_object, list_objects, object_path, read_object
from flexura.storage.store import Store
from flexura.storage.tables import OBJECTS

# A file is written before its row: a younger one may belong to an upload that is still under way.
_GRACE: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Reconciled:
    """What was found: files without a row, removed; and the names of rows without a file."""

    removed: int
    missing: tuple[str, ...]


def reconcile(store: Store, *, grace: timedelta = _GRACE) -> Reconciled:
    """Remove files that no row knows (interrupted uploads, deleted patients); name rows whose file is gone.

    Parameters
    ----------
    store : Store
        Whose files.
    grace : timedelta
        Younger files are left alone.

    Returns
    -------
    Reconciled
    """
    with begin(store.engine) as connection:
        known = set(connection.scalars(select(OBJECTS.c.name)))
    before = (store.clock() - grace).timestamp()
    stale = [path for name, path in list_objects(store.folder) if name not in known and path.stat().st_mtime <= before]
    for path in stale:
        path.unlink(missing_ok=True)
    missing = sorted(name for name in known if not object_path(store.folder, name).exists())
    return Reconciled(len(stale), tuple(missing))


def scrub(store: Store, *, count: int) -> tuple[str, ...]:
    """Read the files that were not read for longest, and compare their hashes.

    Parameters
    ----------
    store : Store
        Whose files.
    count : int
        How many.

    Returns
    -------
    tuple[str, ...]
        Names of the files that are gone or are not what was written.
    """
    oldest = OBJECTS.c.scrubbed_at.asc().nulls_first()
    with begin(store.engine) as connection:
        rows = connection.execute(select(OBJECTS).order_by(oldest, OBJECTS.c.name).limit(count)).all()
    damaged = tuple(row.name for row in rows if not _is_whole(store, row.name, row.sealed_sha256))
    with begin(store.engine) as connection:
        read = OBJECTS.c.name.in_([row.name for row in rows])
        connection.execute(update(OBJECTS).where(read).values(scrubbed_at=store.clock()))
    return damaged


def _is_whole(store: Store, name: str, sha256: str) -> bool:
    try:
        return hash_object(read_object(store.folder, name)) == sha256
    except ObjectDamaged:
        return False
