"""What requests and answers look like: one pydantic model each, with an example for the description of the interface.

Unknown fields are refused. Models hide their content in `repr`.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from flexura.clinical.outlines import parse_outline
from flexura.decision.taxonomy import TAXONOMY

_ID = "4f1c0a7be2d84f6b9a3d5c7e8f901234"
_CODES = tuple(label.code for label in TAXONOMY)

Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$"), Field(examples=[_ID])]
PLAIN = r"^[^\x00-\x1f]*$"  # what databases take as text: PostgreSQL knows no NUL
TokenId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=PLAIN)]
_Sign = Literal["erythema", "oedema_papulation", "excoriation", "lichenification", "oozing_crusting", "dryness"]
_Text = Annotated[str, StringConstraints(max_length=4000)]


class Form(BaseModel):
    """A model that takes nothing unknown and shows nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def __repr__(self) -> str:
        """Hide all of it."""
        return f"{type(self).__name__}(...)"

    __str__ = __repr__


class NameAndPassword(Form):
    """What a person knows."""

    name: Annotated[str, Field(max_length=128, pattern=PLAIN, examples=["maria"])]
    password: Annotated[str, Field(max_length=256, examples=["seven green ladders"])]
    tenant: Annotated[str, Field(max_length=64, pattern=PLAIN, examples=["clinic"])] = "clinic"


class SignIn(NameAndPassword):
    """What a person shows to be let in: with a second factor, a code or what a passkey answered (docs/api.md)."""

    code: Annotated[str | None, Field(max_length=16, examples=["492039"])] = None
    passkey: Annotated[dict[str, Any] | None, Field(examples=[None])] = None


class SignedIn(Form):
    """That somebody is signed in; the session itself is in the cookie."""

    csrf_token: Annotated[str, Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])]


class Myself(Form):
    """Who asks; with the counter-token of a session, for a page that was loaded anew."""

    user: Id
    role: Annotated[str, Field(examples=["clinician"])]
    csrf_token: str | None


class Made(Form):
    """The id of what was made."""

    id: Id


class MadePhotos(Made):
    """The ids of photos that were stored, in the order of their files; `id` is the first."""

    ids: list[Id]


class Number(Form):
    """A patient's number in the clinic."""

    number: Annotated[_Line, Field(examples=["MRN-4711"])]


class Person(Number):
    """Who a patient is."""

    name: Annotated[_Line, Field(examples=["Jane Doe"])]
    born: Annotated[date | None, Field(examples=["2019-05-04"])] = None


class Patient(Person):
    """A patient."""

    id: Id


class Patients(Form):
    """A page of patients; `next` is the `after` of the page that follows, `null` on the last."""

    items: list[Patient]
    next: Id | None


class Found(Form):
    """The patient of a number, if there is one."""

    id: Id | None


class NewCase(Form):
    """What is known of the patient; docs/context.md lists the fields."""

    context: Annotated[dict[str, Any], Field(examples=[{"age_years": 6, "itch": 7, "site": "left_forearm"}])] = {}


class Case(Form):
    """A case with the ids of its photos."""

    id: Id
    patient: Id
    created_by: str
    created_at: datetime
    context: dict[str, Any]
    photos: list[Id]


class Cases(Form):
    """A page of a patient's cases, their ids, oldest first; `next` is the `after` of the page that follows."""

    items: list[Id]
    next: Id | None


class Record(Form):
    """An assessment, review or outcome; `about` is the photo of an assessment, the assessment of a review."""

    id: Id
    about: Id | None
    created_by: str
    created_at: datetime
    document: dict[str, Any]


class Records(Form):
    """A page of what was written of a case, oldest first; `next` is the `after` of the page that follows."""

    items: list[Record]
    next: Id | None


def _known_code(code: str | None) -> str | None:
    if code is not None and code not in _CODES:
        raise ValueError("no code of the taxonomy")
    return code


def _known_outline(text: str | None) -> str | None:
    if text is not None:
        parse_outline(text)
    return text


# Why an answer is corrected; what was corrected, too, is among the fields.
CorrectionReason = Literal[
    "wrong_diagnosis", "wrong_signs", "wrong_outline", "missed_red_flag", "misleading_photo", "context_was_missing"
]


class Review(Form):
    """What a clinician says to an assessment: that it is right, or what is right instead and why.

    `signs` grades some of the six signs; `outline` is the affected skin as drawn, WIDTHxHEIGHT:RUNS (docs/api.md).
    """

    assessment: Id
    agrees: bool
    diagnosis: Annotated[str | None, Field(examples=["contact_dermatitis"])] = None
    iga: Annotated[int | None, Field(ge=0, le=4)] = None
    signs: Annotated[dict[_Sign, Annotated[int, Field(ge=0, le=3)]], Field(examples=[{"erythema": 2}])] = {}
    reasons: Annotated[list[CorrectionReason], Field(max_length=6, examples=[["wrong_diagnosis"]])] = []
    outline: Annotated[str | None, Field(max_length=60_000, examples=["4x2:1,2,5"])] = None
    note: _Text = ""

    _code = field_validator("diagnosis")(_known_code)
    _runs = field_validator("outline")(_known_outline)


