"""Officers: finding them, and what is said of one."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from members.access import Permission
from members.actions import Refused
from members.forms.units import UnitField
from members.models import Unit, User
from training import officers
from training.models import Education, Gender, Officer, PoliticalTheory, Position, Tenure
from training.models.officers import TenureQuerySet
from training.officers import STATED, Newcomer, Service
from training.terms import term_began_on
from unionplan.lib.fields import VietnameseDateField
from unionplan.lib.vietnamese import one_line, search_text

SERVING, LEFT, WITHOUT_CHAIR = "", "left", "without-chair"
THIS_TERM, THIS_YEAR = "term", "year"
CORRECT, CHANGE = "correct", "change"
SAID = tuple(name for name in STATED if name != "unit")
OFFERED = 60  # of a branch of hundreds, the units just below are enough to choose from


def _positions() -> Any:
    return Position.objects.order_by("rank", "code")


def _short() -> forms.DateInput:
    return forms.DateInput({"class": "short"})


class OfficerFilter(forms.Form):
    q = forms.CharField(label=_("Name of the officer"), max_length=100, required=False)
    parent = forms.ModelChoiceField(
        Unit.objects.none(),
        label=_("In the branch of"),
        required=False,
        to_field_name="code",
        empty_label=_("All superior unions"),
    )
    position = forms.ModelChoiceField(
        Position.objects.none(),
        label=pgettext_lazy("officer", "Position"),
        required=False,
        empty_label=_("All positions"),
    )
    full_time = forms.ChoiceField(
        label=_("Full-time"),
        required=False,
        choices=[
            ("", _("Full-time or not")),
            ("yes", pgettext_lazy("officer", "Full-time")),
            ("no", _("Not full-time")),
        ],
    )
    elected = forms.ChoiceField(
        label=_("Newly elected chairs"),
        required=False,
        choices=[
            ("", _("Newly elected or not")),
            (THIS_TERM, _("Since the term began")),
            (THIS_YEAR, _("Since the year began")),
        ],
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            (SERVING, _("In office today")),
            (LEFT, _("No longer in office")),
            (WITHOUT_CHAIR, _("Units without a chair")),
        ],
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        superiors = Unit.objects.open_to(user, Permission.VIEW).superiors().living().by_name()
        self.fields["parent"].queryset = superiors  # type: ignore[attr-defined]
        self.fields["position"].queryset = _positions()  # type: ignore[attr-defined]
        if self.asks_for_units:
            self.fields["q"].label = _("Name or code")
            for name in ("position", "full_time", "elected"):
                del self.fields[name]

    @property
    def asks_for_units(self) -> bool:
        return self.data.get("state") == WITHOUT_CHAIR

    def apply(self, tenures: TenureQuerySet, on: date) -> TenureQuerySet:
        """A filter that makes no sense finds nothing: better than everything."""
        if not self.is_valid():
            return tenures.none()
        asked = self.cleaned_data
        found = tenures.left(on) if asked["state"] == LEFT else tenures.at(on)
        if asked["parent"]:
            found = found.filter(unit__in=Unit.objects.within(asked["parent"]))
        if asked["position"]:
            found = found.filter(position=asked["position"])
        if asked["full_time"]:
            found = found.filter(is_full_time=asked["full_time"] == "yes")
        if asked["elected"]:
            year = date(on.year, 1, 1)
            found = found.newly_elected(
                year if asked["elected"] == THIS_YEAR else term_began_on(on)
            )
        return found.filter(officer__in=Officer.objects.search(asked["q"])) if asked["q"] else found

    def apply_to_units(self, units: Any, on: date) -> Any:
        """Units without a chair, of the branch that is asked for, by their names."""
        if not self.is_valid():
            return units.none()
        found = officers.without_chair(units, on).search(self.cleaned_data["q"])
        parent = self.cleaned_data["parent"]
        return found.within(parent) if parent else found


class _ServiceFields(forms.Form):
    """What is said of somebody's service. ``fixed`` is the unit where no other can be chosen."""

    unit = UnitField(label=_("Unit"), help_text=_("The code or the whole name of the unit."))
    position = forms.ModelChoiceField(
        Position.objects.none(),
        label=pgettext_lazy("officer", "Position"),
        empty_label=_("Choose a position"),
    )
    is_full_time = forms.BooleanField(label=_("Full-time officer"), required=False)
    elected_on = VietnameseDateField(label=_("Elected on"), widget=_short())
    first_elected_on = VietnameseDateField(
        label=_("First elected on"),
        required=False,
        help_text=_("To this position. Leave it empty if this is the first time."),
        widget=_short(),
    )
    education = forms.ChoiceField(
        label=_("Education"), required=False, choices=[("", _("Not known")), *Education.choices]
    )
    political_theory = forms.ChoiceField(
        label=_("Political theory"),
        required=False,
        choices=[("", _("Not known")), *PoliticalTheory.choices],
    )
    duties = forms.CharField(label=_("Duties"), max_length=200, required=False)
    is_in_planning = forms.BooleanField(label=_("In planning for office"), required=False)

    def __init__(self, *args: Any, user: User, chosen: Unit | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["position"].queryset = _positions()  # type: ignore[attr-defined]
        units = Unit.objects.open_to(user, Permission.OFFICERS).living()
        own = list(units.order_by("path")[:2])
        self.fixed = chosen if chosen and own == [chosen] else own[0] if len(own) == 1 else None
        if self.fixed is not None:
            del self.fields["unit"]
            self.offered: list[Unit] = []
            return
        field: UnitField = self.fields["unit"]  # type: ignore[assignment]
        field.units, self.offered = units, list(units.order_by("path")[:OFFERED])
        if chosen is not None:
            self.initial.setdefault("unit", chosen.code)

    @property
    def unit_chosen(self) -> Unit:
        chosen: Unit = self.fixed or self.cleaned_data["unit"]
        return chosen

    def clean_duties(self) -> str:
        return one_line(self.cleaned_data["duties"])

    def service_at(self, unit: Unit, left_on: date | None = None) -> Service:
        facts = {name: self.cleaned_data[name] for name in SAID}
        return Service(unit, **facts, left_on=left_on)

    def tell(self, refused: Refused) -> None:
        """Why the verb refused it, beside the field that is to blame."""
        field = getattr(refused, "field", None)
        self.add_error(field if field in self.fields else None, str(refused))


class _OfficerFields(_ServiceFields):
    name = forms.CharField(
        label=_("Full name"), max_length=100, widget=forms.TextInput({"autocomplete": "off"})
    )
    gender = forms.ChoiceField(
        label=_("Gender"), required=False, choices=[("", _("Not known")), *Gender.choices]
    )

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])


