"""German is whole: every English text that a page may show has its German, and no German page shows English."""

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import flexura
from flexura import errors
from flexura.clinical.sites import SITES
from flexura.clinical.vocabulary import TREATMENTS
from flexura.decision.abstention import RULES
from flexura.decision.findings.look import FINDINGS
from flexura.decision.findings.settling import SETTLING
from flexura.decision.findings.unsaid import UNSAID
from flexura.decision.gaps import _SOMETIMES, ALWAYS
from flexura.decision.guidance.quantities import PART_WORDS, SITE_PARTS, quantity_line
from flexura.decision.guidance.situation import Situation
from flexura.decision.guidance.suggest import NOT_SAID, OPTIONS
from flexura.decision.guidance.withheld import WITHHELD, missing_questions
from flexura.decision.red_flags.raised import as_recommendation
from flexura.decision.red_flags.table import RED_FLAGS
from flexura.decision.taxonomy import TAXONOMY
from flexura.decision.whole import visit as whole_visit
from flexura.features.colour import TONE_CLASSES
from flexura.intake.containers import _OTHER_SIGNATURES
from flexura.intake.quality import _RULES
from flexura.monitoring.channels import CHANNELS
from flexura.records import NotCovered, PatientContext
from flexura.report.advice import flag_words
from flexura.report.wording import SIGN_WORDS, TONE_WORDS, plain
from flexura.service.app import make_app
from flexura.service.demo import VISITS
from flexura.service.problems import _NOT_SERVED, STATUSES
from flexura.service.web.texts import TEXTS
from flexura.service.web.words import read_catalogue, to_german

SOURCE = Path(flexura.__file__).parent
# Where errors are raised that somebody at a page may meet; DICOM's own faults name their kind in German, and follow as
# they are.
ROOMS = ("service", "storage", "security", "clinical/agreement.py", "intake/read.py", "intake/isolated.py")
ROOMS += ("intake/containers.py", "intake/formats.py", "intake/jpeg.py")
PLACE = re.compile(r"\{(\w+)\}")
# What English has in every sentence and German in none.
ENGLISH = re.compile(r"\b(the|of|and|with|without|not|is|are|this|for|from|by|only|you|your|unknown)\b", re.IGNORECASE)


def _tables():
    yield from (label.name for label in TAXONOMY)
    yield from (text for row in OPTIONS for text in (row.topic, row.text, row.strength))
    yield from (text for row in RED_FLAGS for text in (row.name, row.action, *(each.words for each in row.triggers)))
    yield from (text for row in FINDINGS for text in (row.present, row.absent))
    yield from (step for row in SETTLING for step in row.steps)
    yield from (row.why for row in UNSAID)
    yield from (row.message for row in (*RULES, *WITHHELD))
    yield from (row.advice for row in _RULES)
    yield from (gap.reason for gap in ALWAYS)
    yield from (reason for _, reason, _ in _SOMETIMES)
    yield from (gap.reason for gap in _gaps_of(vars(whole_visit).values()))
    yield from missing_questions(Situation("atopic_dermatitis", None, None, None, None, "none"))
    yield from (NOT_SAID, *SIGN_WORDS.values(), *PART_WORDS.values(), "How much", "measured amounts")


def _gaps_of(values):
    for value in values:
        yield from [value] if isinstance(value, NotCovered) else _gaps_of(value) if isinstance(value, tuple) else ()


def _vocabularies():
    yield from map(plain, (*SITES, *TREATMENTS))
    yield from (plain(channel.name.replace(".", ": ")) for channel in CHANNELS)
    yield from (name for _, name in TONE_CLASSES)
    yield from map(plain, TONE_WORDS)
    yield from ("infant", "child", "adolescent", "adult", "older", "female", "male", "other", "unknown")
    yield "Decision support for research and clinicians; not a medical device, never a diagnosis by itself."


def _raised():
    """Messages of the errors that pages show, as they stand in the source, by constant or by name."""
    for room in ROOMS:
        for file in [SOURCE / room] if room.endswith(".py") else sorted((SOURCE / room).rglob("*.py")):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            named = {
                node.target.id: node.value.value
                for node in tree.body
                if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Constant)
            }
            for node in ast.walk(tree):
                kind = getattr(errors, getattr(getattr(node, "func", None), "id", ""), None)
                if kind in STATUSES and STATUSES[kind] < 500 and node.args:
                    told = node.args[0]
                    text = told.value if isinstance(told, ast.Constant) else named.get(getattr(told, "id", ""))
                    if text:
                        yield text


def _errors():
    yield from (kind.__doc__.strip().splitlines()[0] for kind, status in STATUSES.items() if status != 500)
    yield from _raised()
    yield from (*_NOT_SERVED.values(), "the file took its decoder down; send the original again")
    yield from ("Name, password or second factor is wrong.", "The body has more bytes than are allowed here.")
    yield from (f"the file is {name}; send JPEG, PNG, WebP, HEIC, TIFF or DICOM" for _, name in _OTHER_SIGNATURES)


