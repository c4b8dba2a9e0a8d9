"""What stands beside a field is read out with it."""

from django import forms
from django.test import override_settings


class CountForm(forms.Form):
    workers = forms.IntegerField(label="Workers", help_text="In the whole enterprise.")


@override_settings(LANGUAGE_CODE="en")
def test_note_question_help_and_error_describe_the_field() -> None:
    form = CountForm({"workers": "many"})
    form.fields["workers"].note = "Quarter II: 238"  # type: ignore[attr-defined]
    form.fields["workers"].question = "Is it true?"  # type: ignore[attr-defined]
    html = form["workers"].as_field_group()
    described_by = [
        "id_workers_helptext",
        "id_workers_error",
        "id_workers_note",
        "id_workers_question",
    ]
    assert f'aria-describedby="{" ".join(described_by)}"' in html
    assert [name for name in described_by if f'id="{name}"' not in html] == []


def test_a_field_without_a_note_says_nothing_of_one() -> None:
    html = CountForm()["workers"].as_field_group()
    assert 'aria-describedby="id_workers_helptext"' in html
    assert "_note" not in html
