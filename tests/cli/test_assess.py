"""`assess` from the outside: answers, files, documents, refusals, exit statuses."""

import json
import shutil
import subprocess
import sys
from io import BytesIO

import jsonschema
import pytest
from PIL import Image

from flexura.decision.document import assessment_schema
from flexura.report.wording import DISCLAIMER


def documents(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_one_photo_gets_one_screen_and_status_0(run, photo_file):
    result = run("assess", photo_file, "--site", "left_forearm")
    assert result.exit_code == 0
    assert result.stdout.startswith("Most likely         Atopic dermatitis")
    assert "upper limbs" in result.stdout
    assert " ".join(result.stdout.split()).count(DISCLAIMER) == 1
    assert result.stderr == ""


def test_json_is_one_valid_document_on_one_line(run, photo_file):
    result = run("assess", photo_file, "--json")
    (document,) = documents(result)
    jsonschema.validate(document, assessment_schema())
    assert document["diagnosis"]["ranking"][0]["code"] == "atopic_dermatitis"
    assert document["model"]["name"] == "flexura-tiny"


def test_report_and_overlay_are_written_beside_the_answer(run, photo_file, tmp_path):
    report, overlay = tmp_path / "out" / "answer.html", tmp_path / "out" / "overlay.png"
    result = run("assess", photo_file, "--report", report, "--overlay", overlay, "--age", 6)
    assert result.exit_code == 0
    assert report.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert "6 years" in report.read_text(encoding="utf-8")
    assert Image.open(BytesIO(overlay.read_bytes())).size == (512, 384)
    assert result.stderr.count("Wrote ") == 2


def test_an_answer_as_fhir(run, photo_file, tmp_path):
    result = run("assess", photo_file, "--fhir", tmp_path / "answer.json", "--sex", "female")
    assert result.exit_code == 0
    bundle = json.loads((tmp_path / "answer.json").read_text(encoding="utf-8"))
    assert bundle["resourceType"] == "Bundle"
    kinds = {entry["resource"]["resourceType"]: entry["resource"] for entry in bundle["entry"]}
    assert kinds["DiagnosticReport"]["status"] == "preliminary"
    assert kinds["Patient"] == {"resourceType": "Patient", "gender": "female"}
    assert photo_file.name not in json.dumps(bundle)


def test_every_photo_gets_its_answer_and_the_worst_status_wins(run, photo_file, text_file, grey_file):
    result = run("assess", photo_file, text_file, grey_file, photo_file, "--json")
    assert result.exit_code == 3
    answers = documents(result)
    expected = ["flexura.assessment/1", "flexura.refusal/1", "flexura.refusal/1", "flexura.assessment/1"]
    assert [answer["schema"] for answer in answers] == expected
    assert [reason["code"] for reason in answers[1]["reasons"]] == ["not_an_image"]
    assert "not_enough_skin" in [reason["code"] for reason in answers[2]["reasons"]]
    assert answers[2]["photo"]["index"] == 3
    assert answers[2]["quality"]["accepted"] is False


def test_in_text_every_photo_has_its_heading(run, photo_file, text_file):
    result = run("assess", photo_file, text_file, photo_file)
    assert result.exit_code == 3
    for heading in ("Photo 1 of 3\n", "Photo 2 of 3: refused (not_an_image)\n", "Photo 3 of 3\n"):
        assert heading in result.stdout
    assert result.stdout.count("Most likely") == 2
    assert "[not_an_image]" in result.stderr


@pytest.mark.parametrize("bad", ["grey_file", "text_file"])
def test_a_refused_photo_hides_no_red_flag(run, request, tmp_path, bad):
    photo, context = request.getfixturevalue(bad), tmp_path / "context.json"
    context.write_text('{"warning_signs": ["clustered_blisters"]}')
    result = run("assess", photo, "--context", context)
    assert result.exit_code == 3
    assert result.stdout.startswith("RED FLAGS, to be excluded first\n")
    assert "Eczema herpeticum. Same day:" in result.stdout
    (document,) = documents(run("assess", photo, "--context", context, "--json"))
    assert [flag["topic"] for flag in document["red_flags"]] == ["Eczema herpeticum"]
    assert documents(run("assess", photo, "--json"))[0]["red_flags"] == []


def test_a_photo_that_fails_the_gate_is_not_scored_and_gets_advice(run, grey_file):
    result = run("assess", grey_file)
    assert result.exit_code == 3
    assert result.stdout == ""
    assert "FAILED: not_enough_skin" in result.stderr
    assert "Most likely" not in result.output


def test_several_photos_get_numbered_files(run, photo_file, tmp_path):
    run("assess", photo_file, photo_file, "--report", tmp_path / "answer.html")
    assert sorted(path.name for path in tmp_path.glob("*.html")) == ["answer-1.html", "answer-2.html"]


def test_no_output_names_a_photo(run, photo_file, tmp_path):
    result = run("assess", photo_file, tmp_path / "john_roe.jpg", "--json", "--report", tmp_path / "answer.html")
    page = (tmp_path / "answer-1.html").read_text(encoding="utf-8")
    for name in ("jane", "roe"):
        assert name not in result.stdout + page
    assert "roe" not in result.stderr


def test_context_comes_from_a_file(run, photo_file, tmp_path):
    context = tmp_path / "context.json"
    context.write_text('{"site": "left_popliteal_fossa"}')
    (document,) = documents(run("assess", photo_file, "--context", context, "--json"))
    assert document["photo"]["site"] == "left_popliteal_fossa"
    assert document["severity"]["region_score"]["region"] == "lower_limbs"


def test_an_unknown_context_key_is_named(run, photo_file, tmp_path):
    context = tmp_path / "context.json"
    context.write_text('{"age_yeers": 6}')
    result = run("assess", photo_file, "--context", context)
    assert result.exit_code == 2
    assert "age_yeers" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "seen"),
    [
        (["--age", "200"], "age_years"),
        (["--site", "moon"], "site"),
        (["--sex", "none"], "--sex"),
        (["--itch", "much"], "--itch"),
        (["--overlay", "out.jpg"], ".png"),
        (["--wrong"], "--wrong"),
    ],
)
def test_wrong_usage_is_status_2_and_says_what_is_wrong(run, photo_file, arguments, seen):
    result = run("assess", photo_file, *arguments)
    assert result.exit_code == 2
    assert seen in result.stderr