class Outcome(Form):
    """What became of a case; IGA as it was graded then, and the points of POEM's seven answers."""

    observed_on: Annotated[date, Field(examples=["2026-04-01"])]
    diagnosis: Annotated[str | None, Field(examples=["atopic_dermatitis"])] = None
    iga: Annotated[int | None, Field(ge=0, le=4)] = None
    poem_items: Annotated[list[Annotated[int, Field(ge=0, le=4)]] | None, Field(min_length=7, max_length=7)] = None
    note: _Text = ""

    _code = field_validator("diagnosis")(_known_code)


class ExportedCase(Case):
    """A case with all that was written of it."""

    assessments: list[Record]
    reviews: list[Record]
    outcomes: list[Record]


class Export(Form):
    """All of a patient; the photos' files are fetched by their ids."""

    format: Literal["flexura.export/1"] = "flexura.export/1"
    exported_at: datetime
    patient: Patient
    cases: list[ExportedCase]


class Emergency(Form):
    """Why the glass is broken; at least ten letters, for the auditor who reviews it."""

    reason: Annotated[str, Field(min_length=10, max_length=1000, examples=["Seizure in the emergency room"])]


class OpenedEmergency(Form):
    """Until when the patient's data may be looked at."""

    closes_at: datetime


class Reason(Form):
    """One reason among several."""

    code: str
    message: str


class FieldFault(Form):
    """One field of a request that is wrong."""

    field: Annotated[str, Field(examples=["name"])]
    fault: Annotated[str, Field(examples=["missing"])]


class Problem(Form):
    """An error, as RFC 9457 has it; `code` is stable and the command line's."""

    type: Annotated[str, Field(examples=["urn:flexura:problem:not_stored"])]
    title: Annotated[str, Field(examples=["There is no such record, or none that this tenant has."])]
    status: Annotated[int, Field(examples=[404])]
    detail: Annotated[str, Field(examples=["There is no such record here."])]
    code: Annotated[str, Field(examples=["not_stored"])]
    reasons: list[Reason] | None = None
    red_flags: list[str] | None = None
    fields: list[FieldFault] | None = None


class Job(Form):
    """Where an assessment that was asked for stands; `assessment` is its id once done, `problem` why it failed.

    `code` stands alone where no worker lived to say more (`worker_died`).
    """

    id: Id
    case: Id
    photo: Id
    state: Annotated[Literal["queued", "running", "done", "failed", "cancelled"], Field(examples=["done"])]
    attempt: Annotated[int, Field(examples=[1])]
    assessment: Id | None
    code: Annotated[str | None, Field(examples=[None])]
    problem: Problem | None


_Role = Annotated[Literal["clinician", "nurse", "researcher", "auditor", "administrator"], Field(examples=["nurse"])]


class User(Form):
    """Somebody who may sign in, unless locked out; or a device, which may send, unless locked out."""

    id: Id
    name: str
    role: _Role | Literal["device"]
    codes: bool
    passkeys: int
    created_at: datetime
    disabled_at: datetime | None


class Users(Form):
    """A page of users; `next` is the `after` of the page that follows, `null` on the last."""

    items: list[User]
    next: Id | None


class NewUser(Form):
    """Who is to be let in; with `codes`, one-time codes are asked for at every sign-in."""

    name: Annotated[_Line, Field(max_length=128, examples=["jose"])]
    role: _Role
    password: Annotated[str, Field(max_length=256, examples=["nine copper kettles"])]
    codes: bool = True


class MadeUser(Made):
    """A new user; `code_uri` is for the authenticator app and holds its secret, told once."""

    code_uri: str | None


class NewRole(Form):
    """The role that a user has from now on."""

    role: _Role


class NewToken(Form):
    """The verbs that a token is good for, and for how many days."""

    scopes: Annotated[list[str], Field(min_length=1, max_length=64, examples=[["patient.read", "photo.add"]])]
    days: Annotated[int, Field(ge=1, le=366)] = 30


class MadeToken(Form):
    """A new token; the secret is told once."""

    id: str
    secret: str
    ends_at: datetime


class AuditedEvent(Form):
    """One entry of the audit log: who did which verb to whose record, when, from where and why, and how it ended.

    `reason` holds the codes by which something was refused or failed, with spaces between.
    """

    number: int
    id: str
    at: datetime
    tenant: str
    user: str
    role: str
    verb: str
    patient: str | None
    entity: str | None
    address: str | None
    purpose: str | None
    outcome: Literal["success", "refused", "failed"]
    reason: str | None


class AuditedEvents(Form):
    """A page of the audit log; `next` is the `after` of the page that follows, `null` on the last."""

    items: list[AuditedEvent]
    next: int | None


class AuditFinding(Form):
    """What is wrong with the log at one entry."""

    code: str
    number: int
    message: str


class Verification(Form):
    """What was found in the log, its size, and the signed checkpoint of where it stands."""

    findings: list[AuditFinding]
    size: int
    checkpoint: str


class EmergencyToReview(Form):
    """An emergency access that nobody has reviewed."""

    id: Id
    user: str
    patient: Id
    opened_at: datetime
    closes_at: datetime


class Emergencies(Form):
    """A page of the emergency accesses that wait for an auditor, oldest first; `next` as of other pages."""

    items: list[EmergencyToReview]
    next: Id | None


class OpenedReason(Form):
    """The reason that was given for an emergency access; null where it went with a deleted patient's key."""

    reason: str | None
