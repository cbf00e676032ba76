"""What the context alone says of the diagnosis, on SCIN cases that trained nothing.

Run: `python benchmarks/context_only.py SCIN` with the folder of SCIN's tables. Nothing is written.
A fifth of the cases, by the hash of their names, is held out. Baseline: the prior of the training
cases. All figures weigh codes as the dermatologists did; intervals are 95 % by bootstrap over cases.
Then each family of features is left out in turn. Last, what kin of a known diagnosis lose where the evidence is silent
of them: the codes that SCIN calls "Eczema", and contact dermatitis as if SCIN did not name it, with the evidence of
"Eczema".
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from flexura.clinical.context import CONTEXT_NAMES, encode_context
from flexura.clinical.features import clinical_features
from flexura.decision.calibration import Array
from flexura.decision.context_evidence import log_ratios
from flexura.decision.taxonomy import ECZEMA_GROUP, TAXONOMY
from flexura.monitoring.arrays import IntArray
from flexura.monitoring.intervals import bootstrap_interval
from flexura.monitoring.metrics import roc_auc
from flexura.monitoring.soft_labels import weighted_log_loss, weighted_top_k
from flexura.records import FeatureVector, PatientContext
from flexura.training.context_model import (
    ALSO_ECZEMA,
    CODES,
    LABELLED_ECZEMA,
    Encoder,
    encode_all,
    evidence_of,
    fit_context_model,
    prior_of,
    targets_of,
)
from flexura.training.scin import ScinCase, is_held_out, read_cases

Measure = Callable[[Array, Array], float]

_ECZEMA = np.isin(CODES, [label.code for label in TAXONOMY if label.group == ECZEMA_GROUP])

# Family of features: how their names begin.
FAMILIES: dict[str, tuple[str, ...]] = {
    "age, sex, skin": ("age_", "sex_", "skin_type", "monk_tone"),
    "itch": ("itch",),
    "other symptoms": ("symptom_",),
    "texture": ("texture_",),
    "affected sites": ("affected_", "typical_sites", "spared_sites", "both_sides"),
    "duration": ("episode_length",),
}


def without(beginnings: tuple[str, ...]) -> Encoder:
    """All clinical features but those whose names begin so."""

    def encode(context: PatientContext) -> FeatureVector:
        vector = clinical_features(context)
        kept = [at for at, name in enumerate(vector.names) if not name.startswith(beginnings)]
        return FeatureVector(
            tuple(vector.names[at] for at in kept), vector.values[kept], tuple(vector.units[at] for at in kept)
        )

    return encode


def eczema_auc(probabilities: Array, weights: Array) -> float:
    """Area under the ROC curve of "eczema family", true where it holds most of the readers' weight."""
    truth = weights[:, _ECZEMA].sum(axis=1) > 0.5 * weights.sum(axis=1)
    return roc_auc(probabilities[:, _ECZEMA].sum(axis=1), truth)


MEASURES: dict[str, Measure] = {
    "log-loss": weighted_log_loss,
    "top-1": partial(weighted_top_k, k=1),
    "top-3": partial(weighted_top_k, k=3),
    "eczema AUC": eczema_auc,
}
ENCODERS: dict[str, Encoder] = {"what the network takes": encode_context, "all clinical features": clinical_features}


def interval(statistic: Callable[[IntArray], float], count: int) -> str:
    """Estimate and 95 % interval, as printed."""
    found = bootstrap_interval(statistic, np.arange(count), seed=0)
    return f"{found.estimate:6.3f} ({found.low:6.3f} to {found.high:6.3f})"


def print_figures(name: str, probabilities: Array, *, baseline: Array, targets: Array) -> None:
    """Print each measure of one model, and its difference from the baseline on the same resamples."""
    print(f"\n{name}")
    for title, measure in MEASURES.items():

        def own(chosen: IntArray, measure: Measure = measure) -> float:
            return measure(probabilities[chosen], targets[chosen])

        def gain(chosen: IntArray, measure: Measure = measure) -> float:
            return own(chosen, measure) - measure(baseline[chosen], targets[chosen])

        difference = "" if probabilities is baseline else f"   minus prior {interval(gain, len(targets))}"
        print(f"  {title:10s} {interval(own, len(targets))}{difference}")


