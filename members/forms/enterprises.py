"""Enterprises: finding them, keeping what is known of them, notes, founding a union."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.text import capfirst
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from members.access import Permission
from members.enterprises import taken_words, tax_code_of
from members.forms.accounts import clean_phone
from members.models import Enterprise, EnterpriseStatus, Sector, Unit, User
from members.models.enterprises import EnterpriseQuerySet
from members.models.units import OCCUPATIONAL_SECTOR
from unionplan.lib import clock
from unionplan.lib.fields import VietnameseDateField, WholeNumberField
from unionplan.lib.vietnamese import nfc, one_line

WITHOUT_UNION, PROPOSED = "without", "proposed"
NEWEST = "-founded_on"  # as the table calls this order


def sectors_of_enterprises() -> Any:
    """An enterprise's own union is of any sector but that of occupational unions."""
    return Sector.objects.exclude(code=OCCUPATIONAL_SECTOR).order_by("position", "code")


class EnterpriseFilter(forms.Form):
    q = forms.CharField(label=_("Name or tax code"), max_length=100, required=False)
    union = forms.ChoiceField(
        label=pgettext_lazy("enterprise", "Trade union"),
        required=False,
        choices=[
            ("", _("All enterprises")),
            (WITHOUT_UNION, _("Without a union yet")),
            (PROPOSED, _("Proposed, not taken up")),
        ],
    )
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[
            ("", pgettext_lazy("enterprise", "Any status")),
            *((status, capfirst(label)) for status, label in EnterpriseStatus.choices),
        ],
    )
    sector = forms.ModelChoiceField(
        sectors_of_enterprises(),
        label=_("Sector"),
        required=False,
        empty_label=_("All sectors"),
    )
    area = forms.ChoiceField(label=_("Area"), required=False)
    responsible = forms.ModelChoiceField(
        Unit.objects.none(),
        label=_("Responsible union"),
        required=False,
        to_field_name="code",
        empty_label=_("All responsible unions"),
    )
    # The table sorts by any of its columns; here stand the two that are asked for every day.
    sort = forms.CharField(
        label=_("Order"),
        required=False,
        widget=forms.Select(choices=[("", _("Most workers first")), (NEWEST, _("Newest first"))]),
    )

    def __init__(self, *args: Any, user: User, seen: EnterpriseQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        superiors = Unit.objects.open_to(user, Permission.VIEW).superiors().living().by_name()
        self.fields["responsible"].queryset = superiors  # type: ignore[attr-defined]
        areas = seen.exclude(area="").order_by("area").values_list("area", flat=True).distinct()
        choices = [("", _("All areas")), *((area, area) for area in areas)]
        self.fields["area"].choices = choices  # type: ignore[attr-defined]

    @property
    def is_without_union(self) -> bool:
        return self.data.get("union") == WITHOUT_UNION

    def apply(self, enterprises: EnterpriseQuerySet) -> EnterpriseQuerySet:
        """A filter that makes no sense finds nothing: better than everything."""
        if not self.is_valid():
            return enterprises.none()
        asked = self.cleaned_data
        found = enterprises.search(asked["q"])
        if asked["union"] == WITHOUT_UNION:
            found = found.without_union()
        elif asked["union"] == PROPOSED:
            found = found.filter(is_proposed=True)
        wanted = {name: asked[name] for name in ("status", "sector", "area")}
        wanted["responsible_unit"] = asked["responsible"]
        return found.filter(**{name: value for name, value in wanted.items() if value})


class _EnterpriseFields(forms.Form):
    tax_code = forms.CharField(
        label=_("Tax code"),
        max_length=20,
        help_text=_("Ten digits; of a branch ten digits, a hyphen and three more."),
        widget=forms.TextInput({"class": "short"}),
    )
    name = forms.CharField(label=_("Name of the enterprise"), max_length=200)
    sector = forms.ModelChoiceField(
        sectors_of_enterprises(), label=_("Sector"), empty_label=_("Choose a sector")
    )
    workers = WholeNumberField(
        label=_("Workers"), required=False, widget=forms.TextInput({"class": "short"})
    )
    area = forms.CharField(label=_("Area"), max_length=100, required=False)

    def __init__(self, *args: Any, user: User, but: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.but = user, but

    def clean_tax_code(self) -> str:
        code = tax_code_of(self.cleaned_data["tax_code"])
        if not code:
            raise forms.ValidationError(
                gettext("This is no tax code; write for example 0101234567.")
            )
        if taken := taken_words(code, by=self.user, but=self.but):
            raise forms.ValidationError(taken)
        return code

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])

    def clean_area(self) -> str:
        return one_line(self.cleaned_data["area"])


