"""All clinical features of a context in one vector, for explanation and for models trained on context."""

from flexura.clinical.categories import categorical_features
from flexura.clinical.demographics import demographic_features
from flexura.clinical.environment import environment_features
from flexura.clinical.history import history_features
from flexura.clinical.symptoms import symptom_features
from flexura.clinical.vectors import join
from flexura.records import FeatureVector, PatientContext


def clinical_features(context: PatientContext) -> FeatureVector:
    """Measure everything that the clinical rooms know of a context.

    The shipped network does not take these: it takes those of `clinical.context.encode_context`.

    Parameters
    ----------
    context : PatientContext
        Checked.

    Returns
    -------
    FeatureVector
        Demographics, symptoms, history, environment and categories, in clinical units; NaN is
        unknown, and every list of words has a column that says so.
    """
    return join(
        [
            demographic_features(context),
            symptom_features(context),
            history_features(context),
            environment_features(context),
            categorical_features(context),
        ]
    )
