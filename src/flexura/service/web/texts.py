"""Every word of the pages, by key, in each language; what the service says in words of its own, `words` translates."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from flexura.service.web.answer_texts import ANSWER_TEXTS
from flexura.service.web.asking_texts import ASKING_TEXTS
from flexura.service.web.course_texts import COURSE_TEXTS
from flexura.service.web.model_texts import MODEL_TEXTS
from flexura.service.web.session_texts import SESSION_TEXTS
from flexura.service.web.work_texts import WORK_TEXTS

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
            "First start: nobody can sign in yet. The terminal on which the service was started shows a link, good for "
            "one hour, to make the first administrator; starting it again shows another. Or on its machine:",
            "Erster Start: Noch kann sich niemand anmelden. Das Terminal, auf dem der Dienst gestartet wurde, zeigt "
            "eine Adresse, eine Stunde lang gültig, um die Verwaltung anzulegen; ein neuer Start zeigt eine neue. "
            "Oder auf seinem Rechner:",
        ),
        "set_up": ("Set up this clinic", "Klinik einrichten"),
        "set_up_hint": (
            "You will be the first administrator: you add everybody else, and see no patient.",
            "Sie erhalten als Erste die Rolle Verwaltung: Sie legen alle anderen an und sehen keine Patienten.",
        ),
        "set_up_secret": ("Secret of the link", "Geheimnis der Adresse"),
        "set_up_secret_hint": (
            "It is filled in if you followed the link on the terminal; otherwise copy what stands behind its #.",
            "Es ist eingetragen, wenn Sie der Adresse im Terminal folgten; sonst kopieren, was hinter ihrem # steht.",
        ),
        "set_up_again": ("The password once more", "Das Passwort noch einmal"),
        "set_up_app": (
            "Or add this secret to an app for one-time codes by hand; it is not shown again:",
            "Oder dieses Geheimnis von Hand in eine App für Einmalcodes eintragen; es wird nicht noch einmal gezeigt:",
        ),
        "set_up_open": ("Open in an app on this device", "In einer App auf diesem Gerät öffnen"),
        "set_up_code_hint": ("Six digits that the app now shows.", "Sechs Ziffern, die die App jetzt zeigt."),
        "set_up_make": ("Make me administrator and sign in", "Rolle Verwaltung anlegen und anmelden"),
        "set_up_over": (
            "This link is wrong, used or over. Start the service again for another.",
            "Diese Adresse ist falsch, benutzt oder abgelaufen. Ein neuer Start des Dienstes zeigt eine neue.",
        ),
        "set_up_haste": ("Too many attempts. Try again later.", "Zu viele Versuche. Bitte später erneut versuchen."),
        "set_up_weak": (
            "This password is too weak: 12 characters or more, no well-known word, not your name.",
            "Dieses Passwort ist zu schwach: mindestens 12 Zeichen, kein bekanntes Wort, nicht Ihr Name.",
        ),
        "set_up_unfit": ("Something is missing or cannot be used.", "Etwas fehlt oder ist nicht verwendbar."),
        "set_up_differ": ("The two passwords differ.", "Die beiden Passwörter sind verschieden."),
        "set_up_code": (
            "This is not the code that the app shows for this secret; check that its clock is right.",
            "Das ist nicht der Code, den die App für dieses Geheimnis zeigt; bitte ihre Uhr prüfen.",
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
            "Name, password or second factor is wrong, or there were too many attempts. Try again.",
            "Name, Passwort oder zweiter Faktor ist falsch, oder zu viele Versuche. Bitte erneut versuchen.",
        ),
        "form_lost": (
            "The connection was lost. What you typed is still here: try again.",
            "Die Verbindung brach ab. Ihre Eingaben stehen noch hier: erneut versuchen.",
        ),
        "by_passkey": ("Sign in with a passkey", "Mit Passkey anmelden"),
        "failed_passkey": (
            "Name or password is wrong, they have no passkey, or there were too many attempts. Try again.",
            "Name oder Passwort ist falsch, es gibt dafür keinen Passkey, oder es waren zu viele Versuche.",
        ),
        "passkey_cancelled": (
            "No passkey answered: it was cancelled, took too long, or this one is already added. Try again.",
            "Kein Passkey hat geantwortet: abgebrochen, zu spät oder schon hinzugefügt. Bitte erneut versuchen.",
        ),
        "account": ("Your account", "Ihr Konto"),
        "second_factors": ("Second factors", "Zweite Faktoren"),
        "passkeys": ("Passkeys", "Passkeys"),
        "added": ("Added", "Hinzugefügt"),
        "last_used": ("Last used", "Zuletzt benutzt"),
        "never": ("Never", "Nie"),
        "no_passkeys": ("You have no passkey.", "Sie haben keinen Passkey."),
        "last_factor_hint": (
            "The last second factor stays: add another passkey before you remove one.",
            "Der letzte zweite Faktor bleibt: Fügen Sie einen weiteren Passkey hinzu, bevor Sie einen entfernen.",
        ),
        "add_passkey": ("Add a passkey", "Passkey hinzufügen"),
        "passkey_name": ("Name, by which you tell it from others", "Name, an dem Sie ihn erkennen"),
        "passkey_hint": (
            "A security key, phone or this computer, asked for beside your password. Keep a second one as a spare: "
            "whoever has lost all asks an administrator.",
            "Sicherheitsschlüssel, Telefon oder dieser Rechner, zusätzlich zum Passwort. Am besten einen zweiten als "
            "Ersatz: Wer alle verloren hat, fragt die Verwaltung.",
        ),
        "passkey_unable": (
            "This browser cannot ask for a passkey, or scripts are off.",
            "Dieser Browser kann nicht nach einem Passkey fragen, oder Skripte sind aus.",
        ),
        "passkey_stale": (
            "Passkeys are added and removed within five minutes after signing in, with the second factor if you have "
            "one: sign out and in again.",
            "Passkeys lassen sich bis fünf Minuten nach dem Anmelden ändern, mit dem zweiten Faktor, falls vorhanden: "
            "bitte ab- und wieder anmelden.",
        ),
        "passkeys_not_offered": (
            "This service does not offer passkeys: it does not know its own address.",
            "Dieser Dienst bietet keine Passkeys an: Er kennt seine eigene Adresse nicht.",
        ),
        "by_provider": ("Sign in with the clinic's account", "Mit dem Konto der Klinik anmelden"),
        "signed_in": ("You are signed in", "Sie sind angemeldet"),
        "go_on": ("Go on", "Weiter"),
        "failed_provider": (
            "The clinic's account was not accepted, or nobody here has it: ask your administrator.",
            "Das Konto der Klinik wurde nicht angenommen oder gehört hier niemandem: bitte die Verwaltung fragen.",
        ),
        "provider_away": (
            "The service that keeps the clinic's accounts does not answer. Try again later.",
            "Der Dienst mit den Konten der Klinik antwortet nicht. Bitte später erneut versuchen.",
        ),
        "worklist": ("Worklist", "Arbeitsliste"),
        "open": ("To do", "Zu tun"),
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
        "course": ("Course and scores", "Verlauf und Werte"),
        "audit": ("Audit log", "Protokoll"),
        "when": ("When", "Wann"),
        "who": ("Who", "Wer"),
        "role": ("Role", "Rolle"),
        "what": ("What", "Was"),
        "outcome_of": ("Result", "Ergebnis"),
        "from_where": ("From", "Von"),
        "everybody": ("Everybody", "Alle"),
        "show": ("Show", "Zeigen"),
        "older": ("Older entries", "Ältere Einträge"),
        "all_entries": ("All entries", "Alle Einträge"),
        "emergencies": ("Emergency access to review", "Zu prüfende Notfallzugriffe"),
        "no_emergencies": ("None.", "Keine."),
        "until": ("until", "bis"),
        "reviewed_now": ("Read the reason and close", "Grund lesen und abschließen"),
        "reason_given": ("Reason given", "Angegebener Grund"),
        "reason_gone": (
            "cannot be read any more: the patient was deleted.",
            "nicht mehr lesbar: Der Patient wurde gelöscht.",
        ),
        "users": ("Users", "Benutzer"),
        "add_user": ("Add user", "Benutzer anlegen"),
        "active": ("Active", "Aktiv"),
        "disabled": ("Disabled", "Gesperrt"),
        "disable": ("Disable", "Sperren"),
        "enable": ("Enable", "Entsperren"),
        "change_role": ("Change role", "Rolle ändern"),
        "lockout_refused": (
            "Refused: nobody takes their own access as administrator, and the last administrator stays. Another "
            "administrator must do it.",
            "Abgelehnt: Niemand nimmt sich selbst die Rolle Verwaltung, und einer bleibt immer. Ein anderes Mitglied "
            "der Verwaltung muss es tun.",
        ),
        "role_clinician": ("Clinician", "Ärztin, Arzt"),
        "role_nurse": ("Nurse", "Pflege"),
        "role_researcher": ("Researcher", "Forschung"),
        "role_auditor": ("Auditor", "Revision"),
        "role_administrator": ("Administrator", "Verwaltung"),
        "role_worker": ("Program", "Programm"),
        "role_device": ("Device", "Gerät"),
        "role_unknown": ("Unknown", "Unbekannt"),
        "codes": ("One-time code", "Einmalcode"),
        "with_codes": ("Asks for a one-time code", "Fragt nach Einmalcode"),
        "new_password": ("Password (12 letters or more)", "Passwort (mindestens 12 Zeichen)"),
        "code_secret": (
            "Secret for the app that makes this user's codes; it is shown this once:",
            "Geheimnis für die Code-App dieses Benutzers; es wird nur dieses Mal gezeigt:",
        ),
        "reset_factor": ("New second factor", "Neuer zweiter Faktor"),
        "reset_hint": (
            "A new second factor takes passkeys and the old codes away, and ends sessions.",
            "Ein neuer zweiter Faktor nimmt Passkeys und alte Codes weg und beendet Sitzungen.",
        ),
        "user_hint": (
            "Users are disabled, never deleted: what they signed keeps its name. Disabling and another role end "
            "sessions and tokens; enabling brings none back.",
            "Benutzer werden gesperrt, nie gelöscht: Gezeichnetes behält den Namen. Sperren und eine andere Rolle "
            "beenden Sitzungen und Token; Entsperren bringt keine zurück.",
        ),
        "emergency": ("Emergency access", "Notfallzugriff"),
        "emergency_hint": (
            "You are not in this patient's care team. In an emergency you may look, for one hour, and change nothing. "
            "An auditor reads the reason.",
            "Sie gehören nicht zum Behandlungsteam. Im Notfall dürfen Sie eine Stunde lang lesen, nichts ändern. "
            "Die Revision liest den Grund.",
        ),
        "emergency_code": (
            "It needs a second factor of the last five minutes: if yours is older, sign out and in again first.",
            "Nötig ist ein zweiter Faktor der letzten fünf Minuten: sonst zuerst ab- und neu anmelden.",
        ),
        "reason": ("Reason (ten letters or more)", "Grund (mindestens zehn Buchstaben)"),
        "open_emergency": ("Open for one hour", "Für eine Stunde öffnen"),
        "model_card": ("The model", "Das Modell"),
        "fact": ("Fact", "Angabe"),
        "value": ("Value", "Wert"),
        "intended_use": ("Intended use", "Zweck"),
        "licence": ("Licence of the weights", "Lizenz der Gewichte"),
        "calibration_error": ("Calibration error where it was calibrated", "Kalibrierfehler, wo kalibriert wurde"),
        "prediction_sets": ("Prediction sets hold the truth in", "Vorhersagemengen enthalten die Wahrheit in"),
        "diagnoses_known": ("Diagnoses it can name", "Diagnosen, die es nennen kann"),
        "unfamiliar": ("Called unfamiliar: photos farther than", "Unbekannt: Fotos weiter als"),
        "of_held_out": ("of held-out photos", "der zurückgehaltenen Fotos"),
        "origin": ("How it was made", "Wie es entstand"),
        "card_hint": (
            "What it must not be used for, and how it was tested: docs/model-card.md and docs/evidence.md.",
            "Wofür es nicht taugt, und wie es geprüft wurde: docs/model-card.md und docs/evidence.md.",
        ),
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
        "body_hint": (
            "Point at the site, or choose it from the list. Left and right are the patient's.",
            "Auf die Stelle zeigen oder aus der Liste wählen. Links und rechts gelten für den Patienten.",
        ),
        "view_front": ("Front", "Vorne"),
        "view_back": ("Back", "Hinten"),
        "view_head": ("Head, enlarged", "Kopf, größer"),
        "left": ("Left", "Links"),
        "right": ("Right", "Rechts"),
        "unknown": ("Unknown", "Unbekannt"),
        "photos": ("Photos", "Fotos"),
        "photo": ("Photo of the skin", "Foto der Haut"),
        "take_photo": ("Take a photo", "Foto aufnehmen"),
        "add_photo": ("Add and assess", "Hinzufügen und beurteilen"),
        "add_hint": (
            "Sharp, in even light, from about 20 cm. Several at once are fine. Each is checked before it is stored.",
            "Scharf, in gleichmäßigem Licht, aus etwa 20 cm. Auch mehrere. Jedes wird vor dem Speichern geprüft.",
        ),
        "drop_hint": ("You can also drop photos here.", "Sie können Fotos auch hier ablegen."),
        "chosen": ("Chosen photos", "Gewählte Fotos"),
        "check_working": ("Checking…", "Wird geprüft…"),
        "check_fit": ("Good enough to assess.", "Gut genug für die Beurteilung."),
        "check_unfit": ("Not good enough; it will not be sent.", "Nicht gut genug; es wird nicht gesendet."),
        "check_lost": (
            "Not checked: the connection was lost. The photo is still chosen; it is checked again when you send.",
            "Nicht geprüft: Die Verbindung brach ab. Das Foto bleibt gewählt und wird beim Senden erneut geprüft.",
        ),
        "remove": ("Remove", "Entfernen"),
        "none_fit": (
            "There is no photo to send: choose or take one that is good enough.",
            "Es gibt kein Foto zu senden: Wählen oder machen Sie eines, das gut genug ist.",
        ),
        "lost": (
            "The connection was lost. The photos are still chosen: try again.",
            "Die Verbindung brach ab. Die Fotos sind noch gewählt: erneut versuchen.",
        ),
        "assessment": ("Assessment", "Beurteilung"),
        "model": ("Model", "Modell"),
        "review": ("Your review", "Ihre Prüfung"),
        "yes": ("Yes", "Ja"),
        "no": ("No", "Nein"),
        "agree": ("Sign: the answer is right", "Signieren: Die Antwort stimmt"),
        "correct": ("Correct the answer", "Antwort berichtigen"),
        "sign_hint": (
            "Your name and the time are stored with it; it cannot be changed later, only added to.",
            "Ihr Name und die Zeit werden mitgespeichert; später ist nur Ergänzen möglich, kein Ändern.",
        ),
        "sign_correction": ("Sign correction", "Berichtigung signieren"),
        "as_answered": ("As answered", "Wie beantwortet"),
        "signs_instead": ("Signs instead, 0 to 3", "Stattdessen Zeichen, 0 bis 3"),
        "iga": ("IGA", "IGA"),
        "iga_scale": ("IGA, 0 to 4 (90 % range)", "IGA, 0 bis 4 (90-%-Bereich)"),
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
        "layer_attention": ("Attention", "Aufmerksamkeit"),
        "layer_clinician": ("Drawn by a clinician", "Ärztlich gezeichnet"),
        "opacity": ("Opacity", "Deckkraft"),
        "zoom": ("Zoom", "Vergrößerung"),
        "report": ("Report", "Bericht"),
        "print": ("Print, or save as PDF", "Drucken oder als PDF sichern"),
        "save_report": ("Save as one file (HTML)", "Als eine Datei sichern (HTML)"),
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
        "fault": (
            "The service itself failed. Try again; if it stays so, give whoever runs it the code below and the time.",
            "Der Dienst selbst hat versagt. Bitte erneut versuchen; bleibt es so, nennen Sie den Betreibern den Code "
            "unten und die Zeit.",
        ),
        "outcome_success": ("done", "getan"),
        "outcome_refused": ("refused", "abgelehnt"),
        "outcome_failed": ("failed", "misslungen"),
    }
)

_ALL: Final = {
    **_TABLE,
    **ANSWER_TEXTS,
    **ASKING_TEXTS,
    **COURSE_TEXTS,
    **MODEL_TEXTS,
    **SESSION_TEXTS,
    **WORK_TEXTS,
}
TEXTS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        language: MappingProxyType({key: words[index] for key, words in _ALL.items()})
        for index, language in enumerate(LANGUAGES)
    }
)
