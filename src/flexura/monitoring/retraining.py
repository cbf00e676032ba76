"""When a model is due to be trained again: a table of rules over the signals, and what follows from those that are met.

Nothing is trained here: a person reads the table and decides. The limits are this project's own, chosen so that
chance alone rarely meets them: wherever a figure is judged, its whole 95 % interval must lie beyond the limit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from flexura.monitoring.drift import Drift
from flexura.monitoring.feedback import MIN_CASES, Agreement
from flexura.monitoring.intervals import Interval
from flexura.monitoring.running import Share
from flexura.monitoring.severity import GradeAgreement, Outcomes

# What one's own calibration needs, too (training/refit.py says why): fewer cannot tell a better model from a worse.
FEWEST_PHOTOS: Final = 100
FEWEST_PATIENTS: Final = 50

Action = Literal["retrain", "refit", "look"]
Verdict = Literal["retrain", "refit", "look", "collect_reviews", "keep", "unknown"]
# What was seen, in words, and whether it meets the rule; `None` where too little is known to say.
_Sight = tuple[str, bool | None]
_TOO_FEW: Final[_Sight] = ("too few cases", None)


@dataclass(frozen=True)
class Signals:
    """What the rules read: the windows' drift, oldest first, and what people said; `None` where nobody did."""

    windows: Sequence[Drift] = ()
    agreement: Agreement | None = None
    grades: GradeAgreement | None = None
    outcomes: Outcomes | None = None


@dataclass(frozen=True)
class Rule:
    """One reason to act: the limit in words and why it is that, what to do, and `see`, which holds signals to it."""

    code: str
    limit: str
    why: str
    action: Action
    see: Callable[[Signals], _Sight]


@dataclass(frozen=True)
class Held:
    """A rule held against the signals; `met` is `None` where too little is known."""

    code: str
    limit: str
    why: str
    action: Action
    seen: str
    met: bool | None


@dataclass(frozen=True)
class Decision:
    """What follows: the codes of the rules that are met, every rule with its numbers, and if a training is worth it."""

    verdict: Verdict
    because: tuple[str, ...]
    rules: tuple[Held, ...]
    reviewed: int
    reviewed_patients: int


def _lasting_drift(signals: Signals) -> _Sight:
    if len(signals.windows) < 2:
        return f"{len(signals.windows)} windows", None
    both = sorted(set(signals.windows[-1].drifted) & set(signals.windows[-2].drifted))
    return ", ".join(both) or "none in both", bool(both)


def _low_agreement(signals: Signals) -> _Sight:
    return _below(signals.agreement.first if signals.agreement else None, 0.5)


def _overconfident(signals: Signals) -> _Sight:
    gap = signals.agreement.overconfidence if signals.agreement else None
    return (_words(gap, sign=True), gap.low > 0.1) if gap else _TOO_FEW


def _weak_subgroup(signals: Signals) -> _Sight:
    if signals.agreement is None or signals.agreement.first is None:
        return _TOO_FEW
    # Some diagnoses are harder than others, of which a repeated correction tells; held-back answers are the doubtful.
    judged = {k: rows for k, rows in signals.agreement.subgroups.items() if k not in ("diagnosis", "held back")}
    if not any(judged.values()):
        return _TOO_FEW
    overall = signals.agreement.first.low
    weak = [f"{kind} {_share(each)}" for kind, rows in judged.items() for each in rows if each.high < overall]
    return "; ".join(weak) or "none", bool(weak)


def _repeated_correction(signals: Signals) -> _Sight:
    if signals.agreement is None or signals.agreement.reviewed < MIN_CASES:
        return _TOO_FEW
    repeated = [_share(each.share) for each in signals.agreement.corrections if each.share.low > 0.2]
    return "; ".join(repeated) or "none", bool(repeated)


def _grades_off(signals: Signals) -> _Sight:
    gap = signals.grades.difference if signals.grades and signals.grades.graded >= MIN_CASES else None
    return (_words(gap, sign=True), gap.low > 0.5 or gap.high < -0.5) if gap else _TOO_FEW


def _outcome_contradicts(signals: Signals) -> _Sight:
    told = signals.outcomes
    return _below(told.confirmed if told and told.told_diagnosis >= MIN_CASES else None, 0.5)


RULES: Final[tuple[Rule, ...]] = (
    Rule("drift_lasts", "a channel in both last windows", "one window alone is chance in 1 of 20", "look",
         _lasting_drift),
    Rule("agreement_low", "agreement surely below 0.5", "clinicians change more answers than they keep", "retrain",
         _low_agreement),
    Rule("overconfident", "confidence surely over 0.1 above agreement",
         "probabilities mislead, though the order of answers may be right", "refit", _overconfident),
    Rule("subgroup_weak", "a subgroup surely below all cases", "the model is unfair to a tone, site, age or camera",
         "retrain", _weak_subgroup),
    Rule("correction_repeats", "surely over 0.2 of an answer changed into one other",
         "an error with a pattern can be learned away", "retrain", _repeated_correction),
    Rule("grades_off", "predicted less clinicians' IGA surely beyond 0.5", "half a grade changes the band of severity",
         "retrain", _grades_off),
    Rule("outcome_contradicts", "outcomes surely confirm below 0.5", "what became of cases is the better truth",
         "retrain", _outcome_contradicts),
)  # fmt: skip


def decide_retraining(signals: Signals) -> Decision:
    """Hold the signals against every rule, and say what follows.

    Parameters
    ----------
    signals : Signals
        As far as they are known.

    Returns
    -------
    Decision
        "retrain" or "refit" where such a rule is met and there are 100 reviewed photos of 50 patients, which a training
        needs to be judged at all, else "collect_reviews"; "look" where only drift is; "keep" where none is;
        "unknown" where no rule could be held.
    """
    rules = tuple(Held(rule.code, rule.limit, rule.why, rule.action, *rule.see(signals)) for rule in RULES)
    met = [rule for rule in rules if rule.met]
    reviewed = (signals.agreement.reviewed, signals.agreement.patients) if signals.agreement else (0, 0)
    enough = reviewed[0] >= FEWEST_PHOTOS and reviewed[1] >= FEWEST_PATIENTS
    return Decision(_verdict(rules, met, enough=enough), tuple(rule.code for rule in met), rules, *reviewed)


def _verdict(rules: Sequence[Held], met: Sequence[Held], *, enough: bool) -> Verdict:
    actions = {rule.action for rule in met}
    if actions - {"look"}:
        return ("retrain" if "retrain" in actions else "refit") if enough else "collect_reviews"
    if actions:
        return "look"
    return "unknown" if all(rule.met is None for rule in rules) else "keep"


def _below(found: Interval | None, limit: float) -> _Sight:
    return (_words(found), found.high < limit) if found else _TOO_FEW


def _words(found: Interval, *, sign: bool = False) -> str:
    form = "+.2f" if sign else ".2f"
    return f"{found.estimate:{form}} [{found.low:{form}}, {found.high:{form}}]"


def _share(each: Share) -> str:
    return f"{each.name}: {each.share:.2f} [{each.low:.2f}, {each.high:.2f}] of {each.of}"
