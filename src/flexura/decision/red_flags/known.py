"""What the rules of the red flags look at, and those rules that need more than one word told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from flexura.decision.guidance.situation import FACTS
from flexura.records import Area, PatientContext

# A probability from which a dangerous disease is worth a look; figures in docs/guidance.md. Ours.
WORTH_A_LOOK: Final = 0.25
# Erythroderma: more than 90 % of the body surface (Cuellar-Barboza 2018, Actas Dermosifiliogr 109:777-790).
_ERYTHRODERMA_PERCENT: Final = 90
# Patches that have stayed for half a year despite treatment. Ours.
LASTING_DAYS: Final = 182
# NICE NG12: refer from 3 points of the weighted 7-point checklist.
CHECKLIST_LIMIT: Final = 3

PAIN: Final = ("pain", "burning")
RAW_MUCOSA: Final = ("eroded_mucosa", "mouth_sores")


@dataclass(frozen=True)
class Known:
    """All that the rules look at: context, findings by code, calibrated probabilities by code, affected area."""

    context: PatientContext = field(repr=False)
    findings: Mapping[str, bool | None] = field(repr=False)
    probabilities: Mapping[str, float]
    eczema: float
    area: Area

    def told(self, *words: str) -> bool:
        """Whether any of these was told as a warning sign or a symptom."""
        told = {*(self.context.warning_signs or ()), *(self.context.symptoms or ())}
        return not told.isdisjoint(words)

    def found(self, code: str) -> bool:
        """Whether a finding is present."""
        return self.findings.get(code) is True

    def probable(self, code: str) -> bool:
        """Whether a diagnosis is worth a look."""
        return self.probabilities.get(code, 0.0) >= WORTH_A_LOOK


def eczema_known(known: Known) -> bool:
    """Whether there is eczema to be infected: confirmed, in the history, or worth a look."""
    history = "atopic_dermatitis" in (known.context.atopy_self or ())
    return history or known.context.confirmed_diagnosis is not None or known.eczema >= WORTH_A_LOOK


def red_all_over(known: Known) -> bool:
    """Whether nine tenths of the body surface are affected."""
    percent, area = known.context.body_surface_percent, known.area.interval
    if percent is not None and percent >= _ERYTHRODERMA_PERCENT:
        return True
    whole = known.context.site == "whole_body" and known.found("red")
    return whole and area is not None and 100 * area[0] >= _ERYTHRODERMA_PERCENT


def resists(known: Known) -> bool:
    """Whether patches of an adult have lasted and a topical corticosteroid did not help."""
    days = known.context.duration_days
    adult = known.context.age_years is None or known.context.age_years >= 18
    return adult and days is not None and days >= LASTING_DAYS and FACTS["topical_failed"].holds(known.context)


def checklist_points(known: Known) -> int:
    """Points of the weighted 7-point checklist, of what was told or seen; what was not counts as 0.

    Parameters
    ----------
    known : Known
        What is known.

    Returns
    -------
    int
        0 to 10: 2 each for change in size, irregular shape, irregular colour; 1 each for 7 mm or more,
        inflammation, oozing, change in sensation.

    References
    ----------
    NICE NG12 (2015, updated), weighted 7-point checklist.
    """
    itching = known.context.itch is not None and known.context.itch > 0
    major = (
        known.told("increasing_size"),
        known.told("irregular_shape"),
        known.told("irregular_colour") or known.found("uneven_colour"),
    )
    minor = (
        known.told("wider_than_7_mm"),
        known.found("red"),
        known.found("oozing") or known.told("bleeding"),
        itching or known.told(*PAIN),
    )
    return 2 * sum(major) + sum(minor)


def melanoma_like(known: Known) -> bool:
    """Whether a pigmented lesion or probable growth reaches the checklist's limit."""
    lesion = known.told("pigmented_lesion") or known.probable("growth")
    return lesion and checklist_points(known) >= CHECKLIST_LIMIT
