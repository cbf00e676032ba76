"""How exactly a training computes: bfloat16 where the processor has instructions for it, float32 elsewhere.

Without them the processor would imitate bfloat16, a hundred times slower than float32.
"""

from contextlib import AbstractContextManager, nullcontext

import torch


def has_bfloat16() -> bool:
    """Whether this processor computes in bfloat16 itself."""
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())  # torch has no public name for it


def mixed_precision(*, enabled: bool = True) -> AbstractContextManager[object]:
    """Autocast to bfloat16 where that is faster; float32 where it is not, or where it is not `enabled`."""
    return torch.autocast("cpu", torch.bfloat16) if enabled and has_bfloat16() else nullcontext()
