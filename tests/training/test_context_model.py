"""The context model: the prior where nothing is known, the truth where it was planted, the optimum by SciPy."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import log_softmax

from flexura.clinical.context import CONTEXT_NAMES, encode_context
from flexura.clinical.features import clinical_features
from flexura.decision.context_evidence import log_ratios
from flexura.decision.taxonomy import TAXONOMY
from flexura.errors import ManifestError
from flexura.monitoring.soft_labels import weighted_log_loss
from flexura.records import PatientContext
from flexura.training.context_model import (
    CODES,
    PENALTIES,
    STRENGTH,
    Encoder,
    evidence_of,
    fit_context_model,
    fit_ridge_softmax,
    prior_of,
    targets_of,
)
from flexura.training.scin import ScinCase, is_held_out


def planted(count: int) -> list[ScinCase]:
    """Scabies itches and acne does not; age says nothing, and half of the ages are unknown."""
    random = np.random.default_rng(0)
    cases = []
    for number in range(count):
        itches = bool(random.random() < 0.5)
        age = float(random.uniform(18, 80)) if random.random() < 0.5 else None
        codes = {"scabies": 0.9, "acne": 0.1} if itches else {"acne": 0.9, "scabies": 0.1}
        cases.append(ScinCase(str(number), PatientContext(itch=float(itches), age_years=age), codes))
    return cases


@pytest.mark.parametrize("encode", [encode_context, clinical_features])
def test_an_unknown_context_gets_exactly_the_prior(encode: Encoder) -> None:
    cases = planted(60)
    model = fit_context_model(cases, encode)
    assert model.probabilities([PatientContext()])[0] == pytest.approx(prior_of(targets_of(cases)))


def test_what_was_planted_is_found() -> None:
    model = fit_context_model(planted(300), clinical_features)
    itching, calm = model.probabilities([PatientContext(itch=1.0), PatientContext(itch=0.0)])
    scabies, acne = CODES.index("scabies"), CODES.index("acne")
    assert min(itching[scabies], calm[acne]) > 0.8
    assert max(itching[acne], calm[scabies]) < 0.2
    assert model.penalty == min(PENALTIES)  # what is plain needs little restraint
    old, young = model.probabilities([PatientContext(age_years=80), PatientContext(age_years=20)])
    assert old[scabies] == pytest.approx(young[scabies], abs=0.1)


def test_noise_is_left_alone() -> None:
    cases = planted(300)
    shuffled = np.random.default_rng(1).permutation(len(cases))
    noise = [ScinCase(case.case_id, case.context, cases[at].codes) for case, at in zip(cases, shuffled, strict=True)]
    model = fit_context_model(noise[:200], clinical_features)
    rest, targets = noise[200:], targets_of(noise[200:])
    prior = np.tile(prior_of(targets_of(noise[:200])), (len(rest), 1))
    loss = weighted_log_loss(model.probabilities([case.context for case in rest]), targets)
    assert loss < weighted_log_loss(prior, targets) + 0.01


def test_the_optimum_agrees_with_scipy() -> None:
    random = np.random.default_rng(2)
    inputs, targets = random.normal(size=(40, 3)), random.dirichlet(np.ones(4), 40) * random.uniform(0.3, 1, (40, 1))
    log_prior = np.log(prior_of(targets))

    def loss(flat: np.ndarray) -> float:
        weights = flat.reshape(3, 4)
        likelihood = np.sum(targets * log_softmax(log_prior + inputs @ weights, axis=1)) / targets.sum()
        return float(-likelihood + 0.05 * np.sum(weights**2) / 2)

    best = minimize(loss, np.zeros(12), tol=1e-10).x.reshape(3, 4)
    assert fit_ridge_softmax(inputs, targets, log_prior=log_prior, penalty=0.05) == pytest.approx(best, abs=1e-4)


def test_no_code_is_impossible_and_the_prior_follows_the_weights() -> None:
    prior = prior_of(targets_of([ScinCase("a", PatientContext(), {"acne": 1.0})]))
    assert prior.sum() == pytest.approx(1)
    assert prior[CODES.index("acne")] == pytest.approx(1.5 / (1 + 0.5 * len(CODES)))
    assert prior.min() > 0


def test_a_fifth_is_held_out_by_name_alone() -> None:
    held = [is_held_out(str(number)) for number in range(5000)]
    assert 0.18 < np.mean(held) < 0.22
    assert held[:100] == [is_held_out(str(number)) for number in range(100)]


def test_too_few_cases_are_refused() -> None:
    with pytest.raises(ManifestError, match="too few"):
        fit_context_model(planted(2), encode_context)


def test_a_bundles_evidence_leads_from_any_prior_to_what_the_model_says() -> None:
    model = fit_context_model(planted(300), encode_context)
    evidence = evidence_of(model, CONTEXT_NAMES)
    contexts = [PatientContext(itch=1.0, age_years=40), PatientContext(itch=0.0), PatientContext()]
    values = np.array([encode_context(context).values for context in contexts])
    ratios = log_ratios(evidence, values, evidence.codes)[:, : len(CODES)] / STRENGTH
    assert np.exp(model.log_prior + ratios) == pytest.approx(model.probabilities(contexts), rel=1e-4)
    assert evidence.strength == STRENGTH


def test_what_scin_calls_eczema_speaks_for_every_code_that_it_names_so() -> None:
    random = np.random.default_rng(3)
    itches = random.random(300) < 0.5
    cases = [
        ScinCase(str(number), PatientContext(itch=float(each)), {"eczema_unspecified" if each else "acne": 1.0})
        for number, each in enumerate(itches)
    ]
    evidence = evidence_of(fit_context_model(cases, encode_context), CONTEXT_NAMES)
    values = np.array([encode_context(PatientContext(itch=1.0)).values, encode_context(PatientContext()).values])
    codes = [label.code for label in TAXONOMY]
    told, silent = log_ratios(evidence, values, codes)
    ratio = {code: float(value) for code, value in zip(codes, told, strict=True)}
    # Itch is told twice as often with eczema as at large.
    assert ratio["eczema_unspecified"] == pytest.approx(STRENGTH * np.log(2), abs=0.15)
    for code in ("atopic_dermatitis", "nummular_eczema", "dyshidrotic_eczema"):
        assert ratio[code] == pytest.approx(ratio["eczema_unspecified"])
    assert ratio["acne"] < -1
    assert ratio["hailey_hailey"] == ratio["healthy_skin"] == 0
    # Of nothing told nothing follows, but for the sixth digit that is written.
    assert np.abs(silent).max() < 1e-5
