"""Encrypted files by name: on disk, and known to be there, before anybody is told so.

A file is written beside its place, synced, renamed into it, and the folder synced. A name always holds the same bytes,
so writing it twice, or twice at once, does no harm. Whoever writes holds the name (a lock of the file system's, shared)
until the file's row is committed; whoever removes files without a row holds it alone: nothing that is still to be known
is removed.
"""

import errno
import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from flexura.errors import ObjectDamaged, StorageFull, StorageUnavailable

_TEMPORARY = ".new-"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})  # of the disk, the user's share, the process's limit
_LOCKS = ".locks"  # one for the names of each of the 256 folders


def prepare_folder(folder: Path) -> None:
    """Make the 256 folders that files are spread over, once and durably.

    Parameters
    ----------
    folder : Path
        Of all objects; readable by its owner only.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / _LOCKS).mkdir(mode=0o700, exist_ok=True)
    missing = [place for place in (folder / f"{number:02x}" for number in range(256)) if not place.is_dir()]
    for place in missing:
        place.mkdir(mode=0o700, exist_ok=True)
    if missing:
        sync_folder(folder)
        sync_folder(folder.parent)


def write_object(folder: Path, name: str, content: bytes, *, unique: str) -> None:
    """Write a file so that it survives a power cut once this returns.

    Parameters
    ----------
    folder : Path
        Of all objects.
    name : str
        64 hexadecimal digits.
    content : bytes
        Encrypted.
    unique : str
        Set apart from every other writer's, so that two can write one name at once.

    Raises
    ------
    StorageFull
        When the disk is full; nothing is left behind.
    StorageUnavailable
        When the folder is gone (a disk that is not mounted), read-only or broken.
    """
    place = object_path(folder, name)
    fresh = place.with_name(f"{_TEMPORARY}{unique}")
    try:
        _write_synced(fresh, content)
        fresh.replace(place)
        sync_folder(place.parent)
    except OSError as error:
        with suppress(OSError):  # what cannot be removed now, `reconcile` removes
            fresh.unlink()
        raise _told(error) from error


@contextmanager
def hold_name(folder: Path, name: str) -> Iterator[None]:
    """Hold a name while its file is written and not yet known: nobody removes it meanwhile.

    Parameters
    ----------
    folder : Path
        Of all objects.
    name : str
        64 hexadecimal digits.

    Yields
    ------
    None
        While it is held, perhaps by others too.

    Raises
    ------
    StorageFull
        When the disk is full.
    StorageUnavailable
        When the folder is gone or read-only.
    """
    with _lock(folder, name[:2], fcntl.LOCK_SH):
        yield


@contextmanager
def hold_names_alone(folder: Path, beginning: str) -> Iterator[None]:
    """Hold all names with a beginning alone, once nobody writes any of them.

    Parameters
    ----------
    folder : Path
        Of all objects.
    beginning : str
        Two hexadecimal digits.

    Yields
    ------
    None
        While who wants to write one of them waits.

    Raises
    ------
    StorageFull
        When the disk is full.
    StorageUnavailable
        When the folder is gone or read-only.
    """
    with _lock(folder, beginning, fcntl.LOCK_EX):
        yield


@contextmanager
def _lock(folder: Path, beginning: str, kind: int) -> Iterator[None]:
    try:
        handle = os.open(folder / _LOCKS / beginning, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _told(error) from error
    try:
        fcntl.flock(handle, kind)
        yield
    finally:
        os.close(handle)  # which gives the lock back, as the end of the process does


def _told(error: OSError) -> StorageFull | StorageUnavailable:
    if error.errno in _FULL:
        return StorageFull("The disk is full; the photo was not stored.")
    return StorageUnavailable("The photos' folder cannot be written; the photo was not stored.")


def read_object(folder: Path, name: str) -> bytes:
    """Read a file.

    Parameters
    ----------
    folder : Path
        Of all objects.
    name : str
        64 hexadecimal digits.

    Returns
    -------
    bytes
        Encrypted.

    Raises
    ------
    ObjectDamaged
        When it is not there or cannot be read.
    """
    try:
        return object_path(folder, name).read_bytes()
    except OSError as error:
        raise ObjectDamaged("The file of a photo is not there or cannot be read.") from error


def remove_object(folder: Path, name: str) -> None:
    """Delete a file; one that is not there is deleted already."""
    place = object_path(folder, name)
    place.unlink(missing_ok=True)
    if place.parent.exists():
        sync_folder(place.parent)


def list_objects(folder: Path) -> Iterator[tuple[str, Path]]:
    """Name all files; left-overs of interrupted writes have an empty name.

    Parameters
    ----------
    folder : Path
        Of all objects.

    Yields
    ------
    tuple[str, Path]
        Name and place.
    """
    for path in sorted(folder.glob("??/*")):
        yield ("" if path.name.startswith(_TEMPORARY) else path.name), path


def hash_object(content: bytes) -> str:
    """Give the SHA-256 of a file as it lies on disk, 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def object_path(folder: Path, name: str) -> Path:
    """Give the place of a name: spread over 256 folders."""
    assert len(name) == 64 and name.isalnum(), "not the name of an object"  # noqa: PT018
    return folder / name[:2] / name


def sync_folder(folder: Path) -> None:
    """Make what was renamed or removed in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_synced(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
