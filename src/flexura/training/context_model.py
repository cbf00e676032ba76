"""P(diagnosis | context): a small regularised multinomial model, trained on real questionnaires.

It answers what the context alone says, and so what a photo must add. Its logits are the log prior
plus a linear term in how far a context is from an unknown one: a context of which nothing is known
gets exactly the prior. Its cases are adults who sent photos of their own: it says nothing of
children. Letters in shapes: N cases, F features, T codes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from flexura.decision.calibration import Array, softmax
from flexura.decision.context_evidence import ContextEvidence
from flexura.errors import ManifestError
from flexura.monitoring.soft_labels import weighted_log_loss
from flexura.records import FeatureVector, PatientContext
from flexura.training.scin import BUCKETS, CODE_OF_LABEL, ScinCase, bucket

Encoder = Callable[[PatientContext], FeatureVector]

CODES = tuple(sorted(set(CODE_OF_LABEL.values())))
# SCIN's readers named none of these: to them all were "Eczema", so its evidence is theirs too (docs/context.md).
LABELLED_ECZEMA = "eczema_unspecified"
ALSO_ECZEMA = ("atopic_dermatitis", "nummular_eczema", "dyshidrotic_eczema")
# Ridge penalties tried, per case of training; the largest leaves little but the prior.
PENALTIES = (0.001, 0.003, 0.01, 0.03, 0.1)
_STEPS = 400
# How much of the evidence a bundle believes. All of it is right where picture and context are independent given the
# diagnosis; a good picture shows some of it already (docs/context.md).
STRENGTH = 0.75
# Cases added to each code, spread evenly, so that none is impossible.
_PRIOR_CASES = 0.5


@dataclass(frozen=True)
class Scaling:
    """How encoded contexts become distances from the unknown one.

    `unknown` (F,) is the encoded empty context, NaN where a feature can be unknown; `centre` and
    `scale` (F,) are mean and standard deviation of the known values.
    """

    unknown: Array
    centre: Array
    scale: Array

    def distances(self, values: Array) -> Array:
        """Distances (N, F): 0 for unknown, standardised where NaN can be, plain steps elsewhere."""
        measured = np.nan_to_num((values - self.centre) / self.scale)
        return np.where(np.isnan(self.unknown), measured, values - self.unknown)


@dataclass(frozen=True)
class ContextModel:
    """A fitted model: `log_prior` (T,) and `weights` (F, T) give the logits; `penalty` was chosen in training."""

    encode: Encoder
    scaling: Scaling
    log_prior: Array
    weights: Array
    penalty: float

    def probabilities(self, contexts: Sequence[PatientContext]) -> Array:
        """Distribution over `CODES` (N, T) for each context."""
        distances = self.scaling.distances(encode_all(contexts, self.encode))
        return softmax(self.log_prior + distances @ self.weights)


def encode_all(contexts: Sequence[PatientContext], encode: Encoder) -> Array:
    """Encode contexts as one table (N, F)."""
    return np.array([encode(context).values for context in contexts], np.float64)


def targets_of(cases: Sequence[ScinCase]) -> Array:
    """The dermatologists' weights (N, T) by code; rows add up to 1 at most."""
    return np.array([[case.codes.get(code, 0.0) for code in CODES] for case in cases])


def prior_of(targets: Array) -> Array:
    """Share of each code (T,) in the weights (N, T), a little evened out."""
    mass = targets.sum(axis=0) + _PRIOR_CASES
    return np.asarray(mass / mass.sum())


def fit_context_model(cases: Sequence[ScinCase], encode: Encoder) -> ContextModel:
    """Fit the model; the penalty with the least log-loss in cross-validation is taken.

    Parameters
    ----------
    cases : sequence of ScinCase
        For training; folds go by the hash of the case's name.
    encode : Encoder
        Context to features.

    Returns
    -------
    ContextModel

    Raises
    ------
    ManifestError
        If there are too few cases for the folds.
    """
    folds = np.array([bucket("fold " + case.case_id) for case in cases])
    if len(set(folds.tolist())) < BUCKETS:
        raise ManifestError(f"too few cases to fit a context model in {BUCKETS} folds")
    values, targets = encode_all([case.context for case in cases], encode), targets_of(cases)
    scaling = _scaling(values, unknown=encode_all([PatientContext()], encode)[0])
    inputs = scaling.distances(values)
    losses = [
        np.mean([_fold_loss(inputs, targets, folds == fold, each) for fold in range(BUCKETS)]) for each in PENALTIES
    ]
    penalty = PENALTIES[int(np.argmin(losses))]
    log_prior = np.log(prior_of(targets))
    weights = fit_ridge_softmax(inputs, targets, log_prior=log_prior, penalty=penalty)
    return ContextModel(encode, scaling, log_prior, weights, penalty)


