"""Words of what takes its time: photos on their way, answers to come, measurements; a part of the catalogue `texts`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# Key: English, German.
WORK_TEXTS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "cancel": ("Cancel", "Abbrechen"),
        "work": ("Photos without an answer", "Fotos ohne Antwort"),
        "work_unasked": ("Stored; no answer was asked for.", "Gespeichert; eine Antwort wurde nicht verlangt."),
        "work_queued": ("Stored; waits to be assessed.", "Gespeichert; wartet auf die Beurteilung."),
        "work_running": ("Stored; is being assessed.", "Gespeichert; wird beurteilt."),
        "work_done": ("Assessed.", "Beurteilt."),
        "work_failed": ("Stored; it could not be assessed:", "Gespeichert; nicht zu beurteilen:"),
        "work_cancelled": ("Stored; the assessment was cancelled.", "Gespeichert; die Beurteilung wurde abgebrochen."),
        "work_died": (
            "Whatever tried to assess it ended each time.",
            "Jeder Versuch, es zu beurteilen, brach ab.",
        ),
        "add_another": ("Add another photo", "Weiteres Foto hinzufügen"),
        "work_ask": ("Assess", "Beurteilen"),
        "work_look": ("Look again", "Erneut nachsehen"),
        "work_show": ("Show the answer", "Antwort zeigen"),
        "sending": ("Sending…", "Wird gesendet…"),
        "send_cancelled": (
            "Cancelled. What was not sent whole is not stored, and still chosen.",
            "Abgebrochen. Was nicht ganz gesendet war, ist nicht gespeichert und bleibt gewählt.",
        ),
        "measuring": ("Patients read, of", "Patienten gelesen, von"),
        "measure_failed": ("It could not be measured.", "Die Messung ist misslungen."),
        "measure_cancelled": ("The measurement was cancelled.", "Die Messung wurde abgebrochen."),
        "measured_at": ("Measured", "Gemessen"),
    }
)
