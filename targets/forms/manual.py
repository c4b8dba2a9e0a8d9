"""Indicators typed by hand as an administrator defines them, and the figures of a unit."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.db.models import BigAutoField
from django.utils.text import capfirst
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from members.access import Permission
from members.actions import Refused
from members.forms.reports import LONGEST, Post, TextField
from members.forms.units import UnitField
from members.models import Quarter, Unit, User
from targets import manual
from targets.duties import DUE, Duty
from targets.forms.plans import OFFERED
from targets.manual import FACTS, FIXED, WORDS, Typed, figure_words, problems_of
from targets.models import ManualFigure, ManualIndicator, ManualKind, ManualStatus, TypedBy
from unionplan.lib.fields import WholeNumberField
from unionplan.lib.vietnamese import nfc, one_line

LARGEST = 10**15  # đồng; the sums of a country stay far below what a column holds
LARGEST_VERSION = 2**31 - 1
TICK = re.compile(r"^([0-9]{1,18}):([0-9]{1,9})$")
STATUSES = (
    ManualStatus.SUBMITTED,
    ManualStatus.RETURNED,
    ManualStatus.ACCEPTED,
    ManualStatus.DRAFT,
)


class CountField(WholeNumberField):
    """A whole number of anything, sums of money too; never negative."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput({"class": "figure"})
        super().__init__(required=False, largest=LARGEST, widget=widget, **kwargs)

    def to_python(self, value: Any) -> int | None:
        try:
            return super().to_python(value)
        except forms.ValidationError as error:
            if error.code != "fraction":
                raise
            words = gettext("Only whole numbers are counted here (entered: %(text)s).")
            raise forms.ValidationError(words, "fraction", error.params) from None


# --- indicators ----------------------------------------------------------------------------------


