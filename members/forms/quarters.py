"""Opening quarters, and the calendar that proposes their dates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from members.models import Calendar, CalendarKind
from members.models.quarters import ROMAN, Dates
from unionplan.lib.fields import VietnameseDateField

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise as _StrPromise

DUE_DAYS = ("due_days", "upper_due_days", "federation_due_days")


def _day(label: _StrPromise) -> VietnameseDateField:
    return VietnameseDateField(label=label, widget=forms.DateInput({"class": "short"}))


class QuarterForm(forms.Form):
    """The dates of a quarter. A due day before the cut-off is allowed: units send an estimate."""

    year = forms.IntegerField(label=_("Year"), min_value=2000, max_value=2100, localize=False)
    number = forms.TypedChoiceField(
        label=_("Quarter"), coerce=int, choices=list(enumerate(ROMAN, start=1))
    )
    starts_on = _day(_("First day"))
    cut_off_on = _day(_("Cut-off day"))
    due_on = _day(_("Due for grassroots unions"))
    upper_due_on = _day(_("Due for upper-level unions"))
    federation_due_on = _day(_("Due for the federation"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts_on, cut_off_on = cleaned.get("starts_on"), cleaned.get("cut_off_on")
        if starts_on and cut_off_on and cut_off_on <= starts_on:
            self.add_error("cut_off_on", gettext("The cut-off day must come after the first day."))
        levels = ("due_on", "upper_due_on", "federation_due_on")
        days = [cleaned.get(level) for level in levels]
        for level, before, day in zip(levels[1:], days, days[1:], strict=False):
            if before and day and day < before:
                self.add_error(level, gettext("A superior union is due before the one below it."))
        return cleaned

    @property
    def dates(self) -> Dates:
        return Dates(**self.cleaned_data)


class ReopenForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea({"rows": 2}))


class CalendarForm(forms.ModelForm):  # type: ignore[type-arg]
    """Own cut-offs are four days of the year, typed «31/3»."""

    own = [f"own_{number}" for number in (1, 2, 3, 4)]

    class Meta:
        model = Calendar
        fields = ("kind", *DUE_DAYS)
        widgets = {
            "kind": forms.RadioSelect,
            **{name: forms.NumberInput({"class": "figure"}) for name in DUE_DAYS},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = CalendarKind.choices  # type: ignore[attr-defined]
        for name, roman, cut_off in zip(self.own, ROMAN, self._known(), strict=True):
            self.fields[name] = CutOffField(
                label=gettext("Own dates: cut-off of quarter %(number)s") % {"number": roman},
                initial=cut_off,
                required=False,
                widget=forms.TextInput({"class": "short"}),
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("kind") == CalendarKind.OWN:
            days = [cleaned.get(name) for name in self.own]
            for name, before, day in zip(self.own, [None, *days], days, strict=False):
                if day is None and name not in self.errors:
                    self.add_error(name, gettext("Write a day, for example 31/3."))
                elif before and day and day <= before:
                    self.add_error(name, gettext("The four cut-offs must follow each other."))
        return cleaned

    @property
    def own_cut_offs(self) -> list[str]:
        if self.cleaned_data["kind"] != CalendarKind.OWN:
            return list(self.instance.own_cut_offs)
        return ["{}-{}".format(*self.cleaned_data[name]) for name in self.own]

    def _known(self) -> list[tuple[int, int]]:
        return [_month_day(text) for text in self.instance.cut_offs]


class CutOffField(forms.CharField):
    """A day of any year, «31/3», as (month, day)."""

    def to_python(self, value: Any) -> Any:
        text = str(super().to_python(value) or "").strip()
        if not text:
            return None
        try:
            day, month = map(int, text.split("/"))
            VietnameseDateField().clean(f"{day}/{month}/2024")
        except ValueError:
            raise forms.ValidationError(_("Write a day, for example 31/3.")) from None
        return month, day

    def prepare_value(self, value: Any) -> Any:
        return f"{value[1]}/{value[0]}" if isinstance(value, tuple) else value


def _month_day(text: str) -> tuple[int, int]:
    month, day = text.split("-")
    return int(month), int(day)