class OfficerForm(_OfficerFields):
    """Somebody who is not in the list yet."""

    is_another = forms.BooleanField(
        label=_("This is another person of the same name"), required=False
    )

    field_order = ("unit", "name", "gender", "position")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.namesake: Tenure | None = None
        if not self.is_bound:
            del self.fields["is_another"]

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        unit = self.fixed or asked.get("unit")
        if unit and asked.get("name") and not asked.get("is_another"):
            self._refuse_namesake(unit, asked["name"])
        if self.namesake is None and not asked.get("is_another"):
            del self.fields["is_another"]  # nobody to mistake this person for
        return asked

    @property
    def newcomer(self) -> Newcomer:
        facts = self.cleaned_data
        return Newcomer(facts["name"], self.service_at(self.unit_chosen), facts["gender"])

    def _refuse_namesake(self, unit: Unit, name: str) -> None:
        known = Tenure.objects.filter(unit=unit, officer__search_text=search_text(name))
        self.namesake = known.select_related("officer").order_by("-valid_from").first()
        if self.namesake is not None:
            words = gettext("%(person)s stands in the list of %(unit)s already, or stood there.")
            self.add_error("name", words % {"person": self.namesake.officer, "unit": unit})


class OfficerEditForm(_OfficerFields):
    """One form for what was always so and for what is so from a day on."""

    mode = forms.ChoiceField(
        label=_("What you write here"),
        choices=[
            (CORRECT, _("Correct it (it was always so)")),
            (CHANGE, _("It changed on a day")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether it was always so or changed on a day.")},
    )
    since = VietnameseDateField(
        label=_("Changed from day"),
        required=False,
        help_text=_("Figures of quarters before that day stay as they were."),
        widget=_short(),
    )
    left_on = VietnameseDateField(
        label=_("Left on"),
        required=False,
        help_text=_("The first day out of office."),
        widget=_short(),
    )

    field_order = ("mode", "since", "name", "gender", "unit", "position")

    def __init__(
        self,
        *args: Any,
        tenure: Tenure,
        is_last: bool,
        is_continued: bool,
        may_rename: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, chosen=tenure.unit, initial=_facts_of(tenure), **kwargs)
        self.tenure = tenure
        if tenure.valid_to is None or is_continued:
            del self.fields["left_on"]
        if not is_last:
            self.fields["mode"].choices = [(CORRECT, _("Correct it (it was always so)"))]  # type: ignore[attr-defined]
            self.fields["mode"].initial = CORRECT
            del self.fields["since"]
            self.fields.pop("unit", None)
        if not may_rename:
            for name in ("name", "gender"):
                self.fields[name].disabled = True

    @property
    def is_change(self) -> bool:
        return bool(self.cleaned_data["mode"] == CHANGE)

    @property
    def service(self) -> Service:
        unit = self.cleaned_data.get("unit") if self.is_change else None
        left_on = self.cleaned_data.get("left_on", self.tenure.valid_to)
        return self.service_at(unit or self.tenure.unit, left_on)

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        if self.errors:
            return asked
        if self.is_change:
            if asked["since"] is None:
                self.add_error("since", gettext("Write from which day it is so."))
        elif "unit" in asked and asked["unit"] != self.tenure.unit:
            words = gettext("Whoever moves to another unit does so on a day: choose that above.")
            self.add_error("unit", words)
        elif asked.get("since"):
            words = gettext("A day stands here, so choose above that it changed on that day.")
            self.add_error("since", words)
        return asked


class LeaveForm(forms.Form):
    on = VietnameseDateField(
        label=_("No longer in office from"),
        help_text=_("The first day out of office."),
        widget=_short(),
    )


class BackForm(_ServiceFields):
    """Somebody who had left serves again."""

    field_order = ("unit", "position", "is_full_time", "elected_on")

    def __init__(self, *args: Any, tenure: Tenure, **kwargs: Any) -> None:
        known = _facts_of(tenure) | {"elected_on": None, "first_elected_on": None}
        chosen = tenure.unit if tenure.unit.ended_on is None else None
        super().__init__(*args, chosen=chosen, initial=known, **kwargs)

    @property
    def service(self) -> Service:
        return self.service_at(self.unit_chosen)


def _facts_of(tenure: Tenure) -> dict[str, Any]:
    """What a form starts from."""
    facts = {name: getattr(tenure, name) for name in SAID}
    person = {"name": tenure.officer.name, "gender": tenure.officer.gender}
    return {**facts, **person, "unit": tenure.unit.code, "left_on": tenure.valid_to}
