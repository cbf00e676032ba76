"""Forms show nothing of what they hold, and take nothing that they do not know."""

import pytest
from pydantic import ValidationError

from flexura.service import forms
from flexura.service.forms import Form, Person, SignIn


def test_forms_hide_themselves():
    for form in (SignIn(name="maria", password="seven green ladders"), Person(number="MRN-1", name="Jane Doe")):
        assert f"{form!r} {form}" == f"{type(form).__name__}(...) {type(form).__name__}(...)"


def test_every_form_refuses_what_it_does_not_know():
    made = [form for form in vars(forms).values() if isinstance(form, type) and issubclass(form, Form)]
    assert len(made) > 20
    assert {form.model_config["extra"] for form in made} == {"forbid"}
    with pytest.raises(ValidationError):
        Person(number="1", name="Jane", weight=3)
