"""Words of the course's page: charts, changes, photos side by side, POEM; a part of the catalogue `texts`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# Key: English, German.
COURSE_TEXTS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "beside": ("Side by side", "Nebeneinander"),
        "beside_left": ("Left", "Links"),
        "beside_right": ("Right", "Rechts"),
        "beside_untouched": ("Light as taken", "Licht wie aufgenommen"),
        "compare": ("Compare", "Vergleichen"),
        "beside_scale": (
            "At one scale, from a ruler or the files' pixel spacing; the bar is 10 mm.",
            "Im selben Maßstab, nach Lineal oder Pixelabstand der Dateien; der Balken ist 10 mm lang.",
        ),
        "beside_no_scale": (
            "Not at one scale: it is not known of both photos. Do not compare sizes.",
            "Nicht im selben Maßstab: er ist nicht von beiden Fotos bekannt. Größen nicht vergleichen.",
        ),
        "beside_as_taken": ("Light as taken.", "Licht wie aufgenommen."),
        "beside_colour": (
            "The colour of each light, measured beside the skin, is taken out in part.",
            "Die Farbe jedes Lichts, neben der Haut gemessen, ist zum Teil herausgerechnet.",
        ),
        "beside_no_colour": (
            "The colour of the light is not known of both photos, and stays where it is not.",
            "Die Lichtfarbe ist nicht von beiden Fotos bekannt und bleibt, wo sie es nicht ist.",
        ),
        "beside_brightness": (
            "Unaffected skin is brought to one brightness: tanning in between is hidden.",
            "Nicht betroffene Haut ist gleich hell gemacht: Bräunung dazwischen ist nicht zu sehen.",
        ),
        "beside_no_brightness": (
            "Brightness stays as taken: unaffected skin was not measured on both.",
            "Die Helligkeit bleibt wie aufgenommen: nicht betroffene Haut war nicht auf beiden zu messen.",
        ),
        "chart": ("EASI at each visit, with its 90 % interval", "EASI je Besuch mit 90-%-Bereich"),
        "chart_hint": (
            "EASI of the whole body; bars are 90 % intervals: what the model may misread, what no photo shows, and the "
            "reading error of experts. No dot: parts of the body are not known. Below: treatments; diamonds: outcomes.",
            "EASI des ganzen Körpers; Balken sind 90-%-Bereiche: was das Modell falsch lesen kann, was kein Foto "
            "zeigt, und der Lesefehler von Fachleuten. Kein Punkt: Körperteile unbekannt. Unten: Therapien; Rauten: "
            "Verlauf.",
        ),
        "visits": ("Visits", "Besuche"),
        "day": ("Day", "Tag"),
        "easi": ("EASI (90 % interval)", "EASI (90-%-Bereich)"),
        "scorad": ("Objective SCORAD", "Objektiver SCORAD"),
        "itch_short": ("Itch, 0 to 10", "Juckreiz, 0 bis 10"),
        "treatments": ("Treatments", "Therapien"),
        "changes": ("Changes of EASI (95 % interval)", "Änderungen des EASI (95-%-Bereich)"),
        "between": ("Between", "Zwischen"),
        "change": ("Change", "Änderung"),
        "verdict": ("Verdict", "Urteil"),
        "verdict_fell": ("Fell", "Gesunken"),
        "verdict_rose": ("Rose", "Gestiegen"),
        "verdict_within_error": ("Within the error of measurement", "Innerhalb des Messfehlers"),
        "verdict_unknown": ("Cannot be told", "Nicht zu sagen"),
        "untold": ("Cannot be told", "Nicht zu sagen"),
        "reached": ("Reached", "Erreicht"),
        "not_reached": ("Not reached", "Nicht erreicht"),
        "photos_hint": (
            "In the order of time, at the same height; distance and light are as taken.",
            "In zeitlicher Folge, gleich hoch; Abstand und Licht wie aufgenommen.",
        ),
        "no_visits": ("No photo has been answered on yet.", "Noch wurde kein Foto beurteilt."),
        "poem": (
            "POEM, what the patient says of the last week",
            "POEM, wie es dem Patienten in der letzten Woche ging",
        ),
        "poem_short": ("POEM", "POEM"),
        "poem_chart": ("POEM by day, with its bands", "POEM je Tag, mit seinen Bereichen"),
        "poem_hint": (
            "Bands: Charman 2013. A change of up to 2 points lies within the error of measurement, 3 is probably and 4 "
            "or more very likely important (Howells 2018, in children).",
            "Bereiche: Charman 2013. Eine Änderung bis 2 Punkte liegt im Messfehler, 3 ist wahrscheinlich und ab 4 "
            "sehr wahrscheinlich bedeutsam (Howells 2018, bei Kindern).",
        ),
        "poem_total": ("Points, 0 to 28", "Punkte, 0 bis 28"),
        "poem_band": ("Band", "Bereich"),
        "band_clear_or_almost_clear": ("Clear or almost clear", "(Fast) erscheinungsfrei"),
        "band_mild": ("Mild", "Leicht"),
        "band_moderate": ("Moderate", "Mittel"),
        "band_severe": ("Severe", "Schwer"),
        "band_very_severe": ("Very severe", "Sehr schwer"),
        "verdict_probably_important": ("Probably important", "Wahrscheinlich bedeutsam"),
        "verdict_very_likely_important": ("Very likely important", "Sehr wahrscheinlich bedeutsam"),
        "poem_enter": ("Enter POEM", "POEM eintragen"),
        "poem_enter_hint": (
            "All seven answers of the sheet, whose wording belongs to the University of Nottingham; without one there "
            "is no total.",
            "Alle sieben Antworten des Bogens, dessen Wortlaut der Universität Nottingham gehört; fehlt eine, gibt es "
            "keine Summe.",
        ),
        "poem_points": ("Points of each answer, 0 to 4", "Punkte je Antwort, 0 bis 4"),
        "poem_itch": ("Itch", "Juckreiz"),
        "poem_sleep": ("Sleep", "Schlaf"),
        "poem_bleeding": ("Bleeding", "Bluten"),
        "poem_weeping": ("Weeping", "Nässen"),
        "poem_cracking": ("Cracking", "Risse"),
        "poem_flaking": ("Flaking", "Schuppen"),
        "poem_dryness": ("Dryness", "Trockenheit"),
    }
)
