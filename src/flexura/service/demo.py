"""A clinic to try: rendered patients who never existed, with visits of the last weeks, answered by the model in force.

The photos are rendered and the answers are real; the network never learned from rendered skin, so that its diagnosis is
often wrong and a visitor has something to correct. What clinicians wrote here is invented.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from flexura.clinical.ages import completed_months
from flexura.service import assessments, cases, patients
from flexura.service.auth import Caller
from flexura.service.clinic import Clinic
from flexura.service.forms import NewCase, Outcome, Person, Review
from flexura.storage.cases import add_photo, write_photo
from flexura.storage.store import Actor
from flexura.storage.tenants import create_tenant
from flexura.storage.users import PERSONS, add_user
from flexura.synthesis.render import render
from flexura.synthesis.spec import SkinSpec
from flexura.synthesis.write import SetConfig, encode

TENANT: Final = "clinic"
_COLLEAGUE: Final = "colleague"  # who never signs in; whose patient is there to break the glass for
_SIZE: Final = (384, 512)

_PEOPLE: Final[Mapping[str, tuple[str, date, str]]] = MappingProxyType(
    {  # number: name, born, sex
        "D-1001": ("Ada Render", date(1994, 3, 12), "female"),
        "D-1002": ("Ben Pixel", date(2019, 8, 2), "male"),
        "D-1003": ("Cleo Shader", date(1978, 11, 23), "female"),
        "D-1004": ("Dev Vertex", date(2003, 1, 30), "male"),
        "D-1005": ("Eva Raster", date(1961, 6, 7), "female"),
        "D-1006": ("Finn Texel", date(2022, 5, 19), "male"),
        "D-2001": ("Gus Voxel", date(1989, 9, 9), "male"),
    }
)


@dataclass(frozen=True)
class DemoVisit:
    """One visit: so many days ago, what was told, the skin that is rendered, and what a clinician then wrote."""

    number: str
    days_ago: int
    told: Mapping[str, Any]
    skin: SkinSpec | None = None
    review: Mapping[str, Any] | None = None
    outcome: str | None = None
    by: str = field(default="clinician")


def _skin(seed: int, *, tone: int, signs: tuple[int, ...], area: float) -> SkinSpec:
    return SkinSpec(seed=seed, tone=tone, signs=signs, area=area, size=_SIZE, framing="limb" if seed % 3 else "close")


_ECZEMA: Final = {"agrees": False, "diagnosis": "atopic_dermatitis", "note": "Typical course and site."}
_TRUNK: Final = {"site": "abdomen", "sites": ["abdomen"]}
_STEROID: Final = {"treatment": "topical_corticosteroid_moderate", "response": "improved"}
_POTENT: Final = {"treatment": "topical_corticosteroid_potent"}

# Oldest first.
VISITS: Final = (
    DemoVisit(
        "D-1001",
        84,
        _TRUNK
        | {
            "itch": 8,
            "sleep_loss": 7,
            "poem_items": [4, 4, 2, 2, 3, 4, 4],
            "treatments": [{"treatment": "emollient", "response": "unchanged"}],
        },
        _skin(30, tone=4, signs=(3, 2, 2, 2, 1, 2), area=0.55),
        review=_ECZEMA,
    ),
    DemoVisit(
        "D-1001",
        42,
        _TRUNK | {"itch": 4, "sleep_loss": 2, "poem_items": [3, 1, 1, 0, 1, 3, 3], "treatments": [_STEROID]},
        _skin(30, tone=4, signs=(2, 1, 1, 1, 0, 1), area=0.25),
        review=_ECZEMA,
        outcome="Less itch since treatment began; sleeps through.",
    ),
    DemoVisit(
        "D-1005",
        21,
        {"site": "left_hand_back", "itch": 5, "duration_days": 120, "occupational_exposures": ["wet_work"]},
        _skin(29, tone=8, signs=(2, 1, 1, 2, 0, 2), area=0.3),
        review={"agrees": False, "diagnosis": "contact_dermatitis", "note": "Cleaner; patch test arranged."},
        outcome="Patch test positive to thiuram mix.",
    ),
    DemoVisit("D-2001", 9, {"site": "neck", "itch": 3}, by=_COLLEAGUE),
    DemoVisit(
        "D-1004",
        6,
        {"site": "left_antecubital_fossa", "itch": 6, "course": "relapsing"},
        _skin(25, tone=6, signs=(2, 1, 2, 1, 0, 1), area=0.3),
    ),
    DemoVisit(
        "D-1003",
        2,
        {"site": "right_lower_leg", "itch": 6, "treatments": [_POTENT]},
        _skin(23, tone=10, signs=(2, 1, 2, 2, 1, 2), area=0.35),
    ),
    DemoVisit(
        "D-1002",
        1,
        {"site": "right_antecubital_fossa", "itch": 7, "sleep_loss": 5, "atopy_family": ["asthma"]},
        _skin(22, tone=3, signs=(2, 2, 2, 1, 1, 2), area=0.35),
    ),
    DemoVisit(
        "D-1001",
        0,
        _TRUNK | {"itch": 1, "sleep_loss": 0, "poem_items": [1, 0, 0, 0, 0, 1, 1], "treatments": [_STEROID]},
        _skin(30, tone=4, signs=(1, 0, 0, 0, 0, 1), area=0.06),
    ),
    DemoVisit("D-1006", 0, {"site": "face", "itch": 4}),
)


def fill_demo(clinic: Clinic, password: str) -> None:
    """Fill an empty store with the demo's people and visits.

    Parameters
    ----------
    clinic : Clinic
        Its store's clock says what today is; its assessor answers.
    password : str
        Of every user: see `PERSONS` for the names.
    """
    create_tenant(clinic.store, TENANT)
    users = {_COLLEAGUE: Actor(TENANT, _COLLEAGUE, "clinician")}
    with clinic.store.visit(Actor(TENANT, "console", "administrator")) as visit:
        for role in PERSONS:
            users[role] = Actor(TENANT, add_user(visit, role, role, password, cost=clinic.hash_cost), role)
    now, admitted = clinic.store.clock(), dict[str, str]()
    for told in VISITS:
        moment = now - timedelta(days=told.days_ago, minutes=len(VISITS) - VISITS.index(told))
        _play(_at(clinic, moment), told, Caller(users[told.by]), admitted)


def _at(clinic: Clinic, moment: datetime) -> Clinic:
    return replace(clinic, store=replace(clinic.store, clock=lambda: moment))


def _play(clinic: Clinic, told: DemoVisit, caller: Caller, admitted: dict[str, str]) -> None:
    """One visit, through the same functions as the interface's."""
    name, born, sex = _PEOPLE[told.number]
    now = clinic.store.clock()
    today = now.date()
    if told.number not in admitted:
        person = Person(number=told.number, name=name, born=born)
        admitted[told.number] = patients.create_patient(person, caller, clinic).id
    age = completed_months(born, today) // 12
    context = {"age_years": age, "sex": sex, "captured_at": now.isoformat(), **told.told}
    case = cases.create_case(admitted[told.number], NewCase(context=context), caller, clinic).id
    if told.skin is not None:
        content = encode(render(told.skin).pixels, SetConfig())
        with (
            write_photo(clinic.store, caller.actor, case, content) as written,
            clinic.store.visit(caller.actor) as visit,
        ):
            photo = add_photo(visit, written)
        answer = assessments.assess_now(case, photo, caller, clinic)
        if told.review is not None:
            cases.write_review(case, Review(assessment=answer.id, **told.review), caller, clinic)
    if told.outcome is not None:
        cases.record_outcome(case, Outcome(observed_on=today, note=told.outcome), caller, clinic)
