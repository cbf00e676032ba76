"""Words of a session's end, of what was typed and is brought back, and of second factors' QR codes."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# Key: English, German.
SESSION_TEXTS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "qr_hint": (
            "Scan this with the app that makes the codes:",
            "Mit der App scannen, die die Codes macht:",
        ),
        "qr_label": ("QR code of the secret that stands beside it", "QR-Code des Geheimnisses, das daneben steht"),
        "session_idle": (
            "Nothing was sent for a while. You will be signed out at",
            "Länger wurde nichts gesendet. Sie werden abgemeldet um",
        ),
        "session_old": (
            "Save now: sessions last 12 hours, and this one ends at",
            "Jetzt speichern: Sitzungen dauern 12 Stunden, diese endet um",
        ),
        "session_stay": ("Stay signed in", "Angemeldet bleiben"),
        "session_ended": ("You were signed out.", "Sie wurden abgemeldet."),
        "session_over": (
            "You were signed out. What you typed is still here: sign in, and it is filled in again.",
            "Sie wurden abgemeldet. Ihre Eingaben stehen noch hier: Nach dem Anmelden sind sie wieder eingetragen.",
        ),
        "session_kept": (
            "You were signed out. What you typed is kept in this tab: sign in, and it is filled in again.",
            "Sie wurden abgemeldet. Ihre Eingaben bleiben in diesem Tab: Nach dem Anmelden sind sie wieder da.",
        ),
        "session_restored": (
            "What you typed before you were signed out is filled in again. Nothing was sent yet.",
            "Was Sie vor der Abmeldung eingaben, ist wieder eingetragen. Gesendet wurde noch nichts.",
        ),
        "session_photos": (
            "You were signed out. The photos are still chosen: sign in in another tab, then try again here.",
            "Sie wurden abgemeldet. Die Fotos sind noch gewählt: in einem anderen Tab anmelden, dann hier erneut "
            "versuchen.",
        ),
    }
)
