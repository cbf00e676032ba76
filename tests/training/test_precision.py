import pytest
import torch

from flexura.training import precision
from flexura.training.precision import mixed_precision


def _product() -> torch.Tensor:
    return torch.ones(4, 4) @ torch.ones(4, 4)


@pytest.mark.parametrize(("able", "expected"), [(True, torch.bfloat16), (False, torch.float32)])
def test_bfloat16_only_where_the_processor_has_it(
    able: bool, expected: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precision, "has_bfloat16", lambda: able)
    with mixed_precision():
        assert _product().dtype == expected
    with mixed_precision(enabled=False):
        assert _product().dtype == torch.float32
