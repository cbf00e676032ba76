"""Passwords as argon2id hashes, and what a new one must be.

Unknown users cost as much time as known ones (`waste_time`), so that timing does not tell who has an account.
"""

import unicodedata
from dataclasses import dataclass
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from flexura.errors import PasswordUnfit

# NIST SP 800-63B, doi:10.6028/NIST.SP.800-63B, 5.1.1.2: a minimum length, no composition rules, no known bad ones.
_MIN_LETTERS: Final = 12
_MAX_LETTERS: Final = 256
_MIN_DISTINCT: Final = 5
_KNOWN_BAD: Final = (
    "password", "passwort", "qwerty", "123456", "letmein", "welcome", "iloveyou", "admin", "flexura", "changeme",
)  # fmt: skip


@dataclass(frozen=True)
class HashCost:
    """What one hash costs: RFC 9106 section 4, the second recommended choice."""

    passes: int = 3
    memory_kib: int = 65536
    lanes: int = 4


USUAL_COST: Final = HashCost()


def hash_password(password: str, cost: HashCost = USUAL_COST, *, user_name: str = "") -> str:
    """Hash a new password, if it is fit.

    Parameters
    ----------
    password : str
        12 to 256 characters.
    cost : HashCost
        What one hash costs.
    user_name : str
        The sign-in name, which the password may not contain.

    Returns
    -------
    str
        The hash with its salt and cost, in PHC form.

    Raises
    ------
    PasswordUnfit
        When it is too short, too long, or made of a name, a well-known password or few different characters.

    References
    ----------
    RFC 9106, Argon2.
    """
    _check_fit(password, user_name)
    return _hasher(cost).hash(_normal(password))


def verify_password(password: str, hashed: str, cost: HashCost = USUAL_COST) -> bool:
    """Compare a password with its hash.

    Parameters
    ----------
    password : str
        As it was typed.
    hashed : str
        From `hash_password`.
    cost : HashCost
        The hash knows its own; this one only names the kind.

    Returns
    -------
    bool
        False also for a hash that is none.
    """
    try:
        return _hasher(cost).verify(hashed, _normal(password))
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(hashed: str, cost: HashCost = USUAL_COST) -> bool:
    """Tell whether a hash should be made anew, at the next sign-in, because the cost has changed."""
    return _hasher(cost).check_needs_rehash(hashed)


def waste_time(cost: HashCost = USUAL_COST) -> None:
    """Spend the time of one verification, for a user who does not exist."""
    _hasher(cost).hash("no password at all")


def _hasher(cost: HashCost) -> PasswordHasher:
    return PasswordHasher(cost.passes, cost.memory_kib, cost.lanes, type=Type.ID)


def _normal(password: str) -> str:
    """One form for characters that keyboards write in two ways."""
    return unicodedata.normalize("NFKC", password)


def _check_fit(password: str, user_name: str) -> None:
    if not _MIN_LETTERS <= len(password) <= _MAX_LETTERS:
        raise PasswordUnfit(f"A password has {_MIN_LETTERS} to {_MAX_LETTERS} characters.")
    lowered = password.casefold()
    bad = [word for word in (*_KNOWN_BAD, user_name.casefold()) if word and word in lowered]
    # What is left when the well-known words are taken out must be a password by itself.
    for word in bad:
        lowered = lowered.replace(word, "")
    if len(set(lowered)) < _MIN_DISTINCT or (bad and len(lowered) < _MIN_LETTERS):
        raise PasswordUnfit("This password is easy to guess; take several unrelated words.")
