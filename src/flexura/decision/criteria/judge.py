"""Judge a patient by every set of criteria: met, not met, or which questions would tell.

Where the age is unknown, a set is judged in all its forms, and stays undecided where they disagree.
"""

import math
from collections.abc import Iterable

from flexura.decision.criteria.sets import SETS, CriteriaSet, Form
from flexura.decision.criteria.told import all_of, at_least
from flexura.records import CriteriaResult, Criterion, PatientContext

AGE = Criterion("age", "age", "required", None, "How old is the patient?")


def judge(context: PatientContext) -> dict[str, CriteriaResult]:
    """Judge by all sets.

    Parameters
    ----------
    context : PatientContext
        What was told; the photo does not enter.

    Returns
    -------
    dict of str to CriteriaResult
        By name of the set; a set that does not hold for the age is left out.

    Examples
    --------
    >>> judge(PatientContext(age_years=30.0))["uk_working_party"].met is None
    True
    """
    judged = {one.name: judge_by(one, context) for one in SETS}
    return {name: result for name, result in judged.items() if result is not None}


def judge_by(criteria: CriteriaSet, context: PatientContext) -> CriteriaResult | None:
    """Judge by one set.

    Parameters
    ----------
    criteria : CriteriaSet
        One of `SETS`.
    context : PatientContext
        What was told.

    Returns
    -------
    CriteriaResult or None
        `None` where the patient is too old for the set. Questions are given only where it cannot be told: those
        of the groups that are still open.
    """
    age = context.age_years
    forms = [form for form in criteria.forms if age is None or age < form.below_years]
    if not forms or (age is None and not _for_all_ages(criteria)):
        return None
    # Forms stand by rising age: the first that the age is under is the patient's.
    judged = [_judge_form(form, criteria, context) for form in (forms if age is None else forms[:1])]
    return judged[0] if age is not None else _agreed(judged)


def _for_all_ages(criteria: CriteriaSet) -> bool:
    return criteria.forms[-1].below_years == math.inf


def _judge_form(form: Form, criteria: CriteriaSet, context: PatientContext) -> CriteriaResult:
    groups = {group.name: [row.ask(context) for row in group.rows] for group in form.groups}
    reached = {group.name: at_least(group.needed, groups[group.name]) for group in form.groups}
    rows = tuple(
        Criterion(row.code, row.words, group.name, answer, row.question if answer is None else None)
        for group in form.groups
        for row, answer in zip(group.rows, groups[group.name], strict=True)
    )
    met = all_of(reached.values())
    open_groups = {name for name, answer in reached.items() if answer is None} if met is None else set()
    return _result(met, rows, criteria, [row for row in rows if row.group in open_groups])


def _result(
    met: bool | None, rows: tuple[Criterion, ...], criteria: CriteriaSet, to_ask: Iterable[Criterion]
) -> CriteriaResult:
    return CriteriaResult(
        met=met,
        count=sum(row.met is True for row in rows),
        unknown=tuple(row.code for row in rows if row.met is None),
        name=criteria.title,
        source=criteria.source,
        questions=tuple(row.question for row in to_ask if row.question is not None),
        criteria=rows,
    )


def _agreed(judged: list[CriteriaResult]) -> CriteriaResult:
    """What all forms say; shown in the form for the oldest, with the age as the first question."""
    verdicts, counts = {one.met for one in judged}, {one.count for one in judged}
    oldest = judged[-1]
    met = verdicts.pop() if len(verdicts) == 1 else None
    return CriteriaResult(
        met=met,
        count=counts.pop() if len(counts) == 1 else None,
        unknown=(AGE.code, *oldest.unknown),
        name=oldest.name,
        source=oldest.source,
        questions=() if met is not None else (str(AGE.question), *oldest.questions),
        criteria=(AGE, *oldest.criteria),
    )
