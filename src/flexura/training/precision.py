"""Where and how exactly a training computes.

Without instructions for it a processor would imitate bfloat16, a hundred times slower than float32.
"""

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import nn

_TYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def has_bfloat16() -> bool:
    """Whether this processor computes in bfloat16 itself."""
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())  # torch has no public name for it


def find_device() -> torch.device:
    """The GPU where there is one, else the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def device_of(network: nn.Module) -> torch.device:
    """Where a network's weights are."""
    return next(network.parameters()).device


def choose_type(precision: str, device: torch.device) -> torch.dtype:
    """The type that products are computed in: the recipe's, or for `auto` the fastest that this machine has."""
    if precision != "auto":
        return _TYPES[precision]
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    return torch.bfloat16 if has_bfloat16() else torch.float32


def computing_in(kind: torch.dtype, device: torch.device) -> AbstractContextManager[object]:
    """Autocast to a type; float32 needs none."""
    return nullcontext() if kind == torch.float32 else torch.autocast(device.type, kind)


def mixed_precision(device: torch.device) -> AbstractContextManager[object]:
    """Autocast to the fastest type of a device."""
    return computing_in(choose_type("auto", device), device)
