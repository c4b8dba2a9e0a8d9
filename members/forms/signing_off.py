"""Signing a quarter off, and giving a sign-off back."""

from __future__ import annotations

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from members.models import SignOff
from unionplan.lib.vietnamese import nfc, one_line

LONGEST = 2000
COMRADE = re.compile(r"^(đồng chí|đ/c)\s+", re.IGNORECASE)


class SignOffForm(forms.Form):
    remark = forms.CharField(
        label=_("Remark to the superior union"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 3}),
    )
    signatory = forms.CharField(
        label=_("Signatory: comrade"),
        help_text=_("Name and office, for example: Nguyễn Văn An, Chủ tịch"),
        max_length=SignOff._meta.get_field("signatory").max_length,
    )

    def clean_remark(self) -> str:
        return nfc(self.cleaned_data["remark"])

    def clean_signatory(self) -> str:
        """The label says «đồng chí» already."""
        return COMRADE.sub("", one_line(self.cleaned_data["signatory"]))


class ReturnSignOffForm(forms.Form):
    reason = forms.CharField(
        label=_("Sentence for the unit"),
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 3}),
        error_messages={
            "required": _("Write a sentence, so that the unit knows what to look at again.")
        },
    )

    def clean_reason(self) -> str:
        return nfc(self.cleaned_data["reason"])
