"""What is out of the ordinary: a late report permitted, a unit suspended or resumed."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from unionplan.lib.fields import VietnameseDateField
from unionplan.lib.vietnamese import nfc, one_line


class LatePermitForm(forms.Form):
    until = VietnameseDateField(
        label=_("May send until the end of"), widget=forms.DateInput({"class": "short"})
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        widget=forms.Textarea({"rows": 2}),
        error_messages={"required": _("Write why the unit may send late.")},
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if until < self.today:
            raise forms.ValidationError(gettext("This day is over."))
        return until

    def clean_reason(self) -> str:
        return nfc(self.cleaned_data["reason"]).strip()


class SuspensionForm(forms.Form):
    """``seen`` is the day whose effect the page showed: another one is shown before it counts."""

    on = VietnameseDateField(label=_("From day"), widget=forms.DateInput({"class": "short"}))
    decision_no = forms.CharField(
        label=pgettext_lazy("suspension", "Decision number (optional)"),
        max_length=100,
        required=False,
    )
    note = forms.CharField(
        label=pgettext_lazy("suspension", "Note (optional)"),
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )

    def clean_decision_no(self) -> str:
        return one_line(self.cleaned_data["decision_no"])

    def clean_note(self) -> str:
        return nfc(self.cleaned_data["note"]).strip()