def posteriors(training: list[ScinCase], held_out: list[ScinCase], prior: Array) -> Array:
    """The prior (T,) over `CODES` times what the evidence of the training says of each case, not yet summing to 1."""
    told = evidence_of(fit_context_model(training, encode_context), CONTEXT_NAMES)
    contexts = encode_all([case.context for case in held_out], encode_context)
    return np.asarray(prior * np.exp(log_ratios(told, contexts, told.codes)[:, : len(CODES)]))


def print_kin(training: list[ScinCase], held_out: list[ScinCase]) -> None:
    """Print the log-loss with silence and with shared evidence, where "Eczema" counts for any of its codes."""
    targets, prior = targets_of(held_out), prior_of(targets_of(training))
    eczema, contact = CODES.index(LABELLED_ECZEMA), CODES.index("contact_dermatitis")
    shared = posteriors(training, held_out, prior)
    silent, known = shared.copy(), 1 / (1 + len(ALSO_ECZEMA))
    silent[:, eczema] = known * shared[:, eczema] + (1 - known) * prior[eczema]
    print_gain('codes called "Eczema"', silent, shared, targets)
    unnamed = [
        replace(case, codes={code: w for code, w in case.codes.items() if code != CODES[contact]}) for case in training
    ]
    silent = posteriors([case for case in unnamed if case.codes], held_out, prior)
    shared = silent.copy()
    silent[:, contact] = prior[contact]
    shared[:, contact] = prior[contact] * shared[:, eczema] / prior[eczema]
    print_gain("contact dermatitis, unnamed", silent, shared, targets)


def print_gain(name: str, silent: Array, shared: Array, targets: Array) -> None:
    """Print both log-losses, and their difference on the same resamples."""
    one, other = (rows / rows.sum(axis=1, keepdims=True) for rows in (silent, shared))

    def gain(chosen: IntArray) -> float:
        return weighted_log_loss(other[chosen], targets[chosen]) - weighted_log_loss(one[chosen], targets[chosen])

    losses = weighted_log_loss(one, targets), weighted_log_loss(other, targets)
    print(f"  {name:28s} silent {losses[0]:.3f}   shared {losses[1]:.3f}   {interval(gain, len(targets))}")


def main() -> None:
    """Fit on four fifths, measure on the fifth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scin", type=Path, help="folder of scin_cases.csv and scin_labels.csv")
    cases = read_cases(parser.parse_args().scin)
    training = [case for case in cases if not is_held_out(case.case_id)]
    held_out: list[ScinCase] = [case for case in cases if is_held_out(case.case_id)]
    targets = targets_of(held_out)
    print(f"{len(training)} cases of training, {len(held_out)} held out, {len(CODES)} codes")
    prior = np.tile(prior_of(targets_of(training)), (len(held_out), 1))
    print_figures("prior alone", prior, baseline=prior, targets=targets)
    for name, encode in ENCODERS.items():
        start = time.perf_counter()
        model = fit_context_model(training, encode)
        taken = time.perf_counter() - start
        probabilities = model.probabilities([case.context for case in held_out])
        title = f"{name} ({len(model.weights)} features, penalty {model.penalty}, fitted in {taken:.0f} s)"
        print_figures(title, probabilities, baseline=prior, targets=targets)
    print("\nall clinical features without")
    for family, beginnings in FAMILIES.items():
        model = fit_context_model(training, without(beginnings))
        probabilities = model.probabilities([case.context for case in held_out])
        loss, top_3 = weighted_log_loss(probabilities, targets), weighted_top_k(probabilities, targets, k=3)
        print(f"  {family:16s} log-loss {loss:.3f}   top-3 {top_3:.3f}")
    print("\nlog-loss where the evidence is silent of kin, and where they share it")
    print_kin(training, held_out)


if __name__ == "__main__":
    main()