class EnterpriseForm(_EnterpriseFields):
    """What the responsible union keeps of an enterprise."""

    responsible_unit = forms.ModelChoiceField(
        Unit.objects.none(),
        label=_("Responsible union"),
        to_field_name="code",
        empty_label=_("Choose a unit"),
    )
    founded_on = VietnameseDateField(
        label=_("Enterprise founded on"),
        required=False,
        widget=forms.DateInput({"class": "short"}),
    )
    surveyed_on = VietnameseDateField(
        label=_("Surveyed on"), required=False, widget=forms.DateInput({"class": "short"})
    )
    is_operating = forms.BooleanField(label=_("Operating"), required=False, initial=True)
    is_eligible = forms.BooleanField(
        label=_("Eligible to have a union"), required=False, initial=True
    )

    field_order = ("tax_code", "name", "sector", "workers", "area", "responsible_unit")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        units = Unit.objects.open_to(user, Permission.ENTERPRISES).superiors().living()
        self.fields["responsible_unit"].queryset = units.by_name()  # type: ignore[attr-defined]

    def clean_founded_on(self) -> date | None:
        return _not_in_the_future(self.cleaned_data["founded_on"])

    def clean_surveyed_on(self) -> date | None:
        return _not_in_the_future(self.cleaned_data["surveyed_on"])

    @staticmethod
    def facts_of(enterprise: Enterprise) -> dict[str, Any]:
        """What the form starts from."""
        names = ("tax_code", "name", "sector", "workers", "area", "founded_on", "surveyed_on")
        facts = {name: getattr(enterprise, name) for name in (*names, "is_operating")}
        unit = enterprise.responsible_unit
        return facts | {"is_eligible": enterprise.is_eligible, "responsible_unit": unit}


class ProposalForm(_EnterpriseFields):
    """An enterprise without a union that a grassroots chair knows of."""

    unit = forms.ModelChoiceField(
        Unit.objects.none(),
        label=_("Proposed by"),
        to_field_name="code",
        required=False,
        empty_label=_("Choose a unit"),
    )

    field_order = ("unit", "tax_code", "name")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        own = Unit.objects.open_to(user, Permission.PROPOSE).reporting().living().by_name()
        self.own = list(own[:2])
        if len(self.own) == 1:
            del self.fields["unit"]
        else:
            self.fields["unit"].queryset = own  # type: ignore[attr-defined]
            self.fields["unit"].required = True

    @property
    def unit_chosen(self) -> Unit:
        chosen: Unit = self.cleaned_data.get("unit") or self.own[0]
        return chosen


