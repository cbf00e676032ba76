"""What keeps photo files and their rows in step: left-overs removed, every file read again now and then."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select, update

from flexura.errors import ObjectDamaged
from flexura.storage.database import begin
from flexura.storage.objects import hash_object, hold_names_alone, list_objects, object_path, read_object
from flexura.storage.store import Store
from flexura.storage.tables import OBJECTS


@dataclass(frozen=True)
class Reconciled:
    """What was found: files without a row, removed; and the names of rows without a file."""

    removed: int
    missing: tuple[str, ...]


def reconcile(store: Store) -> Reconciled:
    """Remove files that no row knows (interrupted uploads, deleted patients); name rows whose file is gone.

    Uploads may run meanwhile: what they write they hold until its row is there.

    Parameters
    ----------
    store : Store
        Whose files.

    Returns
    -------
    Reconciled
    """
    known, suspects = _known(store), defaultdict[str, list[tuple[str, Path]]](list)
    for name, path in list_objects(store.folder):
        if name not in known:
            suspects[path.parent.name].append((name, path))
    removed = 0
    for beginning, files in suspects.items():
        with hold_names_alone(store.folder, beginning):
            known_by_now = _known(store, [name for name, _ in files])
            unknown = [path for name, path in files if name not in known_by_now and path.exists()]
            for path in unknown:
                path.unlink(missing_ok=True)
        removed += len(unknown)
    gone = {name for name in known if not object_path(store.folder, name).exists()}
    return Reconciled(removed, tuple(sorted(gone & _known(store) if gone else ())))  # some went with their patient


def _known(store: Store, among: Iterable[str] | None = None) -> set[str]:
    wanted = select(OBJECTS.c.name)
    if among is not None:
        wanted = wanted.where(OBJECTS.c.name.in_(list(among)))
    with begin(store.engine) as connection:
        return set(connection.scalars(wanted))


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
