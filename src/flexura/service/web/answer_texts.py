"""Words around an answer on one photo; a part of the catalogue `texts`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# Key: English, German.
ANSWER_TEXTS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "red_flags": ("Red flags: exclude these first", "Warnzeichen: zuerst ausschließen"),
        "abstained": ("Do not rely on this answer", "Auf diese Antwort ist kein Verlass"),
        "diagnoses": ("Diagnoses", "Diagnosen"),
        "likely": ("Probability", "Wahrscheinlichkeit"),
        "eczema": ("Eczema of any kind", "Ekzem jeder Art"),
        "by_picture": ("Eczema, by the picture alone:", "Ekzem, nach dem Bild allein:"),
        "part_age_years": ("age", "Alter"),
        "part_sex": ("sex", "Geschlecht"),
        "part_itch": ("itch", "Juckreiz"),
        "part_duration_days": ("duration", "Dauer"),
        "part_skin_type": ("skin type", "Hauttyp"),
        "part_site": ("site of the photo", "Stelle des Fotos"),
        "part_sites": ("sites affected", "betroffene Stellen"),
        "part_symptoms": ("symptoms", "Beschwerden"),
        "part_textures": ("how it feels", "wie es sich anfühlt"),
        "part_measurements": ("measurements on the photo", "Messungen am Foto"),
        "signs": ("Signs, 0 to 3 (90 % range)", "Zeichen, 0 bis 3 (90-%-Bereich)"),
        "grade": ("Grade", "Grad"),
        "area": ("Affected share of the visible skin", "Betroffener Anteil der sichtbaren Haut"),
        "to": ("to", "bis"),
        "alternatives": ("Alternatives", "Alternativen"),
        "speaks_for": ("For", "Dafür"),
        "against": ("Against", "Dagegen"),
        "settles": ("Would settle it", "Würde es klären"),
        "guidance": ("What guidelines say", "Was Leitlinien sagen"),
        "differ": ("guidelines differ", "Leitlinien unterscheiden sich"),
        "not_covered": ("What was not seen", "Was nicht gesehen wurde"),
    }
)
