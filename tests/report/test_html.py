"""The page: one file, nothing to load, everything a reader needs, nothing from the user taken as markup."""

import base64
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest
from PIL import Image

from flexura.decision.calibration import AreaReading
from flexura.records import (
    Abstention,
    Alternative,
    Area,
    CalibrationGroup,
    CitedFinding,
    CriteriaResult,
    Criterion,
    Finding,
    ItchScore,
    NotCovered,
    PatientContext,
    PredictionSet,
    RankedDiagnosis,
    Reason,
    Recommendation,
    RegionScore,
    SettlingStep,
    TriedTreatment,
    WholeScore,
)
from flexura.report.html import render_report
from flexura.report.overlay import draw_overlay
from flexura.report.wording import DISCLAIMER

WRITTEN_AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
NOTHING_TOLD = PatientContext()
NO_END = {"meta", "img", "link", "br", "hr", "input"}
LOADING = {"src", "href", "srcset", "data", "action", "poster", "background", "xlink:href"}


class Page(HTMLParser):
    """Keeps what a test asks of a page, and checks that every element is closed in its turn."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.words = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in NO_END:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        if tag in {"th", "td"}:
            self.words.append(" ")

    def handle_data(self, data):
        self.words.append(data)

    def text(self):
        return " ".join("".join(self.words).split())

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def write(assessment, photo, prediction):
    overlay = draw_overlay(photo, prediction, reading=AreaReading())

    def render(answer=assessment, context=NOTHING_TOLD):
        return render_report(answer, photo=photo, overlay=overlay, context=context, written_at=WRITTEN_AT)

    return render


def test_the_page_is_well_formed_and_speaks_english(write):
    page = Page(write())
    assert page.open == []
    assert page.all("html") == [{"lang": "en"}]
    identifiers = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))
    labels = {attributes["aria-labelledby"] for _, attributes in page.elements if "aria-labelledby" in attributes}
    assert labels <= set(identifiers)


def test_the_page_says_what_the_set_rests_on_or_that_there_is_none(write, assessment):
    every = tuple(row.code for row in assessment.diagnosis.ranking)
    pages = {
        cases: Page(write(replace(assessment, diagnosis=replace(assessment.diagnosis, prediction_set=chosen))))
        for cases in (4, 65)
        for chosen in (PredictionSet(0.9, every, CalibrationGroup("tan", cases, 9)),)
    }
    assert "It rests on 65 held-out photos of tan skin." in pages[65].text()
    assert "No 90 % set: 4 held-out photos of tan skin, 9 are needed." in pages[4].text()
    assert "●" not in pages[4].text()
    assert "It rests on held-out photos of all skin tones together." in Page(write()).text()


def test_the_page_loads_nothing(write):
    text = write()
    page = Page(text)
    loaded = [value for _, attributes in page.elements for name, value in attributes.items() if name in LOADING]
    assert len(loaded) == 2
    assert all(value.startswith("data:image/jpeg;base64,") for value in loaded)
    assert not {"script", "link", "iframe", "object", "embed", "base"} & {tag for tag, _ in page.elements}
    assert "url(" not in text
    assert "@import" not in text
    policy = next(meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none';")


def test_the_pictures_are_the_photo_and_the_overlay(write, photo):
    for image in Page(write()).all("img"):
        content = base64.b64decode(image["src"].partition(",")[2])
        assert Image.open(io.BytesIO(content)).size == (photo.pixels.shape[1], photo.pixels.shape[0])
        assert image["alt"]


def test_the_page_says_all_of_the_answer(write, assessment):
    text = Page(write()).text()
    for row in assessment.diagnosis.ranking[:5]:
        assert row.name in text
    assert "2 others together" in text
    expected = (
        "58 %",
        "79 %",
        "more likely than not",
        "24079001",
        "Erythema (redness)",
        "range 1 to 4",
        "12 %, 90 % range 6 to 21 %; EASI area score 2 of 6",
        "8.3 of 72, 90 % range 4.0 to 14.0 (upper limbs)",
        "EASI needs all four regions",
        "right within 4 points",
        "like the photos the model was made with",
        "sharpness 34.2 ≥ 12 grey levels passed",
        "Display P3",
        "flexura-resnet50 1",
        "research, non-commercial",
        "2026-03-01 09:30 UTC",
    )
    assert [words for words in expected if words not in text] == []
    assert assessment.model.sha256 in text


def test_the_disclaimer_stands_once(write):
    text = Page(write()).text()
    assert text.count(DISCLAIMER) == 1
    assert text.lower().count("decision support") == 1


def test_the_prediction_set_is_marked_without_colour(write):
    rows = write().split("<tr")
    marked = [row for row in rows if "●</span>" in row]
    assert len(marked) == 3
    assert all('aria-label="in the set:"' in row for row in marked)


def test_a_large_set_is_listed_to_eight_and_the_rest_of_it_named(write, assessment):
    ranking = tuple(RankedDiagnosis(f"code_{place}", f"Disease {place}", None, 0.1) for place in range(10))
    chosen = PredictionSet(0.9, tuple(row.code for row in ranking[:9]))
    page = write(replace(assessment, diagnosis=replace(assessment.diagnosis, ranking=ranking, prediction_set=chosen)))
    text = Page(page).text()
    assert page.count("●</span>") == 8
    assert "2 others together, 1 of them in the set" in text
    assert "In the set too: Disease 8." in text
    assert "In the set too" not in write()


def test_why_lists_the_first_diagnosis_and_the_alternatives(write, assessment):
    why = (Finding("itch", "itches", True, ("itch",), ("atopic_dermatitis",), ()),)
    steps = tuple(SettlingStep(text, "Doe 2020") for text in ("Ask for joint pain", "Look at nails"))
    others = (
        Alternative("psoriasis", "Psoriasis", 0.09, (CitedFinding("dry or scaly", "Poe 2018"),), (), steps),
        Alternative("other_infection", "Other infection", 0.05, None, None, (SettlingStep("Scraping", "Moe 2014"),)),
        Alternative("growth", "Growth", 0.04, (), (), (SettlingStep("Dermoscopy", "Moe 2014"),)),
    )
    first = replace(
        assessment.diagnosis,
        supporting=(CitedFinding("itches", "Eichenfield 2014"),),
        opposing=(),
        would_settle_it=(SettlingStep("Ask for flexural eczema", "Roe 2019"),),
    )
    text = Page(write(replace(assessment, diagnosis=first, why=why, alternatives=others))).text()
    nothing = "nothing that was seen or told"
    assert f"Atopic dermatitis (atopic eczema) itches [1] {nothing} Ask for flexural eczema [2]" in text
    assert f"Psoriasis dry or scaly [3] {nothing} Ask for joint pain; Look at nails [4]" in text
    listed = [text.index(source) for source in ("Eichenfield 2014", "Roe 2019", "Poe 2018", "Doe 2020")]
    assert listed == sorted(listed)
    assert "Other infection Other infections are a collection: warts, molluscum" in text
    assert text.count("Other infections are a collection") == 1  # for both cells
    assert f"Growth {nothing} Nothing that is seen or told here speaks against a growth" in text
    assert "Would settle it" not in Page(write()).text()


def test_abstention_is_an_alert_before_the_answer(write, assessment):
    reasons = (Reason("out_of_distribution", "The photo is unlike those the model was made with."),)
    page = write(replace(assessment, abstained=Abstention(reasons)))
    assert 'role="alert"' in page
    assert page.index("Do not rely on this answer") < page.index("Most likely")
    assert 'role="alert"' not in write()


def test_unknown_is_a_reason_and_never_a_zero(write, assessment):
    gaps = (NotCovered("area", "too little skin"), NotCovered("severity.region_score.value", "needs the area"))
    answer = replace(
        assessment,
        area=Area(None, None, 0.04, None),
        severity=replace(assessment.severity, region_score=RegionScore(None, None, None)),
        not_covered=gaps,
    )
    text = Page(write(answer)).text()
    assert "unknown: too little skin" in text
    assert "unknown: needs the area" in text


def test_known_whole_scores_and_guidance_are_shown(write, assessment):
    easi = WholeScore(8.4, (3.0, 15.0), "moderate", ("upper_limbs",), ("trunk",))
    flag = Recommendation(
        "Now: See a doctor.",
        "offer",
        "herpes is likely",
        "NICE CG57",
        "2023",
        "https://a.uk",
        True,
        "red_flag",
        "Herpes",
    )
    mild = Recommendation("Mild potency.", "use", "mild", "NICE CG57", "2023", None, False, "topical", "Steroid")
    against = replace(mild, text="None.", strength="conditional, against", source="JTF", version="1")
    strong = replace(mild, text="Potent.", strength="strong", source="AAD", version="2", applies_because="severe")
    answer = replace(
        assessment,
        severity=replace(assessment.severity, easi=easi),
        recommendations=(flag, mild, against, strong),
        not_covered=(NotCovered("recommendations", "Doses are not given."), *assessment.not_covered),
    )
    page = write(answer)
    text = Page(page).text()
    assert "8.4, range 3.0 to 15.0, moderate" in text
    assert "On the skin: Steroid (they differ). In full below." in text
    assert text.index("In full below.") < text.index("What was not seen") < text.index("Potent.")
    assert "Herpes Now. See a doctor. herpes is likely offer [1]" in text
    assert page.index("Red flags: exclude these first") < page.index("Most likely")
    assert text.count("guidelines differ") == 1
    assert [
        words
        for words in ("Mild potency.", "None.", "Potent.", "strong [3]", "conditional, against [2]")
        if words not in text
    ] == []
    assert text.count("Doses are not given.") == 1
    assert "NICE CG57; 2023; https://a.uk" in text


def test_withheld_guidance_gives_its_reason(write, assessment):
    gaps = (NotCovered("recommendations", "Withheld: eczema is not certain enough."),)
    text = Page(write(replace(assessment, not_covered=gaps))).text()
    assert "Withheld: eczema is not certain enough." in text
    assert "Red flags: exclude" not in text


def test_what_was_not_seen_repeats_nothing_that_stands_beside_its_figure(write, assessment):
    gaps = (
        NotCovered("severity.easi", "One photo shows one region."),
        NotCovered("features", "No border was measured."),
        NotCovered("recommendations", "Doses are not given."),
    )
    text = Page(write(replace(assessment, not_covered=gaps))).text()
    assert [text.count(gap.reason) for gap in gaps] == [1, 1, 1]
    assert text.index("What was not seen") < text.index("No border was measured.")
    assert text.index("Severity of what the photo shows") < text.index("One photo shows one region.")


def test_details_are_folded_away_unless_a_check_did_not_pass(write, assessment):
    checks = assessment.quality.checks
    failed = replace(
        assessment, quality=replace(assessment.quality, checks=(replace(checks[0], passed=False), checks[1]))
    )
    assert "2 of 2 checks passed" in write()
    assert "<details open>" not in write()
    assert write(failed).count("<details open>") == 1
    assert "1 of 2 checks passed" in write(failed)


def test_the_sections_stand_in_the_order_of_the_questions(write, assessment):
    page = write()
    titles = (
        "Most likely",
        "Diagnosis, and how sure",
        "What next: options of published guidelines",
        "What was not seen",
        "Severity of what the photo shows",
        "Quality of the photo",
    )
    places = [page.index(title) for title in titles]
    assert places == sorted(places)


def test_an_uncalibrated_answer_says_so(write, assessment):
    answer = replace(assessment, confidence=replace(assessment.confidence, expected_calibration_error=None))
    assert "not calibrated" in Page(write(answer)).text()


def test_what_the_user_told_is_shown_and_nothing_else(write):
    text = Page(write(context=PatientContext(age_years=6.0, itch=7.0, site="left_forearm", skin_type=5))).text()
    for words in ("Age 6 years", "Itch 7 of 10", "Site left forearm", "Skin type 5 (Fitzpatrick)"):
        assert words in text
    assert "Sex" not in text
    assert "rests on the photo alone" in Page(write()).text()


def test_every_kind_of_field_is_shown_in_words(write):
    context = PatientContext(
        age_years=83 / 12,
        age_months=83,
        captured_on=date(2024, 3, 1),
        itch_history=(ItchScore(date(2024, 2, 29), 3.5), ItchScore(date(2024, 3, 1), 4.0)),
        triggers=(),
        atopy_family=("allergic_rhinitis", "asthma"),
        treatments=(TriedTreatment("topical_corticosteroid_mild", "improved"), TriedTreatment("emollient")),
        humidity_percent=38.0,
        duration_days=1.0,
        poem=17,
    )
    text = Page(write(context=context)).text()
    for words in (
        "Age 6 years 11 months",
        "Captured on 2024-03-01",
        "Itch history 3.5 on 2024-02-29, 4 on 2024-03-01",
        "Triggers none",
        "Atopy family allergic rhinitis, asthma",
        "Treatments topical corticosteroid mild (improved), emollient",
        "Humidity 38 %",
        "Duration 1 day ",
        "Poem 17 of 28",
    ):
        assert words in text


def test_words_from_outside_never_become_markup(write, assessment):
    wicked = "<script>alert(1)</script>"
    answer = replace(assessment, photo=replace(assessment.photo, colour_profile=wicked))
    page = write(answer)
    assert wicked not in page
    assert "&lt;script&gt;" in page


def test_criteria_show_what_is_met_and_the_first_questions(write, assessment):
    rows = tuple(Criterion(f"c{place}", f"sign {place}", "minor", True if place < 2 else None) for place in range(9))
    questions = tuple(f"Question {place}?" for place in range(7))
    result = CriteriaResult(None, 2, ("c2",), "Some Set", "A source 1994", questions, rows)
    shown = write(replace(assessment, criteria={"some_set": result}))
    assert "Diagnostic criteria of atopic dermatitis" in shown
    assert "cannot be told" in shown
    assert "sign 0; sign 1" in shown
    assert "Question 2? And 4 more." in shown
    assert "Question 3?" not in shown
    assert "A source 1994" in shown
    untold = replace(result, criteria=tuple(replace(row, met=None) for row in rows))
    assert "Some Set" not in write(replace(assessment, criteria={"some_set": untold}))