def test_no_photo_is_wrong_usage(run):
    assert run("assess", "--json").exit_code == 2


def test_a_photo_that_is_not_there_is_wrong_usage_and_stops_no_other(run, photo_file, tmp_path):
    result = run("assess", tmp_path / "none.jpg", photo_file, "--json")
    assert result.exit_code == 2
    assert [answer["schema"] for answer in documents(result)] == ["flexura.refusal/1", "flexura.assessment/1"]
    assert documents(result)[0]["reasons"][0]["code"] == "file_unreadable"


def test_a_photo_is_never_written_over(run, photo_file):
    before = photo_file.read_bytes()
    result = run("assess", photo_file, "--report", photo_file)
    assert result.exit_code == 2
    assert photo_file.read_bytes() == before


def test_a_file_that_cannot_be_written_is_an_error_beside_the_answer(run, photo_file, text_file):
    result = run("assess", photo_file, "--report", text_file / "answer.html")
    assert result.exit_code == 2
    assert "[output_unwritable]" in result.stderr


def test_a_missing_bundle_is_status_4(run, photo_file, tmp_path):
    result = run("assess", photo_file, "--bundle", tmp_path)
    assert result.exit_code == 4
    assert "[bundle_missing]" in result.stderr


def test_a_damaged_bundle_is_status_4(run, photo_file, tiny_bundle, tmp_path):
    folder = tmp_path / "bundle"
    shutil.copytree(tiny_bundle, folder)
    with (folder / "look.onnx").open("ab") as network:
        network.write(b"!")
    result = run("assess", photo_file, "--bundle", folder)
    assert result.exit_code == 4
    assert "[bundle_mismatch]" in result.stderr


def test_a_fault_of_our_own_is_status_1_and_stops_no_other_photo(run, photo_file, monkeypatch):
    from flexura import workflow

    answers = iter([RuntimeError("Jane Doe"), None])
    real = workflow.prepare

    def prepare(*arguments, **named):
        fault = next(answers)
        if fault:
            raise fault
        return real(*arguments, **named)

    monkeypatch.setattr(workflow, "prepare", prepare)
    result = run("assess", photo_file, photo_file, "--json")
    assert result.exit_code == 1
    first, second = documents(result)
    assert first["reasons"][0]["code"] == "internal_error"
    assert second["schema"] == "flexura.assessment/1"
    assert "Jane" not in result.output
    assert "Traceback" not in result.output


def test_a_useless_setting_is_status_2(run, photo_file, monkeypatch):
    monkeypatch.setenv("FLEXURA_THREADS", "many")
    result = run("assess", photo_file)
    assert result.exit_code == 2
    assert "FLEXURA_THREADS" in result.stderr


def test_the_limit_of_the_settings_is_kept(run, photo_file, monkeypatch):
    monkeypatch.setenv("FLEXURA_MAX_BYTES", "100")
    result = run("assess", photo_file)
    assert result.exit_code == 3
    assert "[photo_too_large]" in result.stderr


def test_the_whole_process_answers_without_torch(tiny_bundle, photo_file):
    program = (
        "import sys; from flexura.cli import main\n"
        "try: main()\n"
        "finally: assert 'torch' not in sys.modules and 'fastapi' not in sys.modules and 'jinja2' not in sys.modules"
    )
    command = [sys.executable, "-W", "error", "-c", program, "assess", photo_file, "--bundle", tiny_bundle, "--json"]
    environment = {"PATH": "", "FLEXURA_THREADS": "1", "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, env=environment, check=False, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    jsonschema.validate(json.loads(done.stdout), assessment_schema())
    assert done.stderr == b""


def test_preparation_is_chosen_by_name_and_an_unknown_name_is_wrong_usage(run, photo_file):
    def steps(*options):
        (document,) = documents(run("assess", photo_file, "--json", *options))
        return [step["step"] for step in document["preprocessing"]]

    assert steps() == ["scale", "artefacts", "colour_cast", "illumination", "background"]
    assert steps("--preprocess", "artefacts,scale") == ["scale", "artefacts", "background"]
    assert steps("--no-preprocess") == []
    assert steps("--no-preprocess", "--correct", "illumination") == ["illumination", "background"]
    twice, small_card = ("--preprocess", "scale", "--no-preprocess"), ("--colour-card", "4")
    for options in (("--preprocess", "hair"), ("--correct", "scale"), twice, small_card):
        result = run("assess", photo_file, *options)
        assert result.exit_code == 2
        assert options[0] in result.stderr
    assert "artefacts,colour_cast" in run("assess", photo_file, "--preprocess", "hair").stderr


def test_the_scale_is_said_with_its_source_and_error(run, photo_file):
    words = " ".join(run("assess", photo_file, "--site", "left_forearm").stdout.split())
    assert "Scale from the body site, 0.55 mm per pixel, could be off by a factor of 2.7" in words
    assert "cm² (" in words
