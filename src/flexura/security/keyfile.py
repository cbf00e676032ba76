"""The file of the master keys: readable by its owner only, written whole or not at all; other secrets' files too."""

import os
import stat
from pathlib import Path
from typing import Final

from flexura.errors import KeyMissing, KeyUnfit, OutputUnwritable
from flexura.security.keys import KeyRing, parse_keys, write_keys

_OWNER_ONLY: Final = 0o600
_MAX_BYTES: Final = 65536


def read_key_file(path: Path) -> KeyRing:
    """Read the master keys, if nobody but the owner can.

    Parameters
    ----------
    path : Path
        A regular file of this process's user or of root.

    Returns
    -------
    KeyRing
        The current key and the earlier ones.

    Raises
    ------
    KeyMissing
        When the file is not there or holds no key.
    KeyUnfit
        When others may read or write it, it belongs to someone else, or it holds an unfit key.
    """
    return parse_keys(read_private(path, "the master keys", advice="make one with `flexura admin key create`"))


def read_private(path: Path, what: str, *, advice: str) -> str:
    """Read a secret, if nobody but the owner can.

    Parameters
    ----------
    path : Path
        A regular file of this process's user or of root.
    what : str
        What is in it, for messages.
    advice : str
        What to do if it is not there.

    Returns
    -------
    str
        Its text, of 64 KiB at most.

    Raises
    ------
    KeyMissing
        When the file is not there.
    KeyUnfit
        When others may read or write it, or it belongs to someone else.
    """
    try:
        with path.open("rb") as file:
            # Of the opened file, not of its path: nobody can swap it between look and use.
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_mode & 0o077 or status.st_uid not in {os.geteuid(), 0}:
                raise KeyUnfit(f"Others can read or change the file of {what}; own it and `chmod 600` it.")
            return file.read(_MAX_BYTES).decode("utf-8", errors="replace")
    except OSError as error:
        raise KeyMissing(f"The file of {what} cannot be opened; {advice}.") from error


def create_key_file(path: Path, ring: KeyRing) -> None:
    """Write a new key file; an existing one is never touched.

    Parameters
    ----------
    path : Path
        Where nothing is yet; its folder exists.
    ring : KeyRing
        The keys.

    Raises
    ------
    OutputUnwritable
        When something is there already or the folder cannot be written.
    """
    try:
        _write(path, write_keys(ring))
        _sync_folder(path.parent)
    except OSError as error:
        message = "The key file cannot be made: something is there already, or the folder cannot be written."
        raise OutputUnwritable(message) from error


def replace_key_file(path: Path, ring: KeyRing) -> None:
    """Put a key file in the place of another in one step: after a crash there is the old one or the new one.

    Parameters
    ----------
    path : Path
        The key file.
    ring : KeyRing
        The keys it shall hold.

    Raises
    ------
    OutputUnwritable
        When the folder cannot be written.
    """
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.unlink(missing_ok=True)
        _write(fresh, write_keys(ring))
        fresh.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise OutputUnwritable("The key file cannot be written; check its folder's rights and space.") from error


def _write(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
