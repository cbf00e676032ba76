"""One whole network with its first, random weights, and small photos of noise."""

import pytest
import torch
from torch import Tensor

from flexura.model.network import Network, NetworkConfig


@pytest.fixture(scope="session")
def network() -> Network:
    """In evaluation mode; shared, so no test may change it."""
    torch.manual_seed(1)
    return Network(NetworkConfig(codes=5, context_features=3, findings=2)).eval()


@pytest.fixture(scope="session")
def pixels() -> Tensor:
    """uint8 (3, 64, 64, 3)."""
    return torch.randint(0, 256, (3, 64, 64, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(2))
