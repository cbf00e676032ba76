"""All words of the pages are in the catalogue, in every language."""

import re
from importlib import resources

import pytest

from flexura.security.roles import ROLES
from flexura.service.web.answer_texts import ANSWER_TEXTS
from flexura.service.web.asking_texts import ASKING_TEXTS
from flexura.service.web.course_texts import COURSE_TEXTS
from flexura.service.web.model_texts import MODEL_TEXTS
from flexura.service.web.session_texts import SESSION_TEXTS
from flexura.service.web.texts import _TABLE, TEXTS
from flexura.service.web.work_texts import WORK_TEXTS

TEMPLATES = [
    file
    for file in resources.files("flexura.service.web").joinpath("templates").iterdir()
    if file.name.endswith("html")
]


def test_every_language_has_every_text():
    assert TEXTS["en"].keys() == TEXTS["de"].keys()
    assert all(text.strip() for texts in TEXTS.values() for text in texts.values())


def test_every_role_has_a_name():
    assert {f"role_{role}" for role in (*ROLES, "unknown")} == {key for key in TEXTS["en"] if key.startswith("role_")}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: file.name)
def test_templates_hold_no_words_and_ask_for_texts_that_exist(template):
    source = template.read_text(encoding="utf-8")
    assert set(re.findall(r"\bt\.(\w+)", source)) <= TEXTS["en"].keys()
    code = r"<code>flexura[^<]*</code>"
    shown = re.sub(code + r"|{#.*?#}|{%.*?%}|{{.*?}}|<[^>]*>", " ", source, flags=re.DOTALL)
    assert not re.search(r"[A-Za-z]{2,}", shown), shown


def test_no_text_stands_in_two_parts_of_the_catalogue():
    parts = (_TABLE, ANSWER_TEXTS, ASKING_TEXTS, COURSE_TEXTS, MODEL_TEXTS, SESSION_TEXTS, WORK_TEXTS)
    keys = [key for part in parts for key in part]
    assert sorted(keys) == sorted(TEXTS["en"])