def evidence_of(model: ContextModel, names: tuple[str, ...]) -> ContextEvidence:
    """What a bundle needs to weigh contexts as a model does; codes that SCIN calls "Eczema" have the evidence of that.

    Parameters
    ----------
    model : ContextModel
        Whose every feature can be unknown.
    names : tuple of str
        Of the features (F,).

    Returns
    -------
    ContextEvidence
        Of `CODES` and then `ALSO_ECZEMA`, with `STRENGTH`.
    """
    own = CODES.index(LABELLED_ECZEMA)
    rows = [*range(len(CODES)), *[own] * len(ALSO_ECZEMA)]
    # The label's cases are divided among its codes. How does not matter: the ratio is the same for each.
    log_prior = model.log_prior.copy()
    log_prior[own] -= np.log(1 + len(ALSO_ECZEMA))
    return ContextEvidence(
        names=names,
        codes=CODES + ALSO_ECZEMA,
        centre=_written(model.scaling.centre),
        spread=_written(model.scaling.scale),
        log_prior=_written(log_prior[rows]),
        weights=tuple(map(_written, model.weights.T[rows])),
        strength=STRENGTH,
    )


def _written(values: Array) -> tuple[float, ...]:
    return tuple(float(f"{value:.6g}") for value in values)


def _fold_loss(inputs: Array, targets: Array, held: Array, penalty: float) -> float:
    log_prior = np.log(prior_of(targets[~held]))
    weights = fit_ridge_softmax(inputs[~held], targets[~held], log_prior=log_prior, penalty=penalty)
    return weighted_log_loss(softmax(log_prior + inputs[held] @ weights), targets[held])


def _scaling(values: Array, *, unknown: Array) -> Scaling:
    """Moments of the known values; 0 and 1 for a feature that is never known or never varies."""
    known = ~np.isnan(values)
    count = np.maximum(known.sum(axis=0), 1)
    centre = np.where(known, values, 0).sum(axis=0) / count
    spread = np.sqrt((np.where(known, values - centre, 0) ** 2).sum(axis=0) / count)
    return Scaling(unknown, centre, np.where(spread > 0, spread, 1.0))


def fit_ridge_softmax(inputs: Array, targets: Array, *, log_prior: Array, penalty: float) -> Array:
    """Weights (F, T) of least log-loss plus ridge, by accelerated gradient descent with a safe step.

    References
    ----------
    Nesterov 2004, doi 10.1007/978-1-4419-8853-9, 2.2 (constant momentum for strongly convex functions).
    """
    varying = inputs.any(axis=0)
    weights = np.zeros((inputs.shape[1], targets.shape[1]))
    weights[varying] = _descend(inputs[:, varying], targets, log_prior=log_prior, penalty=penalty)
    return weights


def _descend(inputs: Array, targets: Array, *, log_prior: Array, penalty: float) -> Array:
    total, mass = targets.sum(), targets.sum(axis=1, keepdims=True)
    steepest = 0.5 * np.linalg.norm(inputs * np.sqrt(mass), 2) ** 2 / total + penalty
    momentum = (np.sqrt(steepest) - np.sqrt(penalty)) / (np.sqrt(steepest) + np.sqrt(penalty))
    weights = ahead = np.zeros((inputs.shape[1], targets.shape[1]))
    for _ in range(_STEPS):
        surplus = mass * softmax(log_prior + inputs @ ahead) - targets
        stepped = ahead - (inputs.T @ surplus / total + penalty * ahead) / steepest
        ahead, weights = stepped + momentum * (stepped - weights), stepped
    return weights