class NoteForm(forms.Form):
    day = VietnameseDateField(label=_("Day"), widget=forms.DateInput({"class": "short"}))
    status = forms.ChoiceField(
        label=_("Status"),
        choices=[
            (status, capfirst(label))
            for status, label in EnterpriseStatus.choices
            if status != EnterpriseStatus.FOUNDED
        ],
    )
    text = forms.CharField(label=_("What was done"), max_length=300, required=False)
    supporter = forms.CharField(
        label=_("Who supports"),
        max_length=200,
        required=False,
        help_text=_("Where help is asked for: of whom, and by which day."),
    )
    support_on = VietnameseDateField(
        label=_("Support by day"), required=False, widget=forms.DateInput({"class": "short"})
    )

    def clean_day(self) -> date | None:
        return _not_in_the_future(self.cleaned_data["day"])

    def clean_text(self) -> str:
        return one_line(self.cleaned_data["text"])

    def clean_supporter(self) -> str:
        return one_line(self.cleaned_data["supporter"])

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        if asked.get("status") == EnterpriseStatus.HELP:
            for name, words in (
                ("supporter", gettext("Write of whom help is asked.")),
                ("support_on", gettext("Write by which day help is needed.")),
            ):
                if not asked.get(name) and name not in self.errors:
                    self.add_error(name, words)
        return asked


class RefuseForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea({"rows": 2}),
        error_messages={"required": _("Write why, so that the unit knows.")},
    )

    def clean_reason(self) -> str:
        return nfc(self.cleaned_data["reason"]).strip()


class FoundingForm(forms.Form):
    """A new grassroots union; its sector is that of the enterprise."""

    code = forms.CharField(
        label=_("Code of the new union"),
        max_length=40,
        help_text=_("Letters without accents, digits and . _ - only."),
        validators=[RegexValidator(r"^[A-Za-z0-9._-]+$")],
        widget=forms.TextInput({"class": "short"}),
    )
    name = forms.CharField(label=_("Name of the new union"), max_length=200)
    founded_on = VietnameseDateField(
        label=_("Founded on"), widget=forms.DateInput({"class": "short"})
    )
    decision_no = forms.CharField(label=_("Decision number"), max_length=100)
    parent = forms.ModelChoiceField(
        Unit.objects.none(),
        label=_("Superior union"),
        to_field_name="code",
        empty_label=_("Choose a unit"),
    )
    is_from_below = forms.BooleanField(label=_("Founded from below"), required=False)
    contact_name = forms.CharField(
        label=_("Chair or contact person (optional)"), max_length=100, required=False
    )
    phone = forms.CharField(label=_("Telephone (optional)"), max_length=20, required=False)

    def __init__(self, *args: Any, user: User, enterprise: Enterprise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = Unit.objects.open_to(user, Permission.ENTERPRISES).superiors().living()
        below = units.within(enterprise.responsible_unit).by_name()
        self.fields["parent"].queryset = below  # type: ignore[attr-defined]

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if Unit.objects.filter(code=code).exists():
            raise forms.ValidationError(gettext("This code is used by another unit."))
        return code

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])

    def clean_decision_no(self) -> str:
        return one_line(self.cleaned_data["decision_no"])

    def clean_contact_name(self) -> str:
        return one_line(self.cleaned_data["contact_name"])

    def clean_phone(self) -> str:
        return clean_phone(self.cleaned_data["phone"])

    def clean_founded_on(self) -> date | None:
        return _not_in_the_future(self.cleaned_data["founded_on"])

    @property
    def union(self) -> Unit:
        names = ("code", "name", "founded_on", "parent", "contact_name", "phone")
        return Unit(**{name: self.cleaned_data[name] for name in names})


class LinkForm(forms.Form):
    """A union of the branch that the enterprise has already."""

    prefix = "link"
    unit = forms.ModelChoiceField(
        Unit.objects.none(),
        label=_("Code of the union"),
        to_field_name="code",
        widget=forms.TextInput({"class": "short"}),
        error_messages={"invalid_choice": _("No living union of your branch has this code.")},
    )
    is_from_below = forms.BooleanField(label=_("Founded from below"), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = Unit.objects.open_to(user, Permission.ENTERPRISES).reporting().living()
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]


def _not_in_the_future(day: date | None) -> date | None:
    if day is not None and day > clock.today():
        raise forms.ValidationError(gettext("This day lies in the future."))
    return day
