"""The words that the rule tables are written in.

An attribute is named by its DICOM keyword; tag, value representation and multiplicity follow from
it (PS3.6). Types are those of PS3.5 7.4: 1 with a value, 2 present, 3 as you like; C under a condition.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

AttributeType = Literal["1", "1C", "2", "2C", "3"]
Usage = Literal["M", "C", "U"]

# Value number (from 1; 0 is every value) -> enumerated values; no others are allowed there.
Terms = Mapping[int, tuple[str, ...]]


@dataclass(frozen=True)
class Attribute:
    """What one module asks of one attribute.

    `condition` names a row of `conditions.CONDITIONS`; a conditional attribute without one depends
    on what only the sender knows and is judged only where it is present. `terms` are the enumerated
    values; `clause` that of the row if it is not its module's.
    """

    keyword: str
    type: AttributeType
    condition: str | None = None
    terms: Terms | None = None
    clause: str | None = None


@dataclass(frozen=True)
class Module:
    """A named group of attributes and where PS3.3 defines it.

    Where the module is optional, the file has it if it has one of `signs`.
    """

    name: str
    clause: str
    attributes: tuple[Attribute, ...]
    signs: tuple[str, ...] = ()


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
