"""One plain answer to advise on: atopic dermatitis, moderate, all signs of grade 2."""

import pytest

from flexura.decision.calibration import Calibration
from flexura.decision.decide import decide
from flexura.records import Assessment, Case, ModelInfo, Prediction


@pytest.fixture
def answer(case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo) -> Assessment:
    return decide(case, prediction, calibration=calibration, model=model)