class IndicatorForm(forms.Form):
    """«Thêm chỉ tiêu nhập tay». Owner and code are chosen once; what figures were typed under
    stays, and of a shipped indicator only its words change."""

    name = forms.CharField(label=_("Name"), max_length=200)
    counted_in = forms.CharField(
        label=_("Unit of measure"),
        max_length=60,
        help_text=_("For example: members, agreements, dong."),
        widget=forms.TextInput({"class": "short"}),
    )
    kind = forms.ChoiceField(
        label=pgettext_lazy("indicator", "Kind"),
        choices=[(kind, capfirst(kind.label)) for kind in ManualKind],
        widget=forms.RadioSelect,
        help_text=_(
            "A sum is typed for the quarter alone and added up; a number at the cut-off day"
            " replaces the one before; a ratio is typed as two numbers."
        ),
    )
    is_yearly = forms.TypedChoiceField(
        label=_("How often it is typed"),
        coerce=lambda value: value == "year",
        choices=[
            ("quarter", _("Every quarter")),
            ("year", _("Once a year, in the fourth quarter")),
        ],
        widget=forms.RadioSelect,
    )
    typed_by = forms.ChoiceField(
        label=_("Who types it"),
        choices=[(who, capfirst(who.label)) for who in TypedBy],
        widget=forms.RadioSelect,
    )
    units = forms.CharField(
        label=_("Units named"),
        required=False,
        max_length=20_000,
        help_text=_("Only for units named: their codes, a line each or with commas."),
        widget=forms.Textarea({"rows": 3}),
    )
    method = TextField(label=_("How it is counted"), rows=3)
    is_money = forms.BooleanField(label=_("A sum of money"), required=False)
    lower_is_better = forms.BooleanField(label=_("The lower the better"), required=False)
    unit = UnitField(
        label=_("Unit it belongs to"),
        help_text=_("The units of its branch type the indicator, and plans there may use it."),
    )
    code = forms.CharField(
        label=_("Code"),
        required=False,
        max_length=60,
        help_text=_("Left empty, it is made of the name; it cannot be changed later."),
        validators=[
            RegexValidator(
                r"^[A-Za-z0-9._-]+$", _("Letters without accents, digits and . _ - only.")
            )
        ],
        widget=forms.TextInput({"class": "short"}),
    )
    name_en = forms.CharField(label=_("Name in English"), max_length=200, required=False)

    def __init__(
        self,
        *args: Any,
        user: User,
        indicator: ManualIndicator | None = None,
        is_in_use: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.known = indicator
        self.seen = Unit.objects.open_to(user, Permission.PLAN).living()
        self.offered: list[Unit] = []
        if indicator is None:
            owner: UnitField = self.fields["unit"]  # type: ignore[assignment]
            owner.units = self.seen.superiors()
            self.offered = list(owner.units.order_by("path")[:OFFERED])
        else:
            self._keep(indicator, is_in_use=is_in_use)

    def _keep(self, indicator: ManualIndicator, *, is_in_use: bool) -> None:
        shown = set(FACTS if indicator.unit else WORDS)
        if indicator.unit and (not is_in_use or indicator.typed_by == TypedBy.NAMED):
            shown.add("units")
        self.fields = {name: field for name, field in self.fields.items() if name in shown}
        for name in FIXED if is_in_use and indicator.unit else ():
            self.fields[name].disabled = True

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])

    def clean_name_en(self) -> str:
        return one_line(self.cleaned_data["name_en"])

    def clean_counted_in(self) -> str:
        return one_line(self.cleaned_data["counted_in"])

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if code and manual.is_taken(code):
            raise forms.ValidationError(manual.taken_words())
        return code

    def clean_units(self) -> list[Unit]:
        typed = [code for code in re.split(r"[\s,;]+", nfc(self.cleaned_data["units"])) if code]
        named = {*typed, *(code.upper() for code in typed)}
        found = [*self.seen.filter(code__in=named)]
        if self.known:  # named already, and ended or moved away since
            found += self.known.units.filter(code__in=named)
        units = {unit.code.lower(): unit for unit in found}
        if unknown := [code for code in typed if code.lower() not in units]:
            words = gettext("There is no unit %(code)s among your units.")
            raise forms.ValidationError(words % {"code": ", ".join(unknown)})
        return list(units.values())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "units" in self.fields and not self.errors:
            try:
                manual.named_units(self.indicator, cleaned["units"])
            except Refused as refused:
                self.add_error("units", str(refused))
        return cleaned

    @property
    def indicator(self) -> ManualIndicator:
        """As typed; of one that is there, its owner and code stay."""
        facts = {name: value for name, value in self.cleaned_data.items() if name != "units"}
        if self.known:
            return ManualIndicator(pk=self.known.pk, unit=self.known.unit, **facts)
        return ManualIndicator(**facts | {"code": facts["code"] or manual.code_for(facts["name"])})

    @staticmethod
    def facts_of(indicator: ManualIndicator) -> dict[str, Any]:
        facts = {name: getattr(indicator, name) for name in FACTS}
        facts["is_yearly"] = "year" if indicator.is_yearly else "quarter"
        named = indicator.units.order_by("path").values_list("code", flat=True)
        return facts | {"units": "\n".join(named)}


# --- figures -------------------------------------------------------------------------------------


