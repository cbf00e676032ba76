"""Who may do what: one table of verbs by roles, read by `permit` and by the tests; and breaking the glass.

A patient's care team owns the patient's data. A clinician outside it may break the glass: with a reason, a fresh
second factor, for an hour at most, in view of everybody. Role and reason of a permission go into the audit log.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from flexura.errors import Forbidden, GlassUnbroken
from flexura.security.sessions import is_fresh
from flexura.security.verbs import VERBS


class Scope(StrEnum):
    """Whose data a role may touch with a verb."""

    NO = "no"
    OWN = "own"  # of patients in whose care team the user is
    ALL = "all"  # of every patient of the tenant, or what belongs to no patient
    DEIDENTIFIED = "deidentified"  # of every patient, never with what identifies one


ROLES: Final = ("clinician", "nurse", "researcher", "auditor", "administrator", "worker", "device")
PROGRAMS: Final = frozenset({"worker", "device"})  # nobody signs in as one of these

_NO, _OWN, _ALL, _DE = Scope.NO, Scope.OWN, Scope.ALL, Scope.DEIDENTIFIED
_CARE: Final = "care team only: minimum necessary, 45 CFR 164.502(b)"
_HANDED_IN: Final = f"{_CARE}; a device hands in and sees nothing"
_DUTY: Final = "separation of duties: 45 CFR 164.308(a)(3)-(4)"

# Per verb: the scope of each role in the order of ROLES, and why.
_TABLE: Final[Mapping[str, tuple[tuple[Scope, ...], str]]] = MappingProxyType(
    {
        "patient.create": ((_ALL, _ALL, _NO, _NO, _NO, _NO, _NO), "whoever admits a patient joins the care team"),
        "patient.find": ((_ALL, _ALL, _NO, _NO, _NO, _NO, _ALL), "finds by exact number only, to avoid doubles"),
        "patient.read": ((_OWN, _OWN, _NO, _NO, _NO, _NO, _NO), _CARE),
        "patient.update": ((_OWN, _OWN, _NO, _NO, _NO, _NO, _NO), _CARE),
        "patient.delete": ((_NO, _NO, _NO, _NO, _ALL, _NO, _NO), _DUTY),
        "patient.export": ((_OWN, _NO, _NO, _NO, _NO, _NO, _NO), "the patient's right of access: 45 CFR 164.524"),
        "case.create": ((_OWN, _OWN, _NO, _NO, _NO, _NO, _ALL), _HANDED_IN),
        "case.read": ((_OWN, _OWN, _NO, _NO, _NO, _ALL, _NO), _CARE),
        "photo.add": ((_OWN, _OWN, _NO, _NO, _NO, _NO, _ALL), _HANDED_IN),
        "photo.check": ((_OWN, _OWN, _NO, _NO, _NO, _NO, _NO), _CARE),
        "photo.read": ((_OWN, _OWN, _NO, _NO, _NO, _ALL, _NO), _CARE),
        "assessment.request": ((_OWN, _OWN, _NO, _NO, _NO, _NO, _NO), _CARE),
        "assessment.run": ((_NO, _NO, _NO, _NO, _NO, _ALL, _NO), "only the program writes what the model answered"),
        "assessment.read": ((_OWN, _OWN, _NO, _NO, _NO, _ALL, _NO), _CARE),
        "review.write": ((_OWN, _NO, _NO, _NO, _NO, _NO, _NO), "a clinician signs"),
        "review.read": ((_OWN, _OWN, _NO, _NO, _NO, _ALL, _NO), _CARE),
        "outcome.record": ((_OWN, _OWN, _NO, _NO, _NO, _NO, _NO), _CARE),
        "outcome.read": ((_OWN, _OWN, _NO, _NO, _NO, _ALL, _NO), _CARE),
        "research.export": ((_NO, _NO, _DE, _NO, _NO, _NO, _NO), "de-identified only: 45 CFR 164.514(a)-(b)"),
        "research.reidentify": (
            (_NO, _NO, _NO, _NO, _ALL, _NO, _NO),
            "by the clinic, never the researcher: 45 CFR 164.514(c)",
        ),
        "monitoring.run": ((_NO, _NO, _NO, _ALL, _ALL, _NO, _NO), "counts and figures of all patients, nobody's data"),
        "monitoring.read": ((_NO, _NO, _NO, _NO, _NO, _ALL, _NO), "only the program reads what it counts"),
        "model.adopt": ((_NO, _NO, _NO, _NO, _ALL, _NO, _NO), "a person signs which model answers"),
        "care.assign": ((_OWN, _NO, _NO, _NO, _ALL, _NO, _NO), _DUTY),
        "glass.break": ((_ALL, _NO, _NO, _NO, _NO, _NO, _NO), "emergency access: 45 CFR 164.312(a)(2)(ii)"),
        "glass.review": ((_NO, _NO, _NO, _ALL, _NO, _NO, _NO), _DUTY),
        "audit.read": ((_NO, _NO, _NO, _ALL, _NO, _NO, _NO), "audit controls: 45 CFR 164.312(b)"),
        "audit.verify": ((_NO, _NO, _NO, _ALL, _ALL, _NO, _NO), "audit controls: 45 CFR 164.312(b)"),
        "user.manage": ((_NO, _NO, _NO, _NO, _ALL, _NO, _NO), _DUTY),
        "metrics.read": ((_NO, _NO, _NO, _NO, _ALL, _NO, _NO), "whoever runs the machine; no patient data is in them"),
        "session.open": ((_ALL, _ALL, _ALL, _ALL, _ALL, _NO, _NO), "every person signs in: 45 CFR 164.312(d)"),
        "session.close": ((_ALL, _ALL, _ALL, _ALL, _ALL, _NO, _NO), "every person signs out"),
        "passkey.add": ((_ALL, _ALL, _ALL, _ALL, _ALL, _NO, _NO), "every person has their own: 45 CFR 164.312(d)"),
        "passkey.remove": ((_ALL, _ALL, _ALL, _ALL, _ALL, _NO, _NO), "their own; an administrator all of a user's"),
        "passkey.ask": ((_ALL, _ALL, _ALL, _ALL, _ALL, _NO, _NO), "every person signs in: 45 CFR 164.312(d)"),
        "passkey.use": ((_ALL, _ALL, _ALL, _ALL, _ALL, _NO, _NO), "every person signs in: 45 CFR 164.312(d)"),
        "key.rotate": ((_NO, _NO, _NO, _NO, _ALL, _NO, _NO), _DUTY),
        "backup.make": ((_NO, _NO, _NO, _NO, _ALL, _NO, _NO), _DUTY),
    }
)

GRANTS: Final[Mapping[tuple[str, str], Scope]] = MappingProxyType(
    {(role, verb): scope for verb, (scopes, _) in _TABLE.items() for role, scope in zip(ROLES, scopes, strict=True)}
)
REASONS: Final[Mapping[str, str]] = MappingProxyType({verb: reason for verb, (_, reason) in _TABLE.items()})

# What breaking the glass opens: looking at a patient of others, nothing else.
GLASS_OPENS: Final = frozenset(verb for verb in VERBS if VERBS[verb].reads and GRANTS["clinician", verb] is Scope.OWN)
_GLASS_WAIT: Final = timedelta(hours=1)
_MIN_REASON_LETTERS: Final = 10


@dataclass(frozen=True)
class BrokenGlass:
    """One clinician's emergency access to one patient, until it closes."""

    user: str
    patient: str
    reason: str = field(repr=False)
    opened_at: datetime
    closes_at: datetime

    def opens(self, user: str, patient: str, *, now: datetime) -> bool:
        """Whether this opens that patient to that user now."""
        return (user, patient) == (self.user, self.patient) and self.opened_at <= now < self.closes_at


