"""Where the network computes: which choices there are, and what a machine makes of one; imports no engine.

That the engine lists its CUDA provider says only that it was built with it. Whether driver, CUDA, cuDNN and GPU are
there shows when the provider is started: left to itself, the engine then quietly goes on without it.
"""

from collections.abc import Callable, Collection
from typing import Final, Literal, TypeAlias, get_args

from flexura.errors import DependencyMissing

Device: TypeAlias = Literal["auto", "cpu", "cuda"]
Place: TypeAlias = Literal["cpu", "cuda"]

DEVICES: Final[tuple[str, ...]] = get_args(Device)
# By the names that ONNX Runtime gives its providers.
PROVIDERS: Final[dict[Place, str]] = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
PLACE_WORDS: Final[dict[Place, str]] = {"cpu": "on the CPU", "cuda": "on the GPU (CUDA)"}
NOT_BUILT: Final = (
    "The installed engine has no CUDA provider; install onnxruntime-gpu in the place of onnxruntime, "
    "or set FLEXURA_DEVICE to auto or cpu."
)
NOT_STARTED: Final = (
    "The engine's CUDA provider does not start: driver, CUDA, cuDNN or GPU are missing or of another version; "
    "install them, or set FLEXURA_DEVICE to auto or cpu."
)


def choose_place(device: Device, *, listed: Collection[str], starts: Callable[[], bool]) -> Place:
    """Choose where to compute.

    Parameters
    ----------
    device : Device
        `auto` takes a GPU that can be used, and the CPU where there is none; `cuda` takes no other.
    listed : Collection[str]
        The providers that the engine was built with.
    starts : Callable[[], bool]
        Tries whether the CUDA provider starts; asked only where it is listed and wanted.

    Returns
    -------
    Place

    Raises
    ------
    DependencyMissing
        When `cuda` is asked for and cannot be had.

    Examples
    --------
    >>> choose_place("auto", listed=["CPUExecutionProvider"], starts=lambda: True)
    'cpu'
    """
    if device == "cpu":
        return "cpu"
    built = PROVIDERS["cuda"] in listed
    if built and starts():
        return "cuda"
    if device == "cuda":
        raise DependencyMissing(NOT_STARTED if built else NOT_BUILT)
    return "cpu"
