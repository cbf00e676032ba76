"""Errors as a C-STORE is answered: a status of the standard, and the reason code as its Error Comment.

`STATUSES` is the one table: general statuses of PS3.7 C.5, then those of the storage service, PS3.4 B.2.3.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pydicom.dataset import Dataset

from flexura import errors
from flexura.errors import FlexuraError

SUCCESS: Final = 0x0000

# By the nearest base: a new leaf has the status of its kind.
STATUSES: Final[Mapping[type[FlexuraError], int]] = MappingProxyType(
    {
        FlexuraError: 0x0110,  # processing failure
        errors.StoreRefused: 0x0111,  # duplicate SOP instance
        errors.AccessRefused: 0x0124,  # not authorized
        errors.SomethingMissing: 0xA700,  # out of resources: the same later may succeed
        errors.DicomNotAPhoto: 0xA900,  # data set does not match SOP class
        errors.InputRefused: 0xC000,  # cannot understand
        errors.NotStored: 0xC100,  # cannot understand: a patient whom nobody admitted
    }
)


def answer_error(error: FlexuraError) -> Dataset:
    """Put an error into the answer to a C-STORE.

    Parameters
    ----------
    error : FlexuraError
        Why the photo is not stored.

    Returns
    -------
    Dataset
        Status and Error Comment: the reason code, and nothing of the photo.
    """
    answer = Dataset()
    answer.Status = next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
    answer.ErrorComment = error.code
    return answer
