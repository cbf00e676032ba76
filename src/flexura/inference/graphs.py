"""The two graphs of a bundle by name: what goes in, what comes out, in this order; every end has a batch axis first.

`look` sees the picture and is almost all of the work; `answer` joins what it saw with the context and with what was
measured where it saw lesion and skin.
"""

from dataclasses import dataclass

from flexura.clinical.context import CONTEXT_NAMES
from flexura.features import FEATURE_NAMES


@dataclass(frozen=True)
class Graph:
    """File name in the bundle, inputs and outputs in order."""

    file: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


LOOK = Graph("look.onnx", ("pixels",), ("maps", "attention", "pooled"))
ANSWER = Graph(
    "answer.onnx", ("pooled", "context", "findings"), ("logits", "logit_samples", "signs", "iga", "distance")
)
GRAPHS = (LOOK, ANSWER)


def look_shapes(side: int) -> dict[str, list[int]]:
    """Sizes that `look` must have, without the batch axis."""
    return {"pixels": [side, side, 3]}


def answer_shapes(codes: int) -> dict[str, list[int]]:
    """Sizes that `answer` must have, without the batch axis."""
    return {"context": [len(CONTEXT_NAMES)], "findings": [len(FEATURE_NAMES)], "logits": [codes]}