def permit(role: str, verb: str, *, owns: bool = False, glass: bool = False) -> Scope:
    """Say with which scope a role may use a verb now, or refuse.

    Parameters
    ----------
    role : str
        One of `ROLES`.
    verb : str
        A row of `VERBS`.
    owns : bool
        Whether the user is in the patient's care team.
    glass : bool
        Whether the user has broken the glass for this patient, and it is still open.

    Returns
    -------
    Scope
        Never `Scope.NO`. With `Scope.DEIDENTIFIED`, nothing that identifies may be shown.

    Raises
    ------
    Forbidden
        When the table, or the care team, does not allow it; also for a role or verb that it does not know.

    Examples
    --------
    >>> permit("nurse", "photo.add", owns=True).value
    'own'
    """
    scope = GRANTS.get((role, verb), Scope.NO)
    opened = glass and verb in GLASS_OPENS and GRANTS.get((role, "glass.break"), Scope.NO) is not Scope.NO
    if scope is Scope.NO or (scope is Scope.OWN and not owns and not opened):
        raise Forbidden(f"The role {role if role in ROLES else '(unknown)'} may not do this here.")
    return scope


def break_glass(
    user: str, patient: str, reason: str, *, second_factor_at: datetime | None, now: datetime
) -> BrokenGlass:
    """Open one patient of others to a clinician for an hour.

    Parameters
    ----------
    user : str
        The clinician's id.
    patient : str
        The patient's id.
    reason : str
        At least 10 letters; the reviewer reads it.
    second_factor_at : datetime | None
        When the user last gave a second factor; `None` for never.
    now : datetime
        With its zone.

    Returns
    -------
    BrokenGlass
        To be stored, audited as glass.break, alerted and reviewed.

    Raises
    ------
    GlassUnbroken
        Without a real reason, or without a second factor of the last five minutes.
    """
    if sum(letter.isalpha() for letter in reason) < _MIN_REASON_LETTERS:
        raise GlassUnbroken(f"Emergency access needs a reason of at least {_MIN_REASON_LETTERS} letters.")
    if not is_fresh(second_factor_at, now=now):
        raise GlassUnbroken("Emergency access needs a sign-in with the second factor within the last five minutes.")
    return BrokenGlass(user, patient, reason, opened_at=now, closes_at=now + _GLASS_WAIT)
