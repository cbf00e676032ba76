import pytest
import torch

from flexura.training import precision
from flexura.training.precision import choose_type, computing_in, mixed_precision

CPU = torch.device("cpu")


def _product() -> torch.Tensor:
    return torch.ones(4, 4) @ torch.ones(4, 4)


@pytest.mark.parametrize(("able", "expected"), [(True, torch.bfloat16), (False, torch.float32)])
def test_bfloat16_only_where_the_processor_has_it(
    able: bool, expected: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precision, "has_bfloat16", lambda: able)
    with mixed_precision(CPU):
        assert _product().dtype == expected


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16, torch.float16])
def test_a_recipe_may_name_the_type(kind: torch.dtype) -> None:
    with computing_in(choose_type(str(kind).removeprefix("torch."), CPU), CPU):
        assert _product().dtype == kind
