"""Look for every finding of the tables, and list what speaks for and against a diagnosis."""

import math
from collections.abc import Callable, Mapping
from typing import Final

from flexura.decision.findings.evidence import (
    DESCRIBED,
    Statement,
    source_against,
    source_for,
    spoken_against,
    spoken_for,
)
from flexura.decision.findings.readings import Row, Seen
from flexura.decision.findings.shown import SHOWN
from flexura.decision.findings.told import TOLD
from flexura.records import Area, CitedFinding, FeatureValue, Finding, Grade, PatientContext

FINDINGS: Final = SHOWN + TOLD


def look(
    features: Mapping[str, FeatureValue], signs: Mapping[str, Grade], *, area: Area, context: PatientContext
) -> tuple[Finding, ...]:
    """Look for every finding on the photo and in the context.

    Parameters
    ----------
    features : mapping of str to FeatureValue
        Measured features; may be empty.
    signs : mapping of str to Grade
        The six signs, grades 0-3.
    area : Area
        The affected share of the visible skin, with its interval.
    context : PatientContext
        What is known of the patient.

    Returns
    -------
    tuple of Finding
        Every row of the tables: present, absent, or `None` where it cannot be told.
    """
    values = {name: math.nan if measured.value is None else measured.value for name, measured in features.items()}
    seen = Seen(values, signs, area, context)
    return tuple(_found(row, present=row.read(seen)) for row in FINDINGS)


def _found(row: Row, *, present: bool | None) -> Finding:
    return Finding(
        code=row.code,
        words=row.absent if present is False else row.present,
        present=present,
        read_from=tuple(name for reading in row.readings for name in reading.names),
        supports=() if present is None else spoken_for(row.code, present=present),
        opposes=() if present is None else spoken_against(row.code, present=present),
    )


def speaking(
    diagnosis: str, findings: tuple[Finding, ...]
) -> tuple[tuple[CitedFinding, ...], tuple[CitedFinding, ...]] | None:
    """Take the findings for and against one diagnosis, each with the publication that says so.

    Parameters
    ----------
    diagnosis : str
        Code of the taxonomy.
    findings : tuple of Finding
        From `look`.

    Returns
    -------
    tuple of two tuples of CitedFinding | None
        For and against; `None` where no description of the diagnosis says what to look for.
    """
    if diagnosis not in DESCRIBED:
        return None
    return (
        tuple(_cited(finding, diagnosis, source_for) for finding in findings if diagnosis in finding.supports),
        tuple(_cited(finding, diagnosis, source_against) for finding in findings if diagnosis in finding.opposes),
    )


def _cited(finding: Finding, diagnosis: str, source: Callable[[str, Statement], str]) -> CitedFinding:
    # What cannot be told speaks for nothing, so that it was present or absent.
    return CitedFinding(finding.words, source(diagnosis, (finding.code, bool(finding.present))))
