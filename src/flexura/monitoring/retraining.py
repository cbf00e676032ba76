"""When a model is due to be trained again: a table of rules over the signals, and a record with the reasons.

Nothing is trained here: a person reads `RetrainingDue` and decides. The limits are this project's own, chosen so that
chance alone rarely meets them: wherever a share is judged, its whole 95 % interval must lie beyond the limit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from flexura.monitoring.drift import Drift
from flexura.monitoring.feedback import Agreement


@dataclass(frozen=True)
class Signals:
    """What the rules read: the windows' drift, oldest first, and the agreement; `None` without reviews."""

    windows: Sequence[Drift] = ()
    agreement: Agreement | None = None


@dataclass(frozen=True)
class Reason:
    """A rule that is met: its code, the limit's reason, and what was seen."""

    code: str
    why: str
    seen: str


@dataclass(frozen=True)
class RetrainingDue:
    """A person should look whether the model is to be trained again; never empty."""

    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Rule:
    """One reason to train again: `see` tells what meets it, or `None`."""

    code: str
    why: str
    see: Callable[[Signals], str | None]


def _lasting_drift(signals: Signals) -> str | None:
    if len(signals.windows) < 2:
        return None
    both = set(signals.windows[-1].drifted) & set(signals.windows[-2].drifted)
    return ", ".join(sorted(both)) or None


def _low_agreement(signals: Signals) -> str | None:
    first = signals.agreement and signals.agreement.first
    return f"agreement {first.estimate:.2f}, at most {first.high:.2f}" if first and first.high < 0.5 else None


def _overconfident(signals: Signals) -> str | None:
    gap = signals.agreement and signals.agreement.overconfidence
    return (
        f"confidence is {gap.estimate:.2f} above agreement, at least {gap.low:.2f}" if gap and gap.low > 0.1 else None
    )


def _weak_subgroup(signals: Signals) -> str | None:
    if signals.agreement is None or signals.agreement.first is None:
        return None
    overall = signals.agreement.first.low
    weak = [
        f"{kind} {each.name}: {each.share:.2f} of {each.of}"
        for kind, shares in signals.agreement.subgroups.items()
        if kind != "diagnosis"  # some diagnoses are harder than others; a correction pattern tells of those
        for each in shares
        if each.high < overall
    ]
    return "; ".join(weak) or None


def _repeated_correction(signals: Signals) -> str | None:
    corrections = signals.agreement.corrections if signals.agreement else ()
    return (
        "; ".join(
            f"{each.share.name}: {each.share.share:.2f} of {each.share.of}"
            for each in corrections
            if each.share.low > 0.2
        )
        or None
    )


RULES: Final[tuple[Rule, ...]] = (
    Rule("drift_lasts", "a channel drifted in both last windows: one alone is chance in 1 of 20", _lasting_drift),
    Rule("agreement_low", "clinicians surely agree with fewer than half of the answers", _low_agreement),
    Rule("overconfident", "confidence surely exceeds agreement by more than a tenth", _overconfident),
    Rule("subgroup_weak", "a subgroup surely fares worse than all cases together", _weak_subgroup),
    Rule("correction_repeats", "surely more than a fifth of an answer is changed into the same other one",
         _repeated_correction),
)  # fmt: skip


def judge_retraining(signals: Signals) -> RetrainingDue | None:
    """Hold the signals against every rule.

    Parameters
    ----------
    signals : Signals
        As far as they are known.

    Returns
    -------
    RetrainingDue | None
        `None` where no rule is met, which a lack of reviews may explain.
    """
    seen = [(rule, rule.see(signals)) for rule in RULES]
    reasons = tuple(Reason(rule.code, rule.why, found) for rule, found in seen if found)
    return RetrainingDue(reasons) if reasons else None
