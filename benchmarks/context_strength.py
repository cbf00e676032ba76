"""How much of the context's evidence to believe beside a picture: SCIN cases with their own photos.

    python benchmarks/context_strength.py SCIN

Some 285 labelled cases of SCIN come with a ResNet-50 embedding of their photo (`scin_embeddings_validate.npz`). A
multinomial model of the 100 leading components of the embeddings, five folds over the cases, says what the picture
tells; a context model fitted on all other cases says what the questionnaire tells. The second is added to the first
with a strength from 0 to 1.25. Weighted by the dermatologists' labels; mean of six ways to cut the folds.
"""

import argparse
from pathlib import Path

import numpy as np

from flexura.clinical.context import CONTEXT_NAMES, encode_context
from flexura.decision.calibration import Array, softmax
from flexura.decision.context_evidence import log_ratios
from flexura.monitoring.soft_labels import weighted_log_loss, weighted_top_k
from flexura.training.context_model import (
    CODES,
    evidence_of,
    fit_context_model,
    fit_ridge_softmax,
    prior_of,
    targets_of,
)
from flexura.training.scin import read_cases

EMBEDDINGS = "scin_embeddings_validate.npz"
COMPONENTS = 100
PENALTIES = (0.01, 0.03, 0.1)
STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25)
FOLDS, REPEATS = 5, 6


def components_of(embeddings: Array) -> Array:
    """The leading components (N, K) of embeddings (N, D), of unit variance in all."""
    standardised = (embeddings - embeddings.mean(0)) / (embeddings.std(0) + 1e-6)
    left, values, _ = np.linalg.svd(standardised, full_matrices=False)
    kept = left[:, :COMPONENTS] * values[:COMPONENTS]
    return np.asarray(kept / np.sqrt(kept.var(0).sum()))


def main() -> None:
    """Print one row per strength."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scin", type=Path)
    folder = parser.parse_args().scin
    stored = np.load(folder / EMBEDDINGS)
    place = {str(case): row for row, case in enumerate(stored["case_ids"])}
    cases = read_cases(folder)
    seen = [case for case in cases if case.case_id in place]
    others = [case for case in cases if case.case_id not in place]
    pictures = components_of(stored["embeddings"][[place[case.case_id] for case in seen]].astype(float))
    told = evidence_of(fit_context_model(others, encode_context), CONTEXT_NAMES)
    contexts = np.array([encode_context(case.context).values for case in seen], np.float64)
    ratios = log_ratios(told, contexts, told.codes)[:, : len(CODES)] / told.strength
    targets, prior = targets_of(seen), np.log(prior_of(targets_of(others)))
    random = np.random.default_rng(0)
    cuts = [random.permutation(len(seen)) % FOLDS for _ in range(REPEATS)]
    print(f"{len(seen)} cases with a photo, {len(others)} others\n")
    print("| strength |" + "".join(f" log loss, penalty {each} |" for each in PENALTIES) + " top-1 | top-3 |")
    print("| --- |" + " --- |" * (len(PENALTIES) + 2))
    logits = {each: [_held_out(pictures, targets, prior, folds, each) for folds in cuts] for each in PENALTIES}
    for strength in STRENGTHS:
        said = {each: [softmax(cut + strength * ratios) for cut in of] for each, of in logits.items()}
        losses = [np.mean([weighted_log_loss(rows, targets) for rows in of]) for of in said.values()]
        hits = [np.mean([weighted_top_k(rows, targets, k=k) for rows in said[PENALTIES[0]]]) for k in (1, 3)]
        print(
            f"| {strength} |" + "".join(f" {loss:.3f} |" for loss in losses) + "".join(f" {hit:.3f} |" for hit in hits)
        )


def _held_out(pictures: Array, targets: Array, prior: Array, folds: Array, penalty: float) -> Array:
    """Logits (N, T) of each case by a model that never saw its fold."""
    logits = np.empty(targets.shape)
    for fold in range(FOLDS):
        held = folds == fold
        weights = fit_ridge_softmax(pictures[~held], targets[~held], log_prior=prior, penalty=penalty)
        logits[held] = prior + pictures[held] @ weights
    return logits


if __name__ == "__main__":
    main()
