"""An answer with what people said of it since: what clinicians judged, and what became of the case.

Several clinicians may judge one answer, and one may judge it again: of each, the last judgement counts, with one vote.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from flexura.monitoring.channels import REFUSAL, UNKNOWN, Document, find


@dataclass(frozen=True)
class Judgement:
    """What one clinician said: that the answer is right, or what is right instead where that was told; IGA 0-4."""

    reviewer: str
    agrees: bool
    diagnosis: str | None = None
    iga: int | None = None


@dataclass(frozen=True)
class FollowUp:
    """What became of the case, so many days after the answer; IGA 0-4 where it was graded then."""

    days: int
    diagnosis: str | None = None
    iga: int | None = None


@dataclass(frozen=True)
class Answer:
    """One document of an assessment or refusal, whose it is, on which day, and what was said since, oldest first."""

    document: Document = field(repr=False)
    patient: str
    on: date | None = None
    judgements: tuple[Judgement, ...] = ()
    outcomes: tuple[FollowUp, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether the photo was refused, so that there is nothing to judge."""
        return self.document.get("schema") == REFUSAL

    @property
    def diagnosis(self) -> str:
        """The likeliest diagnosis of the answer."""
        return str(find(self.document, ("diagnosis", "ranking", "0", "code")) or UNKNOWN)

    @property
    def votes(self) -> Mapping[str, int]:
        """How many clinicians said which diagnosis, by code; "unknown" where one disagreed and told no other."""
        last = {judgement.reviewer: judgement for judgement in self.judgements}
        said = (each.diagnosis or (self.diagnosis if each.agrees else UNKNOWN) for each in last.values())
        return Counter(said)

    @property
    def truth(self) -> str | None:
        """The diagnosis that most clinicians gave, of equally many the one that was given first; `None` unreviewed."""
        votes = Counter(self.votes)
        return votes.most_common(1)[0][0] if votes else None

    @property
    def iga(self) -> float | None:
        """Mean of the clinicians' IGA, 0-4; `None` where nobody graded."""
        last = {judgement.reviewer: judgement.iga for judgement in self.judgements if judgement.iga is not None}
        return sum(last.values()) / len(last) if last else None
