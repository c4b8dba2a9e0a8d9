"""Noting reminders, and ticking units to remind together."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db.models import BigAutoField
from django.utils.translation import gettext_lazy as _

from members.forms.reports import Post
from members.models import Quarter, ReminderKind
from unionplan.lib.fields import VietnameseDateField

TYPED = [choice for choice in ReminderKind.choices if choice[0] != ReminderKind.EMAIL]


class ReminderForm(forms.Form):
    """«Gọi điện | Nhắn tin | Đến cơ sở», the day, one line."""

    kind = forms.ChoiceField(label=_("How"), choices=TYPED, widget=forms.RadioSelect)
    day = VietnameseDateField(label=_("Day"), widget=forms.DateInput({"class": "short"}))
    note = forms.CharField(
        label=_("One line"),
        max_length=200,
        required=False,
        help_text=_(
            "For example: the accountant is away, will send on 07/10. Only colleagues read it."
        ),
    )
    # the latest line of a colleague that was on the page
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Post | None = None, *, today: date, seen: int | None) -> None:
        """``seen`` is that line as it stands now: the page always shows and sends the latest."""
        self.latest = seen
        super().__init__(data, initial={"kind": ReminderKind.CALL, "day": today})

    @property
    def was_read(self) -> bool:
        """Whether the page told of what a colleague noted last."""
        return self.latest is None or self.cleaned_data["seen"] == self.latest


class TickedForm(forms.Form):
    """Units ticked in a list of those that have not sent; what cannot be read is nothing."""

    quarter = forms.ModelChoiceField(Quarter.objects.all(), to_field_name="code")
    scope = forms.CharField(required=False, max_length=20)
    action = forms.ChoiceField(choices=[("copy", ""), ("email", "")])

    @property
    def units(self) -> list[int]:
        return ticked(self.data)


def ticked(data: Any) -> list[int]:
    """The ids of the units ticked."""
    typed = data.getlist("units")
    return [int(pk) for pk in typed if pk.isdecimal() and int(pk) <= BigAutoField.MAX_BIGINT]