class FigureRow(forms.Form):
    """What a unit types of one indicator for one quarter, with what it sent before beside it."""

    version = forms.IntegerField(min_value=0, max_value=LARGEST_VERSION, widget=forms.HiddenInput)
    numerator = CountField()
    denominator = CountField()
    note = TextField(label=_("Note (optional)"), rows=1)

    def __init__(
        self, data: Post | None = None, *, duty: Duty, before: ManualFigure | None = None
    ) -> None:
        self.duty, self.before = duty, before
        figure = duty.figure
        names = ("version", "numerator", "denominator", "note")
        first = {name: getattr(figure, name) for name in names} if figure else {"version": 0}
        super().__init__(data, prefix=row_prefix(duty.indicator), initial=first)
        unit = {"unit": duty.indicator.counted_in}
        if duty.indicator.is_ratio:
            self.fields["numerator"].label = gettext("Part (%(unit)s)") % unit
            self.fields["denominator"].label = gettext("Whole (%(unit)s)") % unit
        else:
            self.fields["numerator"].label = gettext("Figure (%(unit)s)") % unit
            del self.fields["denominator"]
        if before is not None:
            self.fields["numerator"].note = gettext(  # type: ignore[attr-defined]
                "%(quarter)s: %(figure)s"
            ) % {"quarter": before.quarter, "figure": figure_words(before)}

    @property
    def typed(self) -> Typed:
        return Typed(self.duty.indicator, **self.cleaned_data)

    @property
    def is_blank(self) -> bool:
        typed = self.typed
        return typed.numerator is None and typed.denominator is None and not typed.note

    @property
    def is_touched(self) -> bool:
        """Whether it says anything else than what is stored; a row left blank that somebody else
        filled meanwhile is not."""
        figure = self.duty.figure
        if figure is None:
            return not self.is_blank
        if self.is_blank and not self.cleaned_data["version"]:
            return False
        typed = self.typed
        stored = (figure.numerator, figure.denominator, figure.note)
        return stored != (typed.numerator, typed.denominator, typed.note)

    def judge(self) -> None:
        """Say what keeps the figure from being sent."""
        for problem in problems_of(self.typed, sending=True):
            self.add_error(problem.field, problem.message)


def row_prefix(indicator: ManualIndicator) -> str:
    return f"i{indicator.pk}"


class ReasonForm(forms.Form):
    """Why one figure is returned."""

    reason = forms.CharField(
        label=_("Sentence for the unit"),
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 2}),
        error_messages={"required": _("Write the reason, so that the unit knows what to mend.")},
    )

    def __init__(self, data: Post | None = None, *, figure: ManualFigure) -> None:
        super().__init__(data, prefix=f"f{figure.pk}")

    def clean_reason(self) -> str:
        return nfc(self.cleaned_data["reason"])


def ticked_figures(texts: list[str]) -> dict[int, int]:
    """Figure → version, of «12:3»; anything else is no figure of ours."""
    found = (TICK.match(text) for text in texts)
    pairs = ((int(match[1]), int(match[2])) for match in found if match)
    return {pk: version for pk, version in pairs if pk <= BigAutoField.MAX_BIGINT}


class FigureFilter(forms.Form):
    """Which figures of a branch; what cannot be read falls back to what waits for a check."""

    quarter = forms.ModelChoiceField(
        Quarter.objects.order_by("-cut_off_on"),
        label=_("Quarter"),
        required=False,
        to_field_name="code",
        empty_label=None,
    )
    indicator = forms.ModelChoiceField(
        ManualIndicator.objects.none(),
        label=_("Indicator"),
        required=False,
        to_field_name="code",
        empty_label=_("All indicators"),
    )
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[*((status, status.label) for status in STATUSES), (DUE, _("Not typed yet"))],
    )
    q = forms.CharField(label=_("Name or code"), max_length=100, required=False)

    def __init__(self, data: Post, *, user: User) -> None:
        super().__init__(data)
        known = ManualIndicator.objects.of_branches(user).select_related("unit").by_name()
        self.fields["indicator"].queryset = known  # type: ignore[attr-defined]
        self.known = known
        self.is_valid()
        self.chosen_quarter: Quarter | None = self.cleaned_data.get("quarter") or _latest()
        self.chosen_status: str = self.cleaned_data.get("status") or ManualStatus.SUBMITTED
        shown = {"status": self.chosen_status}
        if self.chosen_quarter:
            shown["quarter"] = self.chosen_quarter.code
        self.data = {name: data[name] for name in data} | shown

    @property
    def indicators(self) -> list[ManualIndicator]:
        asked = self.cleaned_data.get("indicator")
        return [asked] if asked else list(self.known)

    @property
    def words(self) -> str:
        return self.cleaned_data.get("q") or ""


def _latest() -> Quarter | None:
    """The latest open one, else the last there was."""
    return Quarter.objects.open().latest_one() or Quarter.objects.latest_one()
