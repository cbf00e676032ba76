"""Every word of the pages, by key, in each language; the answer's own words come in English from the report."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

LANGUAGES: Final = ("en", "de")

# Key: English, German.
_TABLE: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "title": ("flexura", "flexura"),
        "disclaimer": (
            "Decision support for research and clinicians; not a medical device.",
            "Entscheidungshilfe für Forschung und Ärzte; kein Medizinprodukt.",
        ),
        "skip": ("Skip to content", "Zum Inhalt"),
        "sign_in": ("Sign in", "Anmelden"),
        "sign_out": ("Sign out", "Abmelden"),
        "name": ("Name", "Name"),
        "password": ("Password", "Passwort"),
        "code": ("One-time code", "Einmalcode"),
        "code_hint": (
            "Six digits from your app; leave empty if you have none.",
            "Sechs Ziffern aus Ihrer App; leer lassen, falls Sie keinen haben.",
        ),
        "first_run": (
            "First start? An administrator adds users with:",
            "Erster Start? Ein Administrator legt Benutzer an mit:",
        ),
        "demo_label": ("Demo", "Demo"),
        "demo": (
            "Demo. These patients were rendered and never existed; all is deleted when the demo ends. The network "
            "never learned from rendered skin: expect wrong diagnoses, and correct them.",
            "Demo. Diese Patienten sind gerechnet, es gab sie nie; am Ende wird alles gelöscht. Das Netz hat nie an "
            "gerechneter Haut gelernt: Diagnosen sind oft falsch, bitte berichtigen.",
        ),
        "demo_names": (
            "Name and password are filled in. The same password is good for:",
            "Name und Passwort sind eingetragen. Dasselbe Passwort gilt für:",
        ),
        "failed": (
            "Name, password or code is wrong, or there were too many attempts. Try again.",
            "Name, Passwort oder Code ist falsch, oder es waren zu viele Versuche. Bitte erneut versuchen.",
        ),
        "worklist": ("Worklist", "Arbeitsliste"),
        "all": ("All", "Alle"),
        "waiting": ("Waiting", "Wartet"),
        "assessed": ("Assessed", "Beurteilt"),
        "reviewed": ("Reviewed", "Geprüft"),
        "nothing": ("No cases here.", "Hier sind keine Fälle."),
        "nobody": ("No patient has this number.", "Kein Patient hat diese Nummer."),
        "more": ("Next page", "Nächste Seite"),
        "find": ("Find", "Suchen"),
        "number": ("Patient number", "Patientennummer"),
        "patient": ("Patient", "Patient"),
        "born": ("Date of birth", "Geburtsdatum"),
        "site": ("Site", "Körperstelle"),
        "status": ("Status", "Status"),
        "begun": ("Begun", "Begonnen"),
        "admit": ("Admit patient", "Patient aufnehmen"),
        "cases": ("Cases", "Fälle"),
        "new_case": ("New case", "Neuer Fall"),
        "begin": ("Begin case", "Fall beginnen"),
        "unknown_hint": (
            "What you leave empty is unknown, and is never guessed.",
            "Was leer bleibt, gilt als unbekannt und wird nie geraten.",
        ),
        "age_years": ("Age (years)", "Alter (Jahre)"),
        "sex": ("Sex", "Geschlecht"),
        "female": ("Female", "Weiblich"),
        "male": ("Male", "Männlich"),
        "other": ("Other", "Divers"),
        "itch": ("Worst itch of three days (0 to 10)", "Stärkster Juckreiz in drei Tagen (0 bis 10)"),
        "duration_days": ("Duration (days)", "Dauer (Tage)"),
        "side": ("Side", "Seite"),
        "left": ("Left", "Links"),
        "right": ("Right", "Rechts"),
        "unknown": ("Unknown", "Unbekannt"),
        "photos": ("Photos", "Fotos"),
        "photo": ("Photo of the skin", "Foto der Haut"),
        "add_photo": ("Add and assess photo", "Foto hinzufügen und beurteilen"),
        "add_hint": (
            "Sharp, in even light, from about 20 cm. The quality is checked before it is answered on.",
            "Scharf, in gleichmäßigem Licht, aus etwa 20 cm. Die Qualität wird vor der Beurteilung geprüft.",
        ),
        "working": ("Storing and assessing the photo…", "Foto wird gespeichert und beurteilt…"),
        "lost": (
            "The connection was lost. The photo is still chosen: try again.",
            "Die Verbindung brach ab. Das Foto ist noch gewählt: erneut versuchen.",
        ),
        "assessment": ("Assessment", "Beurteilung"),
        "red_flags": ("Red flags: exclude these first", "Warnzeichen: zuerst ausschließen"),
        "abstained": ("Do not rely on this answer", "Auf diese Antwort ist kein Verlass"),
        "diagnoses": ("Diagnoses", "Diagnosen"),
        "likely": ("Probability", "Wahrscheinlichkeit"),
        "eczema": ("Eczema of any kind", "Ekzem jeder Art"),
        "signs": ("Signs, 0 to 3 (90 % range)", "Zeichen, 0 bis 3 (90-%-Bereich)"),
        "grade": ("Grade", "Grad"),
        "area": ("Affected share of the visible skin", "Betroffener Anteil der sichtbaren Haut"),
        "to": ("to", "bis"),
        "alternatives": ("Alternatives", "Alternativen"),
        "speaks_for": ("For", "Dafür"),
        "against": ("Against", "Dagegen"),
        "guidance": ("What guidelines say", "Was Leitlinien sagen"),
        "not_covered": ("What was not seen", "Was nicht gesehen wurde"),
        "model": ("Model", "Modell"),
        "review": ("Your review", "Ihre Prüfung"),
        "agree": ("Sign: the answer is right", "Zeichnen: Die Antwort stimmt"),
        "correct": ("Correct the answer", "Antwort berichtigen"),
        "sign_hint": (
            "Your name and the time are stored with it; it cannot be changed later, only added to.",
            "Ihr Name und die Zeit werden mitgespeichert; später ist nur Ergänzen möglich, kein Ändern.",
        ),
        "sign_correction": ("Sign correction", "Berichtigung zeichnen"),
        "as_answered": ("As answered", "Wie beantwortet"),
        "signs_instead": ("Signs instead, 0 to 3", "Stattdessen Zeichen, 0 bis 3"),
        "iga": ("IGA", "IGA"),
        "why": ("Why", "Warum"),
        "reason_wrong_diagnosis": ("Wrong diagnosis", "Falsche Diagnose"),
        "reason_wrong_signs": ("Signs misread", "Zeichen falsch gelesen"),
        "reason_wrong_outline": ("Wrong outline", "Falscher Umriss"),
        "reason_missed_red_flag": ("Red flag missed", "Warnzeichen übersehen"),
        "reason_misleading_photo": ("The photo misleads", "Das Foto täuscht"),
        "reason_context_was_missing": ("Something was not told", "Angaben fehlten"),
        "outline": ("Outline of affected skin", "Umriss der betroffenen Haut"),
        "drawn": ("outline drawn", "Umriss gezeichnet"),
        "brush": ("Brush", "Pinsel"),
        "draw": ("Draw", "Zeichnen"),
        "erase": ("Erase", "Löschen"),
        "size": ("Size", "Größe"),
        "undo": ("Undo", "Rückgängig"),
        "clear": ("Clear", "Leeren"),
        "reset": ("The network's outline", "Umriss des Netzes"),
        "brush_hint": (
            "Draw with mouse, pen or finger; by keyboard, arrows move the brush and the space bar draws. What you do "
            "not touch stays as answered.",
            "Mit Maus, Stift oder Finger zeichnen; mit der Tastatur bewegen Pfeile den Pinsel, die Leertaste zeichnet. "
            "Was Sie nicht berühren, bleibt wie beantwortet.",
        ),
        "layer_lesion": ("Affected skin", "Betroffene Haut"),
        "layer_skin": ("Edge of skin", "Rand der Haut"),
        "layer_clinician": ("Drawn by a clinician", "Ärztlich gezeichnet"),
        "opacity": ("Opacity", "Deckkraft"),
        "zoom": ("Zoom", "Vergrößerung"),
        "report": ("Report", "Bericht"),
        "print": ("Print, or save as PDF", "Drucken oder als PDF sichern"),
        "printed": ("Printed", "Gedruckt"),
        "fhir": ("FHIR (JSON)", "FHIR (JSON)"),
        "back_case": ("Back to the case", "Zurück zum Fall"),
        "agreed": ("Agrees with the answer", "Stimmt der Antwort zu"),
        "disagreed": ("Does not agree", "Stimmt nicht zu"),
        "diagnosis": ("Diagnosis instead", "Stattdessen Diagnose"),
        "note": ("Note", "Notiz"),
        "reviews": ("Reviews", "Prüfungen"),
        "outcomes": ("Outcomes", "Verlauf"),
        "outcome": ("Record outcome", "Verlauf festhalten"),
        "observed_on": ("Observed on", "Beobachtet am"),
        "save": ("Save", "Speichern"),
        "stopped": ("This did not work", "Das ging nicht"),
        "back": ("Back to the worklist", "Zurück zur Arbeitsliste"),
        "documents_english": ("The answer's own words are in English.", "Die Worte der Antwort selbst sind englisch."),
    }
)

TEXTS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        language: MappingProxyType({key: words[index] for key, words in _TABLE.items()})
        for index, language in enumerate(LANGUAGES)
    }
)
