"""The other verbs, and what holds for all of them: help, examples, errors at the boundary."""

import csv
import json
import sys

import click
import pytest

from flexura.cli.root import verbs
from flexura.errors import RecipeError


def leaves(command, path=()):
    if isinstance(command, click.Group):
        return [leaf for name, child in command.commands.items() for leaf in leaves(child, (*path, name))]
    return [(path, command)]


VERBS = leaves(verbs)


@pytest.mark.parametrize("path", [(), *(path for path, _ in VERBS)], ids=" ".join)
def test_help_fits_one_screen_and_gives_an_example(run, path):
    result = run(*path, "--help")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) <= 36
    assert "Example" in result.stdout


def test_the_verbs_of_this_version_are_all_there():
    names = {" ".join(path) for path, _ in VERBS}
    expected = "assess|batch|check|data audit|data import|doctor|evaluate|monitor|quantity|synth|train"
    expected += "|score adct|score bsa|score cdlqi|score dlqi|score easi|score itch-nrs|score po-scorad|score poem"
    expected += "|score sassad|score scorad|score tis|score viga-ad"
    expected += "|model adopt|model compare|model export|model history|model importance|model list"
    expected += "|model recalibrate|model refit|model rollback|model show|model verify"
    expected += (
        "|admin key create|admin key rewrap|admin key rotate|admin user add|admin user disable|admin user enable"
    )
    expected += "|admin user second-factor|admin user link|admin user unlink|admin audit verify"
    expected += (
        "|admin backup|admin restore|admin upgrade|admin token add|admin device add|serve|worker|receive|admin upkeep"
    )
    expected += "|admin export-research|admin reidentify"
    assert names == set(expected.split("|"))


def test_the_version_is_told(run):
    assert run("--version").stdout.startswith("flexura, version ")


def test_an_unknown_verb_is_wrong_usage(run):
    assert run("diagnose").exit_code == 2


# Hand-worked in the design's table of clinical scores.
REGIONS = {
    "--head-neck": (1, 1, 0, 0, 8),
    "--upper-limbs": (2, 2, 1, 1, 25),
    "--trunk": (1, 1, 1, 0, 12),
    "--lower-limbs": (2, 1, 2, 1, 35),
}
EASI = [part for option, graded in REGIONS.items() for part in (option, *graded)]
GRADES = {
    "--erythema": 2,
    "--oedema-papulation": 2,
    "--excoriation": 2,
    "--lichenification": 1,
    "--oozing-crusting": 1,
    "--dryness": 1,
}
SIGNS = [part for option, grade in GRADES.items() for part in (option, grade)]


@pytest.mark.parametrize(("age", "value"), [("30", "11.6"), ("7.99", "10.0")])
def test_easi_of_an_adult_and_a_child(run, age, value):
    result = run("score", "easi", "--age", age, *EASI)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"EASI: {value} (moderate)")
    assert "doi" in result.stdout


def test_an_ungraded_region_leaves_easi_unknown(run):
    result = run("score", "easi", "--age", "30", "--trunk", 1, 1, 1, 0, 12, "--json")
    easi = json.loads(result.stdout)["easi"]
    assert easi["value"] is None
    assert easi["unknown"] == ["head_neck", "upper_limbs", "lower_limbs"]


def test_scorad_and_its_objective_part(run):
    result = run("score", "scorad", "--extent", 20, *SIGNS, "--itch", 5, "--sleep-loss", 3, "--json")
    scores = json.loads(result.stdout)
    assert (scores["scorad"]["value"], scores["objective_scorad"]["value"]) == (43.5, 35.5)


def test_scorad_without_itch_is_unknown_and_its_objective_part_is_not(run):
    lines = run("score", "scorad", "--extent", 20, *SIGNS).stdout.splitlines()
    assert lines[0] == "SCORAD: unknown, missing: itch, sleep_loss"
    assert "objective SCORAD: 35.5 (moderate)" in lines


# Each calculator with its highest score.
SURFACES = ["--head-neck", "--arms", "--front-trunk", "--back-trunk", "--genitals", "--legs"]
SITES = ["--arms", "--hands", "--legs", "--feet", "--head-neck", "--trunk"]
HIGHEST = [
    (
        "po_scorad",
        ["--extent", 100, *(part for name in GRADES for part in (name, 3)), "--itch", 10, "--sleep-loss", 10],
        103,
    ),
    ("tis", ["--erythema", 3, "--oedema-papulation", 3, "--excoriation", 3], 9),
    ("sassad", [part for site in SITES for part in (site, 3, 3, 3, 3, 3, 3)], 108),
    ("viga_ad", [4], 4),
    ("bsa", ["--age", 3, *(part for name in SURFACES for part in (name, 100))], 100),
    ("bsa", ["--handprints", 100], 100),
    ("poem", [4] * 7, 28),
    ("dlqi", [3] * 10, 30),
    ("cdlqi", [3] * 10, 30),
    ("adct", [4] * 6, 24),
    ("itch_nrs", [10], 10),
]


@pytest.mark.parametrize(("name", "arguments", "highest"), HIGHEST)
def test_every_calculator_reaches_its_highest_score(run, name, arguments, highest):
    verb = name.replace("_", "-")
    document = json.loads(run("score", verb, *arguments, "--json").stdout)
    assert list(document) == [name]
    assert set(document[name]) == {"value", "band", "scheme", "formula", "source", "unknown"}
    assert document[name]["value"] == highest
    assert f": {highest}" in run("score", verb, *arguments).stdout.splitlines()[0]


def test_an_answer_that_was_not_given_leaves_the_score_unknown(run):
    result = run("score", "poem", 4, 3, "-", 1, 2, 2, 4)
    assert result.exit_code == 0
    assert result.stdout.startswith("POEM: unknown, missing: bleeding\n")


