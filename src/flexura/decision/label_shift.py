"""How common each disease is where a model is used, told by its own answers on consecutive cases, without diagnoses.

Under label shift diseases look the same and only their shares differ. Probabilities then change by the ratio of the new
share to the old one. Confusion matrices (BBSE, Lipton et al. 2018, doi 10.48550/arXiv.1802.03916) would tell the shares
too, but one of 35 codes from a few hundred held-out photos has no inverse to speak of.
"""

from typing import Final

import numpy as np

from flexura.decision.calibration import Array, Probabilities
from flexura.errors import CalibrationError

# One case a code, shared out as at home, is added to the clinic's: no disease is ruled out for not having come by.
_ADDED_CASES_PER_CODE: Final = 1.0
_MOST_STEPS: Final = 20_000
_SETTLED: Final = 1e-8


def estimate_prevalence(probabilities: Array, prevalence: Array) -> Probabilities:
    """Find the shares of the diseases among cases by expectation and maximisation.

    Parameters
    ----------
    probabilities : array (N, T)
        Calibrated at the known shares; of consecutive cases, for any choice of them changes the shares.
    prevalence : array (T,)
        The known shares, above 0, sum 1.

    Returns
    -------
    array (T,) of float64
        Above 0, sum 1. The likeliest shares given a Dirichlet prior of one case a code around the known ones.

    Raises
    ------
    CalibrationError
        If the arrays do not fit together, are no probabilities, or the shares do not settle.

    References
    ----------
    Saerens, Latinne, Decaestecker 2002, doi 10.1162/089976602753284446; that probabilities must be calibrated first:
    Alexandari, Kundaje, Shrikumar 2020, doi 10.48550/arXiv.1901.06852.

    Examples
    --------
    >>> sure = np.repeat([[0.99, 0.01], [0.01, 0.99]], [80, 20], axis=0)
    >>> estimate_prevalence(sure, np.array([0.5, 0.5])).round(2).tolist()
    [0.8, 0.2]
    """
    rows, known = np.asarray(probabilities, np.float64), np.asarray(prevalence, np.float64)
    if rows.ndim != 2 or rows.shape[1:] != known.shape or len(rows) == 0:
        raise CalibrationError(f"probabilities {rows.shape} and shares {known.shape} must be (N, T) and (T,), N > 0")
    if not (_distributions(rows) and _distributions(known) and (known > 0).all()):
        raise CalibrationError("probabilities and shares must lie in [0, 1] and sum to 1, and every share above 0")
    added = _ADDED_CASES_PER_CODE * len(known) * known
    shares = known
    for _ in range(_MOST_STEPS):
        weighed = rows * (shares / known)
        cases = (weighed / weighed.sum(axis=1, keepdims=True)).sum(axis=0) + added
        before, shares = shares, cases / cases.sum()
        if np.abs(shares - before).max() < _SETTLED:
            found: Probabilities = shares
            return found
    raise CalibrationError(f"the shares of {len(known)} codes among {len(rows)} cases did not settle")


def _distributions(rows: Probabilities) -> bool:
    return bool(np.isfinite(rows).all() and (rows >= 0).all() and np.allclose(rows.sum(axis=-1), 1, atol=1e-6))
