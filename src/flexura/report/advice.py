"""Red flags and guidance as the terminal and the page show them: by chapter and topic, with numbered sources.

Lines of one topic stay side by side; where their stances differ, the topic says so.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from flexura.decision.red_flags.table import RED_FLAGS
from flexura.records import Alternative, Assessment, Diagnosis, Recommendation
from flexura.report.wording import why_unknown

RED_FLAGS_TITLE: Final = "RED FLAGS, to be excluded first"
# In the order in which they are read.
CHAPTERS: Final[Mapping[str, str]] = {
    "infection": "Signs of infection",
    "topical": "On the skin",
    "systemic": "Where topical treatment failed",
    "maintenance": "Between flares",
    "basics": "Always",
    "referral": "Referral",
}

# How strengths begin that speak for or against without a grade.
_OFFERED: Final = ("offer", "use ", "consider", "can be used", "recommended", "should")
_AGAINST: Final = ("not recommended", "do not")

_DOI: Final = re.compile(r"10\.\d{4,}/[^\s,;]+")


@dataclass(frozen=True)
class Topic:
    """Lines about the same thing, whether the guidelines differ on it, and what all of them apply because of."""

    name: str
    lines: tuple[Recommendation, ...]

    @property
    def differ(self) -> bool:
        """Whether the lines take different stances."""
        return differ(self.lines)

    @property
    def because(self) -> str | None:
        """Why they apply; `None` where that is not the same for all lines."""
        reasons = {line.applies_because for line in self.lines}
        return reasons.pop() if len(reasons) == 1 else None


@dataclass(frozen=True)
class Source:
    """A publication as the list at the end names it."""

    name: str
    version: str | None = None
    url: str | None = None

    @property
    def publication(self) -> str:
        """What tells it from others: its DOI, or its name where that has none."""
        doi = _DOI.search(self.url or self.name)
        return doi.group() if doi else self.name


@dataclass(frozen=True)
class Chapter:
    """Topics of one kind."""

    kind: str
    title: str
    topics: tuple[Topic, ...]


def red_flags(assessment: Assessment) -> tuple[Recommendation, ...]:
    """Take the red flags from an answer.

    Parameters
    ----------
    assessment : Assessment
        The answer.

    Returns
    -------
    tuple of Recommendation
        The most urgent first.
    """
    return tuple(line for line in assessment.recommendations if line.kind == "red_flag")


def red_flags_by_photo(raised: Iterable[Iterable[Recommendation]]) -> dict[Recommendation, list[int]]:
    """Gather the red flags of several photos, each once.

    Parameters
    ----------
    raised : iterable of iterable of Recommendation
        Those of each photo, in the order of the photos.

    Returns
    -------
    dict of Recommendation to list of int
        The photos that raise it, counted from 1; the most urgent first.
    """
    found: dict[Recommendation, list[int]] = {}
    for place, flags in enumerate(raised, start=1):
        for flag in flags:
            found.setdefault(flag, []).append(place)
    urgency = [flag.name for flag in RED_FLAGS]
    return dict(sorted(found.items(), key=lambda item: urgency.index(item[0].topic)))


def flag_words(flag: Recommendation) -> str:
    """Say a red flag, what to do, why it is raised and who says so."""
    return f"{flag.topic}. {flag.text} ({flag.applies_because}; {flag.source})"


def chapters(assessment: Assessment) -> tuple[Chapter, ...]:
    """Group the guidance of an answer.

    Parameters
    ----------
    assessment : Assessment
        The answer.

    Returns
    -------
    tuple of Chapter
        In the order of `CHAPTERS`, without empty ones; empty where guidance is withheld.
    """
    found = []
    for kind, title in CHAPTERS.items():
        lines = [line for line in assessment.recommendations if line.kind == kind]
        names = dict.fromkeys(line.topic for line in lines)
        topics = (tuple(line for line in lines if line.topic == name) for name in names)
        if lines:
            found.append(Chapter(kind, title, tuple(Topic(own[0].topic, own) for own in topics)))
    return tuple(found)


def differ(lines: Iterable[Recommendation]) -> bool:
    """Say whether two publications take different stances: for or against, strongly or conditionally.

    Parameters
    ----------
    lines : iterable of Recommendation
        Of one topic.

    Returns
    -------
    bool
        A verb of NICE for something differs from an advice against it, not from a grade for it. Strengths that name
        no stance are not compared.
    """
    return _stances_differ((line.source, line.strength) for line in lines)


def differing_topics(lines: Iterable[Mapping[str, str]]) -> frozenset[str]:
    """Find the topics on which publications take different stances, as `differ` does, in a stored answer.

    Parameters
    ----------
    lines : iterable of mapping
        Recommendations as the assessment document holds them: `topic`, `source`, `strength`.

    Returns
    -------
    frozenset of str
        Names of topics.
    """
    said: dict[str, list[tuple[str, str]]] = {}
    for line in lines:
        said.setdefault(line["topic"], []).append((line["source"], line["strength"]))
    return frozenset(topic for topic, pairs in said.items() if _stances_differ(pairs))


def _stances_differ(said: Iterable[tuple[str, str]]) -> bool:
    """Whether two of these sources and strengths take different stances."""
    stances = [(source, stance) for source, strength in said if (stance := _stance(strength)) is not None]
    return any(source != other and _opposed(one, two) for (source, one), (other, two) in combinations(stances, 2))


def _opposed(one: str, other: str) -> bool:
    return one != other and not ("offer" in (one, other) and "against" not in (one, other))


def _stance(strength: str) -> str | None:
    if "against" in strength or strength.startswith(_AGAINST):
        return "against"
    if strength.startswith(_OFFERED):
        return "offer"
    return next((word for word in ("strong", "conditional") if strength.startswith(word)), None)


def sources(assessment: Assessment) -> tuple[Source, ...]:
    """List the publications that an answer cites, each once, whatever its lines call it.

    Parameters
    ----------
    assessment : Assessment
        The answer.

    Returns
    -------
    tuple of Source
        In the order in which the page cites them; its place plus 1 is its number.
    """
    first: dict[str, Source] = {}
    for source in _cited(assessment):
        first.setdefault(source.publication, source)
    return tuple(first.values())


def source_numbers(assessment: Assessment) -> Mapping[str, int]:
    """Find the number of each source by what a line calls it.

    Parameters
    ----------
    assessment : Assessment
        The answer.

    Returns
    -------
    Mapping[str, int]
        Place in `sources`, from 1.
    """
    places = {source.publication: place for place, source in enumerate(sources(assessment), 1)}
    return {source.name: places[source.publication] for source in _cited(assessment)}


def _cited(assessment: Assessment) -> list[Source]:
    """In the order of the page."""
    cited = [_publication(flag) for flag in red_flags(assessment)]
    if assessment.why:
        rows: list[Diagnosis | Alternative] = [assessment.diagnosis, *assessment.alternatives]
        cells = [cell for row in rows for cell in (row.supporting, row.opposing, row.would_settle_it)]
        cited += [Source(line.source) for cell in cells for line in cell or ()]
    topics = (topic for chapter in chapters(assessment) for topic in chapter.topics)
    return cited + [_publication(line) for topic in topics for line in topic.lines]


def _publication(line: Recommendation) -> Source:
    return Source(line.source, line.version, line.url)


def guidance_gap(assessment: Assessment) -> str:
    """Say why there is no guidance, or what it leaves out.

    Parameters
    ----------
    assessment : Assessment
        The answer.

    Returns
    -------
    str
        Sentences.
    """
    return why_unknown(assessment, "recommendations")
