"""The sets that can be imported, by name."""

from flexura.errors import ManifestError
from flexura.training.sets.ddi import DDI
from flexura.training.sets.dermacon_in import DERMACON_IN
from flexura.training.sets.fitzpatrick17k import FITZPATRICK17K
from flexura.training.sets.ham10000 import HAM10000
from flexura.training.sets.layout import PhotoSet
from flexura.training.sets.own import OWN_CSV, OWN_FOLDER
from flexura.training.sets.pad_ufes_20 import PAD_UFES_20
from flexura.training.sets.passion import PASSION
from flexura.training.sets.reviewed import REVIEWED
from flexura.training.sets.scin import SCIN
from flexura.training.sets.sd198 import SD198
from flexura.training.sets.skindisnet import SKINDISNET

EVERY_SET = (
    *(OWN_CSV, OWN_FOLDER, REVIEWED),
    *(SCIN, FITZPATRICK17K, PAD_UFES_20, SKINDISNET, DERMACON_IN, PASSION, SD198, DDI, HAM10000),
)


def set_named(name: str) -> PhotoSet:
    """Find a set.

    Parameters
    ----------
    name : str
        As in `EVERY_SET`.

    Returns
    -------
    PhotoSet

    Raises
    ------
    ManifestError
        If there is none of this name.
    """
    for known in EVERY_SET:
        if known.name == name:
            return known
    raise ManifestError(f"no set is called {name!r}; known: {', '.join(known.name for known in EVERY_SET)}")