def _composed():
    """Sentences that are put together when they are said."""
    for flag in RED_FLAGS:
        for count in range(1, len(flag.triggers) + 1):
            line = as_recommendation(flag, flag.triggers[:count])
            yield from (line.text, flag_words(line))
    yield f"Withheld until the red flags are excluded: {'; '.join(flag.name for flag in RED_FLAGS)}."
    yield " ".join([*(row.message for row in WITHHELD), NOT_SAID])
    yield " ".join(row.advice for row in _RULES)
    for site in SITE_PARTS:
        for age in (0.5, 2, 4, 8, 30):
            yield quantity_line(PatientContext(site=site, age_years=age), OPTIONS).text


ALL = (*_tables(), *_vocabularies(), *_errors(), *_composed())


def test_every_english_text_has_its_german():
    missing = [text for text in dict.fromkeys(ALL) if to_german(text) is None]
    assert not missing, "renew src/flexura/service/web/german.po"


def test_the_catalogue_holds_nothing_that_is_no_longer_said():
    plain_texts = {told for told in read_catalogue() if not PLACE.search(told)}
    assert plain_texts - set(ALL) == set()


def test_placeholders_agree_and_nothing_is_left_empty():
    catalogue = read_catalogue()
    assert len(catalogue) > 700
    for told, german in catalogue.items():
        assert german.strip()
        assert sorted(PLACE.findall(told)) == sorted(PLACE.findall(german)), told
        assert re.findall(r"\d+", told.replace(".", ",")) == re.findall(r"\d+", german) or _spelled(told, german), told


def _spelled(told, german):
    """Figures agree as a set, but for classes of potency and ages that German counts in other units."""
    return set(re.findall(r"\d+", german)) <= set(re.findall(r"\d+", told)) | {"12"}


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("Moderate potency on face and neck for 3 to 5 days only, for a severe flare.", "Klasse II (mittelstark)"),
        ("Topical calcineurin inhibitor", "Topischer Calcineurininhibitor"),
        ("the photo has 40 x 30 pixels, more than 12 in all; send a smaller copy", "40 x 30 Pixel, mehr als 12"),
        ("Too many failed attempts; try again in 12 seconds.", "in 12 Sekunden"),
    ],
)
def test_words_are_those_of_dermatologists_and_figures_are_kept(english, german):
    assert german in to_german(english)


def test_a_text_that_the_catalogue_does_not_know_is_not_half_translated():
    assert to_german("Now: Do something that no row says.") is None
    assert to_german("Even the most likely diagnosis is improbable. And something else.") is None


class _Reader(HTMLParser):
    """Reads what a page shows or says aloud, but for what is marked as English, and codes."""

    def __init__(self):
        super().__init__()
        self.stack, self.shown, self.marked = [], [], []

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if tag not in {
            "meta",
            "link",
            "input",
            "img",
            "br",
            "path",
            "circle",
            "line",
            "fecolormatrix",
            "image",
            "polyline",
        }:
            self.stack.append((tag, told.get("lang") == "en" or tag in {"code", "script", "style"}))
        if not any(foreign for _, foreign in self.stack):
            said = [
                value for name, value in attrs if value and (name in {"aria-label", "title", "alt"} or _is_text(name))
            ]
            self.shown += said

    def handle_endtag(self, tag):
        while self.stack and self.stack.pop()[0] != tag:
            pass

    def handle_data(self, data):
        words = " ".join(data.split())
        if words:
            (self.marked if any(foreign for _, foreign in self.stack) else self.shown).append(words)


def _is_text(name):
    """Attributes from which scripts say something."""
    return name.startswith("data-") and name.removeprefix("data-") in {
        *(
            "checking",
            "unchecked",
            "remove",
            "none",
            "working",
            "lost",
            "over",
            "idle",
            "old",
            "ended",
            "stay",
            "enter",
        ),
        *("restored", "refused", "cancelled", "kept", "name"),
    }


PAGES = {
    "clinician": ("/", "/?status=all", "/patients/new", "/account", "/model"),
    "auditor": ("/audit", "/model"),
    "administrator": ("/users",),
}


def _german(clinic, name):
    browser = TestClient(make_app(clinic), base_url="https://clinic.test", headers={"accept-language": "de"})
    browser.post("/sign-in", data={"name": name, "password": clinic.demo.password})
    return browser


def _walk(browser, start):
    """Follow every link that asks for nothing, each page once; also the pages of refusals."""
    waiting, seen = [*start, "/nowhere", "/cases/" + "0" * 32], {}
    while waiting:
        path = waiting.pop()
        answer = browser.get(path)
        if path in seen or not answer.headers["content-type"].startswith("text/html"):
            continue
        seen[path] = answer.text
        waiting += [
            found
            for found in re.findall(r'href="(/[^"#?]*)"', answer.text)
            if not found.startswith(("/api", "/static"))
        ]
    return seen


def _read(page):
    reader = _Reader()
    reader.feed(page)
    return reader


@pytest.mark.slow
def test_no_german_page_shows_english(demo):
    english = set(TEXTS["en"].values()) - set(TEXTS["de"].values())
    english |= {told for told, german in read_catalogue().items() if told != german}
    typed = {visit.outcome for visit in VISITS} | {(visit.review or {}).get("note") for visit in VISITS}
    pages = [(path, page) for name, start in PAGES.items() for path, page in _walk(_german(demo, name), start).items()]
    assert len(pages) > 40
    shown = {(text, path) for path, page in pages for text in _read(page).shown}
    told = {(text, path) for text, path in shown if not any(note and note in text for note in typed)}
    assert {(text, path) for text, path in told if text in english or ENGLISH.search(text)} == set()
