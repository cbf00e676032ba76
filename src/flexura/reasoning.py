"""What speaks for an answer and what follows from it; nouns only, frozen; see `records`."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Criterion:
    """One diagnostic criterion of a group: met, not met, or unknown with the question that would tell."""

    code: str
    words: str
    group: str
    met: bool | None = field(repr=False)
    question: str | None = None


@dataclass(frozen=True)
class CriteriaResult:
    """A set of diagnostic criteria: met, not met or undecided (`None`), how many, and which are unknown.

    `questions` are those that would decide it; empty where it is decided.
    """

    met: bool | None = field(repr=False)
    count: int | None = field(repr=False)
    unknown: tuple[str, ...]
    name: str = ""
    source: str = ""
    questions: tuple[str, ...] = ()
    criteria: tuple[Criterion, ...] = ()


@dataclass(frozen=True)
class Finding:
    """Something looked for in photo or context, in words as found, and the diagnoses it speaks for and against."""

    code: str
    words: str = field(repr=False)
    present: bool | None = field(repr=False)  # `None`: cannot be told
    read_from: tuple[str, ...]
    supports: tuple[str, ...] = field(repr=False)
    opposes: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True)
class CitedFinding:
    """A finding in words, with the publication after which it speaks for or against a diagnosis."""

    text: str = field(repr=False)
    source: str = field(repr=False)


@dataclass(frozen=True)
class SettlingStep:
    """A question, examination or test that would confirm or exclude a diagnosis, with the publication that says so."""

    text: str
    source: str


@dataclass(frozen=True)
class Alternative:
    """Another diagnosis to consider; findings are `None` where they were not looked for."""

    code: str
    name: str
    probability: float
    supporting: tuple[CitedFinding, ...] | None = field(repr=False)
    opposing: tuple[CitedFinding, ...] | None = field(repr=False)
    would_settle_it: tuple[SettlingStep, ...] | None


@dataclass(frozen=True)
class Contribution:
    """What one part of what is known beside the picture adds to two probabilities; each from -1 to 1.

    `part` is a field of `PatientContext`, or `measurements` for all that was measured on the photo.
    """

    part: str
    eczema: float = field(repr=False)
    first: float = field(repr=False)


@dataclass(frozen=True)
class Contributions:
    """The probabilities of eczema and of the first diagnosis by the picture alone; with all parts, the answer's."""

    eczema_by_picture: float
    first_by_picture: float
    parts: tuple[Contribution, ...]


@dataclass(frozen=True)
class Recommendation:
    """One line of published guidance that applies, with its source and version; lines of one topic are never merged.

    `kind` is red_flag, basics, topical, infection, systemic, maintenance or referral.
    """

    text: str = field(repr=False)
    strength: str
    applies_because: str = field(repr=False)
    source: str
    version: str
    url: str | None
    urgent: bool
    kind: str
    topic: str = field(repr=False)
