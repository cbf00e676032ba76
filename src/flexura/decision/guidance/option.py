"""One row of the tables of guidance: what it offers, to whom, how strongly, and who says so."""

from dataclasses import dataclass
from typing import Final, Literal

from flexura.decision.guidance.guidelines import Guideline
from flexura.decision.guidance.situation import FACTS, Infection, Pregnancy, Severity, Site, Situation

Kind = Literal["basics", "topical", "infection", "systemic", "maintenance", "referral"]

OLDEST: Final = 200.0  # no upper end
ANY_AGE: Final = (0.0, OLDEST)
ATOPIC: Final = ("atopic_dermatitis", "eczema_unspecified")
HAND_ECZEMAS: Final = (*ATOPIC, "contact_dermatitis", "dyshidrotic_eczema")
HAND_ECZEMA_FROM_YEARS: Final = 12.0  # the youngest that a row for hand eczema of any kind is meant for
# No child is carried or fed by the patient.
NOT_CARRYING: Final[tuple[Pregnancy, ...]] = ("not_pregnant", "wish_to_father")
ACTIVE: Final[tuple[Severity, ...]] = ("mild", "moderate", "severe")

SITE_WORDS: Final = {
    "face_neck": "face or neck",
    "genital_fold": "armpit, groin or genitals",
    "flexure": "bend of elbow or knee",
    "hands": "hands",
    "body": "body",
}
INFECTION_WORDS: Final = {
    "none": "no sign of infection",
    "suspected": "signs of infection",
}


@dataclass(frozen=True)
class Where:
    """For whom a row is meant; an empty tuple asks nothing. Ages from the first up to below the second, in years.

    No row asks for infection with malaise: beside its red flag there is no guidance.
    """

    severities: tuple[Severity, ...] = ()
    ages: tuple[float, float] = ANY_AGE
    sites: tuple[Site, ...] = ()
    pregnancies: tuple[Pregnancy, ...] = ()
    infections: tuple[Infection, ...] = ()
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    diagnoses: tuple[str, ...] = ATOPIC

    def holds(self, situation: Situation) -> bool:
        """Whether everything that the row asks for is known and fits."""
        return (
            situation.diagnosis in self.diagnoses
            and (not self.severities or situation.severity in self.severities)
            and (self.ages == ANY_AGE or self._of_age(situation.age_years))
            and (not self.sites or situation.site in self.sites)
            and (not self.pregnancies or situation.pregnancy in self.pregnancies)
            and (not self.infections or situation.infection in self.infections)
            and situation.facts.issuperset(self.needs)
            and situation.facts.isdisjoint(self.unless)
        )

    def _of_age(self, age: float | None) -> bool:
        return age is not None and self.ages[0] <= age < self.ages[1]

    @property
    def words(self) -> str:
        """What the row asks for, for the page of tables."""
        parts = [
            " or ".join(self.severities),
            _age_words(self.ages),
            " or ".join(SITE_WORDS[site] for site in self.sites),
            " or ".join(state.replace("_", " ") for state in self.pregnancies),
            " or ".join(INFECTION_WORDS[state] for state in self.infections),
            *(FACTS[fact].words for fact in self.needs),
            *(f"not where {FACTS[fact].words}" for fact in self.unless),
        ]
        kinds = "" if self.diagnoses == ATOPIC else "also contact and dyshidrotic eczema"
        return "; ".join(part for part in (*parts, kinds) if part) or "everyone"

    def because(self, situation: Situation) -> str:
        """What of the situation makes the row apply, in words."""
        parts = [
            situation.severity if self.severities and situation.severity else "",
            _years(situation.age_years) if self.ages != ANY_AGE and situation.age_years is not None else "",
            SITE_WORDS[situation.site] if self.sites and situation.site else "",
            situation.pregnancy.replace("_", " ") if self.pregnancies and situation.pregnancy else "",
            INFECTION_WORDS[situation.infection] if self.infections else "",
            *(FACTS[fact].words for fact in self.needs),
        ]
        return ", ".join(part for part in parts if part) or "eczema"


def _age_words(ages: tuple[float, float]) -> str:
    first, below = ages
    if ages == ANY_AGE:
        return ""
    if below == OLDEST:
        return f"from {_years(first)}"
    return f"under {_years(below)}" if first == 0 else f"{first:g} to under {_years(below)}"


def _years(age: float) -> str:
    """An age in completed years, in months below two; under a year a fraction may be asked for."""
    return f"{int(age * 12 + 1e-6)} months" if age < 2 else f"{int(age)} years"


@dataclass(frozen=True)
class Option:
    """One line of a guideline.

    Rows of one topic stand together. `offers` are the treatments that the line puts forward, by the names of
    `exclusions`; a line that only advises offers none.
    """

    code: str
    kind: Kind
    topic: str
    text: str
    strength: str
    source: Guideline
    where: Where
    offers: tuple[str, ...] = ()