def test_a_score_without_bands_says_so(run):
    assert "bands  none published" in run("score", "sassad", "--arms", 1, 0, 0, 0, 0, 0).stdout


@pytest.mark.parametrize(
    ("arguments", "seen"),
    [
        (["poem", "4", "3", "1"], "POEM has 7 answers, 3 were given"),
        (["poem", "5", "3", "1", "1", "2", "2", "4"], "itch"),
        (["viga-ad", "2.5"], "viga_ad"),
        (["tis", "--erythema", "4"], "erythema"),
        (["bsa", "--handprints", "4", "--arms", "3"], "not both"),
        (["bsa", "--age", "6", "--arms", "3", "--chart", "rule_of_nines"], "lund_browder"),
        (["itch-nrs", "11"], "itch"),
        (["easi", "--age", "30", "--trunk", "4", "1", "1", "0", "12"], "erythema"),
        (["easi", "--age", "300", *EASI], "age_years"),
        (["easi", "--trunk", "1", "x", "1", "0", "12"], "not a number"),
        (["scorad", "--extent", "101", *SIGNS], "extent_percent"),
    ],
)
def test_an_impossible_item_is_wrong_usage(run, arguments, seen):
    result = run("score", *arguments)
    assert result.exit_code == 2
    assert seen in result.stderr


def test_synth_writes_a_set(run, tmp_path):
    result = run("synth", tmp_path / "set", "--count", 2, "--seed", 7)
    assert result.exit_code == 0
    with (tmp_path / "set" / "truth.csv").open() as table:
        assert len(list(csv.DictReader(table))) == 2
    assert "2 rendered photos" in result.stdout


@pytest.mark.parametrize("arguments", [["--count", "0"], [], ["--count", "1", "--seed", "-1"]])
def test_synth_needs_a_count_and_a_seed_that_exist(run, tmp_path, arguments):
    assert run("synth", tmp_path / "set", *arguments).exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "recipe.toml", "--data", "data"],
        ["evaluate", "model", "--data", "data", "--out", "out"],
    ],
)
def test_training_without_torch_says_how_to_install_it(run, monkeypatch, arguments):
    for name in [name for name in sys.modules if name.partition(".")[0] == "torch" or "flexura.training." in name]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    result = run(*arguments)
    assert result.exit_code == 4
    assert "pip install 'flexura[train]'" in result.stderr


def test_model_show_says_what_a_bundle_is_for(run):
    text = run("model", "show").stdout
    assert "Tests of flexura only." in text
    described = json.loads(run("model", "show", "--json").stdout)
    assert described["held_out_photos_by_tone"] is None
    assert described["name"] == "flexura-tiny"
    assert described["input_side_px"] == 64
    assert len(described["diagnoses"]) == 35


def test_model_verify_accepts_a_whole_bundle_and_not_an_empty_folder(run, tmp_path):
    assert "is whole: sha256 " in run("model", "verify").stdout
    assert run("model", "verify", "--bundle", tmp_path).exit_code == 4


def test_model_list_names_the_bundle_of_the_environment(run):
    assert "flexura-tiny test" in run("model", "list").stdout


def test_doctor_answers_on_a_rendered_photo(run, monkeypatch):
    monkeypatch.setenv("FLEXURA_THREAD", "2")
    result = run("doctor")
    assert result.exit_code == 0, result.stdout
    assert "answered on a rendered photo" in result.stdout
    assert "FLEXURA_THREAD is no setting of flexura" in result.stdout
    assert "FAILED" not in result.stdout


def test_doctor_goes_on_where_something_is_missing(run, monkeypatch, tmp_path):
    monkeypatch.setenv("FLEXURA_BUNDLE", str(tmp_path))
    result = run("doctor")
    assert result.exit_code == 4
    assert "[bundle_missing]" in result.stdout
    assert "ok      engine" in result.stdout


def test_doctor_says_where_the_network_computes(run, monkeypatch):
    monkeypatch.setenv("FLEXURA_DEVICE", "cpu")
    assert " on the CPU, device cpu, " in run("doctor").stdout


def test_without_a_gpu_nothing_starts_that_is_to_compute_on_one(run, monkeypatch, photo_file):
    import onnxruntime

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    monkeypatch.setenv("FLEXURA_DEVICE", "cuda")
    result = run("doctor")
    assert result.exit_code == 4
    assert "FAILED  engine     The installed engine has no CUDA provider; install onnxruntime-gpu" in result.stdout
    assert (run("assess", photo_file).exit_code, "[dependency_missing]" in run("assess", photo_file).stderr) == (
        4,
        True,
    )


def test_an_unexpected_fault_is_one_plain_line_and_status_1(run, monkeypatch):
    from flexura.cli import model

    monkeypatch.setattr(model, "open_bundle", lambda _: 1 / 0)
    result = run("model", "show")
    assert result.exit_code == 1
    assert "ZeroDivisionError" in result.stderr
    assert "Traceback" not in result.stderr


def test_debug_adds_the_traceback(run, monkeypatch):
    from flexura.cli import model

    monkeypatch.setattr(model, "open_bundle", lambda _: 1 / 0)
    monkeypatch.setenv("FLEXURA_DEBUG", "1")
    assert "Traceback" in run("model", "show").stderr


def test_an_error_on_purpose_is_one_line_with_its_code(run, monkeypatch):
    from flexura.cli import model

    def refuse(_):
        raise RecipeError("The recipe is wrong.")

    monkeypatch.setattr(model, "open_bundle", refuse)
    result = run("model", "show")
    assert (result.exit_code, result.stderr) == (2, "flexura: The recipe is wrong. [recipe_invalid]\n")
