"""Words of the model's page: figures, subgroups and drift; a part of the catalogue `texts`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# Key: English, German.
MODEL_TEXTS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "measured": ("What was measured", "Was gemessen wurde"),
        "measured_on": (
            "Photos of public collections that trained nothing, without context; of atlases, not of a clinic:",
            "Fotos öffentlicher Sammlungen, an denen nichts gelernt wurde, ohne Angaben; aus Atlanten, nicht aus "
            "einer Klinik:",
        ),
        "no_card": (
            "Nothing measured comes with this model: ask whoever made it.",
            "Zu diesem Modell liegen keine Messwerte bei: bitte fragen, wer es gemacht hat.",
        ),
        "figure_top1": ("The first diagnosis is right", "Die erste Diagnose stimmt"),
        "figure_top3": ("Among the first three", "Unter den ersten drei"),
        "figure_eczema_auc": ("Eczema against all else, AUC", "Ekzem gegen alles andere, AUC"),
        "figure_calibration_error": ("Expected calibration error", "Erwarteter Kalibrierfehler"),
        "figure_signs_kappa": ("Six signs, weighted kappa", "Sechs Zeichen, gewichtetes Kappa"),
        "figure_iga_kappa": ("IGA, weighted kappa", "IGA, gewichtetes Kappa"),
        "figure_outline_iou": ("Outline of affected skin, IoU", "Umriss der betroffenen Haut, IoU"),
        "figure_area_error_points": ("Area, median error in points", "Fläche, mittlerer Fehler in Punkten"),
        "unseen": ("It does not work on unseen cameras.", "Bei unbekannten Kameras versagt es."),
        "unseen_not_measured": (
            "It was not measured on cameras that the training did not see.",
            "An Kameras, die das Training nicht sah, wurde es nicht gemessen.",
        ),
        "unseen_on": (
            "Photos of sources that the training did not see:",
            "Fotos aus Quellen, die das Training nicht sah:",
        ),
        "value_sure": ("Value (95 % interval)", "Wert (95-%-Bereich)"),
        "by_subgroup": ("By subgroup", "Nach Untergruppen"),
        "subgroup": ("Subgroup", "Untergruppe"),
        "group_all": ("All photos", "Alle Fotos"),
        "group_skin_type_read": ("Skin type, as read", "Hauttyp, wie gelesen"),
        "group_skin_type_told": ("Skin type, of the source", "Hauttyp, laut Quelle"),
        "group_site": ("Body site", "Körperstelle"),
        "group_source": ("Source", "Quelle"),
        "right_first": ("Right first", "Erste richtig"),
        "among_three": ("Of first three", "Unter drei"),
        "auc_short": ("Eczema AUC", "Ekzem-AUC"),
        "error_short": ("Calibration error", "Kalibrierfehler"),
        "too_few": ("too few", "zu wenige"),
        "few_hint": (
            "Too few: the figure would rest on fewer than this many photos:",
            "Zu wenige: Der Wert beruhte auf weniger Fotos als:",
        ),
        "group_unknown": (
            "The photos do not tell these, so nothing is known by them:",
            "Davon sagen die Fotos nichts, also ist danach nichts bekannt:",
        ),
        "sets_by_tone": ("90 % prediction sets by measured skin tone", "90-%-Vorhersagemengen nach gemessenem Hautton"),
        "tone": ("Skin tone", "Hautton"),
        "sets_hold": ("Hold the truth", "Enthalten die Wahrheit"),
        "sets_codes": ("Diagnoses in a set", "Diagnosen je Menge"),
        "age": ("age", "Alter"),
        "in_clinic": ("In this clinic", "In dieser Klinik"),
        "watch_hint": (
            "Compares the answers of the last 90 days with the 90 days before, and with what clinicians said of them. "
            "Counts and figures only; that you asked, and each patient whose answers are counted, stands in the log.",
            "Vergleicht die Antworten der letzten 90 Tage mit den 90 Tagen davor und mit dem ärztlichen Urteil. Nur "
            "Anzahlen und Werte; dass Sie fragten, und jeder gezählte Patient, steht im Protokoll.",
        ),
        "watch": ("Measure now", "Jetzt messen"),
        "answers_counted": ("Photos, patients", "Fotos, Patienten"),
        "fewer_than": ("fewer than", "weniger als"),
        "drift": ("Drift of the last 90 days", "Drift der letzten 90 Tage"),
        "drift_found": ("These no longer look as before:", "Nicht mehr wie zuvor:"),
        "drift_none": ("No drift was found.", "Keine Drift gefunden."),
        "drift_few": (
            "Too few photos on either side to tell.",
            "Auf einer der Seiten zu wenige Fotos, um etwas zu sagen.",
        ),
        "drift_no_time": (
            "There is nothing to compare: no photos now, or none in the 90 days before.",
            "Nichts zu vergleichen: jetzt keine Fotos, oder keine in den 90 Tagen davor.",
        ),
        "drift_hint": (
            "The chance of any false alarm is 5 %. Drift says that photos changed, not that answers got worse.",
            "Die Wahrscheinlichkeit eines Fehlalarms ist 5 %. Drift heißt: Die Fotos sind anders, nicht: schlechtere "
            "Antworten.",
        ),
        "channel": ("What is watched", "Beobachtet"),
        "before": ("Before", "Zuvor"),
        "now": ("Now", "Jetzt"),
        "chance": ("p", "p"),
        "all_channels": ("Everything that is watched", "Alles Beobachtete"),
        "agreement": ("Clinicians and answers", "Ärztliches Urteil und Antworten"),
        "agreement_first": ("The first diagnosis is the clinicians'", "Die erste Diagnose ist die ärztliche"),
        "agreement_few": ("Too few reviewed photos to tell.", "Zu wenige geprüfte Fotos, um etwas zu sagen."),
        "agreement_hint": (
            "Reviewed cases are no random sample: whoever reviews, picks.",
            "Geprüfte Fälle sind keine Zufallsauswahl: Wer prüft, wählt aus.",
        ),
        "agreement_groups": ("Agreement by group", "Übereinstimmung nach Gruppen"),
        "by_skin_tone": ("Skin tone", "Hautton"),
        "by_age_group": ("Age", "Alter"),
        "by_sex": ("Sex", "Geschlecht"),
        "reviewed_photos": ("Reviewed", "Geprüft"),
        "agreed_share": ("Agreed", "Übereinstimmung"),
        "due": ("Is a new training due?", "Ist ein neues Training fällig?"),
        "due_retrain": (
            "A rule says: train again. A person decides.",
            "Eine Regel sagt: neu trainieren. Ein Mensch entscheidet.",
        ),
        "due_refit": (
            "A rule says: fit the probabilities anew. A person decides.",
            "Eine Regel sagt: Wahrscheinlichkeiten neu anpassen. Ein Mensch entscheidet.",
        ),
        "due_look": ("A rule says: look at what drifted.", "Eine Regel sagt: ansehen, was sich verschob."),
        "due_collect_reviews": (
            "A rule is met, but more cases must be reviewed before a training could be judged.",
            "Eine Regel ist erfüllt, doch erst müssen mehr Fälle geprüft sein, um ein Training zu beurteilen.",
        ),
        "due_keep": ("No rule is met.", "Keine Regel ist erfüllt."),
        "due_unknown": ("Too little is known for any rule.", "Für jede Regel ist zu wenig bekannt."),
    }
)
