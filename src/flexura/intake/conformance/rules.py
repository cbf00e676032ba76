"""The words that the rule tables are written in.

An attribute is named by its DICOM keyword; tag, value representation and multiplicity follow from
it (PS3.6). Types are those of PS3.5 7.4: 1 with a value, 2 present, 3 as you like; C under a condition.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from pydicom.dataset import Dataset

AttributeType = Literal["1", "1C", "2", "2C", "3"]
Usage = Literal["M", "C", "U"]

# Value number (from 1; 0 is every value) -> enumerated values; no others are allowed there.
Terms = Mapping[int, tuple[str, ...]]


@dataclass(frozen=True)
class Attribute:
    """What one module asks of one attribute.

    `condition` names a row of `conditions.CONDITIONS`; a conditional attribute without one depends
    on what only the sender knows and is judged only where it is present. `absent_if` names the condition
    under which it must not be there. `terms` are the enumerated values; `most_items` bounds a sequence;
    `clause` is that of the row if it is not its module's.
    """

    keyword: str
    type: AttributeType
    condition: str | None = None
    terms: Terms | None = None
    clause: str | None = None
    absent_if: str | None = None
    most_items: int | None = None


@dataclass(frozen=True)
class Rule:
    """A relation that must hold where all of its attributes have a value; it is reported at the first of them."""

    attributes: tuple[str, ...]
    message: str
    clause: str
    holds: Callable[[Dataset], bool]


@dataclass(frozen=True)
class Module:
    """A named group of attributes, with the rules between them, and where PS3.3 defines it.

    Where the module is optional, the file has it if it has one of `signs`.
    """

    name: str
    clause: str
    attributes: tuple[Attribute, ...]
    signs: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class ModuleUse:
    """A module in an object: mandatory, user option, or under a condition."""

    module: Module
    usage: Usage
    condition: str | None = None


@dataclass(frozen=True)
class Iod:
    """An information object: its name, its clause and its modules."""

    name: str
    clause: str
    modules: tuple[ModuleUse, ...]
