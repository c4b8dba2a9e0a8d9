"""Form fields that read what Vietnamese people type."""

from datetime import date

import pytest
from django import forms
from django.utils import translation

from unionplan.lib.fields import VietnameseDateField, WholeNumberField


class Form(forms.Form):
    members = WholeNumberField(required=False)
    adjustment = WholeNumberField(required=False, allow_negative=True)
    due_on = VietnameseDateField(required=False)


def test_blank_is_none_and_zero_is_zero():
    form = Form({"members": "", "adjustment": "0"})

    assert form.is_valid()
    assert (form.cleaned_data["members"], form.cleaned_data["adjustment"]) == (None, 0)


def test_zero_satisfies_a_required_field_and_blank_does_not():
    class Required(forms.Form):
        workers = WholeNumberField()

    assert Required({"workers": "0"}).is_valid()
    assert Required({"workers": " "}).errors == {"workers": ["Mục này phải điền."]}


def test_a_number_is_shown_with_dots_and_a_mistake_as_it_was_typed():
    assert 'value="5.493"' in str(Form(initial={"members": 5493})["members"])
    assert 'value="12,5"' in str(Form({"members": "12,5"})["members"])


@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_the_page_shows_can_be_sent_back_unchanged(language):
    with translation.override(language):
        shown = Form(initial={"members": 5493, "adjustment": -1098, "due_on": date(2025, 7, 1)})
        sent = {name: shown[name].subwidgets[0].data["value"] for name in shown.fields}
        form = Form(sent, initial=shown.initial)

        assert form.is_valid()
        assert form.cleaned_data == shown.initial
        assert form.changed_data == []


def test_a_change_is_noticed_and_another_spelling_is_none():
    initial = {"members": 1234, "adjustment": None}

    assert Form({"members": "1234"}, initial=initial).changed_data == []
    assert Form({"members": "1.235"}, initial=initial).changed_data == ["members"]
    assert Form({"members": ""}, initial=initial).changed_data == ["members"]
    assert Form({"members": "1234", "adjustment": "0"}, initial=initial).changed_data == [
        "adjustment"
    ]


def test_the_numeric_keypad_comes_where_no_minus_is_needed():
    form = Form()

    assert form["members"].field.widget.attrs == {"autocomplete": "off", "inputmode": "numeric"}
    assert form["adjustment"].field.widget.attrs == {"autocomplete": "off"}
    assert 'type="text"' in str(form["members"])


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("21/11/2026", date(2026, 11, 21)),
        ("01/07/2025", date(2025, 7, 1)),
        ("1/7/2025", date(2025, 7, 1)),
        ("1/2/26", date(2026, 2, 1)),
        ("12-6-2021", date(2021, 6, 12)),
        ("2025-07-01", date(2025, 7, 1)),
        ("", None),
    ],
)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_day_stands_before_the_month_in_every_language(typed, day, language):
    with translation.override(language):
        form = Form({"due_on": typed})

        assert form.is_valid()
        assert form.cleaned_data["due_on"] == day


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("31/02/2024", "Ngày 31/02/2024 không có trong lịch."),
        ("10/13/2024", "Ngày 10/13/2024 không có trong lịch."),
        ("2023-02-29", "Ngày 2023-02-29 không có trong lịch."),
        ("hôm nay", "Hãy nhập ngày, ví dụ 05/10/2024."),
        ("5/2024", "Hãy nhập ngày, ví dụ 05/10/2024."),
        ("01/01/0001", "Hãy nhập ngày, ví dụ 05/10/2024."),
        ("31/12/9999", "Hãy nhập ngày, ví dụ 05/10/2024."),
    ],
)
def test_a_day_that_does_not_exist_is_told_from_what_is_no_date(typed, sentence):
    assert Form({"due_on": typed}).errors == {"due_on": [sentence]}
