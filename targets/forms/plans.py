"""Plans and targets as people type them. What may stand in a plan is said by targets/lines.py."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.formats import get_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from members.access import Permission
from members.forms.units import UnitField
from members.models import SectorGroup, Unit, User
from targets.actions import HEAD, is_taken
from targets.baselines import Result, Rules
from targets.indicators import Indicator, catalogue, known_among
from targets.lines import Book, Line, Problem, exists_sentence, plan_problems
from targets.models import Plan, Target, Term
from targets.models.allocation import LARGEST
from targets.models.targets import TargetQuerySet
from targets.spans import quarters_of_years, term_named
from targets.topics import Topics
from unionplan.lib.dates import in_text
from unionplan.lib.fields import VietnameseDateField, WholeNumberField
from unionplan.lib.numbers import parse_decimal, parse_percentage, parse_whole_number
from unionplan.lib.vietnamese import nfc, one_line

YEARS_AROUND = 6  # a term and the one before it
OFFERED = 60  # of a branch of hundreds, the units just below are enough to choose from


class TargetFilter(forms.Form):
    """The targets of one plan: those of the units whose name or code holds every word."""

    q = forms.CharField(label=_("Unit"), max_length=100, required=False)

    def apply(self, targets: TargetQuerySet, plan: Plan) -> TargetQuerySet:
        words = self.cleaned_data["q"] if self.is_valid() else ""
        if not words:
            return targets
        return targets.filter(unit__in=Unit.objects.within(plan.unit).search(words))


class PlanForm(forms.Form):
    """The head of a plan. Code and owner are chosen once; later they stay."""

    code = forms.CharField(
        label=_("Code"),
        max_length=60,
        help_text=_("For example ke-hoach-2025; it stands in the address of the page."),
    )
    title = forms.CharField(label=_("Title"), max_length=300)
    unit = UnitField(label=_("Unit the plan belongs to"))
    term = forms.CharField(
        label=_("Term"),
        required=False,
        max_length=20,
        help_text=_("If the plan belongs to a term, for example 2023-2028."),
    )
    number = forms.CharField(label=_("Document number"), required=False, max_length=100)
    issued_on = VietnameseDateField(label=_("Issued on"), required=False)
    starts_on = forms.TypedChoiceField(label=_("From quarter"), coerce=date.fromisoformat)
    ends_on = forms.TypedChoiceField(label=_("to quarter"), coerce=date.fromisoformat)

    def __init__(
        self,
        *args: Any,
        user: User,
        on: date,
        plan: Plan | None = None,
        without: Collection[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan
        self._offer_units(user)
        self._offer_quarters(on)
        for name in without:
            del self.fields[name]

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if is_taken(code):
            raise forms.ValidationError(gettext("This plan code is already used."))
        return code

    def clean_title(self) -> str:
        return one_line(self.cleaned_data["title"])

    def clean_number(self) -> str:
        return nfc(self.cleaned_data["number"]).strip()

    def clean_term(self) -> Term | None:
        typed: str = self.cleaned_data["term"]
        return term_named(typed) if typed.strip() else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("starts_on") and cleaned.get("ends_on"):
            _add_problems(self, plan_problems(self.typed))
        return cleaned

    @property
    def head(self) -> dict[str, Any]:
        """What :func:`targets.actions.edit_plan` and ``copy_plan`` are told."""
        return {name: self.cleaned_data.get(name) for name in HEAD}

    @property
    def typed(self) -> Plan:
        """The plan as typed; of a plan that exists, the same one with another head."""
        if self.plan:
            return Plan(pk=self.plan.pk, **self.head)
        cleaned = self.cleaned_data
        return Plan(code=cleaned.get("code", ""), unit=cleaned.get("unit"), **self.head)

    def _offer_units(self, user: User) -> None:
        field: UnitField = self.fields["unit"]  # type: ignore[assignment]
        field.units = Unit.objects.open_to(user, Permission.PLAN).living()
        self.units = field.units.superiors().order_by("path")[:OFFERED]

    def _offer_quarters(self, on: date) -> None:
        quarters = quarters_of_years(on.year - YEARS_AROUND, on.year + YEARS_AROUND)
        edges = {
            "starts_on": [(q.starts_on.isoformat(), q.label) for q in quarters],
            "ends_on": [(q.cut_off_on.isoformat(), q.label) for q in quarters],
        }
        for name, choices in edges.items():
            day = self.initial.get(name)
            if isinstance(day, date) and day.isoformat() not in dict(choices):
                choices.insert(0, (day.isoformat(), in_text(day)))
            self.fields[name].choices = choices  # type: ignore[attr-defined]


class EndForm(forms.Form):
    ended_on = VietnameseDateField(label=_("The plan ends on"))
    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea({"rows": 2}))

    def clean_reason(self) -> str:
        return nfc(self.cleaned_data["reason"])


class ValueForm(forms.Form):
    """A line of a plan with its value: counts are read as «5.493», ratios as «95,5»."""

    minimum = forms.CharField(
        label=_("Assigned value"),
        max_length=20,
        widget=forms.TextInput({"class": "figure", "inputmode": "decimal", "autocomplete": "off"}),
    )
    desired = forms.CharField(
        label=_("Desired value"),
        max_length=20,
        required=False,
        widget=forms.TextInput({"class": "figure", "inputmode": "decimal", "autocomplete": "off"}),
    )
    decision_no = forms.CharField(label=_("Decision number"), required=False, max_length=100)
    decision_on = VietnameseDateField(label=_("Issued on"), required=False)
    owner = forms.CharField(
        label=_("Who answers for it"),
        required=False,
        max_length=200,
        help_text=_("For example the department or the officer."),
    )
    rationale = forms.CharField(
        label=_("Grounds"),
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("What the number rests on, for example the survey of enterprises."),
    )

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan

    def clean_decision_no(self) -> str:
        return nfc(self.cleaned_data["decision_no"])

    def clean_owner(self) -> str:
        return one_line(self.cleaned_data["owner"])

    def clean_rationale(self) -> str:
        return nfc(self.cleaned_data["rationale"]).strip()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if indicator := self.known:
            for name in ("minimum", "desired"):
                if name in cleaned:
                    self._read_number(name, indicator)
        if not self.errors:
            self.check_line(Book(self.plan))
        return cleaned

    @property
    def known(self) -> Indicator | None:
        raise NotImplementedError

    @property
    def line(self) -> Line:
        """What :func:`targets.actions.set_target` is told."""
        raise NotImplementedError

    def check_line(self, book: Book) -> None:
        _add_problems(self, book.problems(self.line))

    def _read_number(self, name: str, indicator: Indicator) -> None:
        read: Callable[[str], Decimal | None] = _read_count
        if indicator.is_ratio:
            read = _read_quotient if indicator.is_quotient else parse_percentage
        try:
            self.cleaned_data[name] = read(self.cleaned_data[name])
        except forms.ValidationError as error:
            self.add_error(name, error)


class CorrectionForm(ValueForm):
    """The value of a target while its plan is a draft; the day it holds from stays."""

    def __init__(self, *args: Any, target: Target, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.target = target

    @property
    def known(self) -> Indicator | None:
        return known_among([self.target.indicator]).get(self.target.indicator)

    @property
    def line(self) -> Line:
        return Line(
            unit=self.target.unit,
            indicator=self.target.indicator,
            sector_group=self.target.sector_group.code,
            due_on=self.target.due_on,
            **{"in_force_on": self.initial.get("in_force_on"), **self.cleaned_data},
        )


class RevisionForm(CorrectionForm):
    """Another value for a target of a plan in force: by decision, from a day, for a reason."""

    in_force_on = VietnameseDateField(label=_("In force from"))
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=1000, widget=forms.Textarea({"rows": 2})
    )

    field_order = [
        "minimum",
        "desired",
        "decision_no",
        "decision_on",
        "in_force_on",
        "reason",
        "owner",
        "rationale",
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["minimum"].label = gettext("New value")

    def clean_reason(self) -> str:
        return nfc(self.cleaned_data["reason"])


class TargetForm(ValueForm):
    """A new line of a plan, for a unit of the owner's branch."""

    unit = UnitField(label=_("Unit"))
    indicator = forms.ChoiceField(label=_("Indicator"))
    sector_group = forms.ModelChoiceField(
        SectorGroup.objects.order_by("position", "code"), label=_("Sector group"), empty_label=None
    )
    due_on = VietnameseDateField(
        label=_("Due on"),
        required=False,
        help_text=_("Only for a milestone before the plan ends."),
    )
    is_recurring = forms.BooleanField(
        label=_("Holds anew for every year of the plan"), required=False
    )
    parameter = WholeNumberField(
        label=_("Enterprises with at least … workers"),
        required=False,
        widget=forms.TextInput({"class": "figure"}),
        help_text=_("Only for the share of enterprises with a union, for example 25."),
    )
    topics = forms.MultipleChoiceField(
        label=_("Topics of training"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Only for shares of officers trained: whoever completed a class of each topic ticked "
            "is trained; where none is ticked, a class of any topic."
        ),
    )
    in_force_on = VietnameseDateField(label=_("In force from"))

    field_order = [
        "unit",
        "indicator",
        "sector_group",
        "minimum",
        "desired",
        "due_on",
        "is_recurring",
        "parameter",
        "topics",
        "decision_no",
        "decision_on",
        "in_force_on",
        "owner",
        "rationale",
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.plan.unit
        field: UnitField = self.fields["unit"]  # type: ignore[assignment]
        field.units = Unit.objects.within(owner).living()
        self.units = [owner, *owner.children.living().by_name()[:OFFERED]]
        self.indicators = catalogue(owner)
        choices = [(code, known.label) for code, known in self.indicators.items()]
        self.fields["indicator"].choices = choices  # type: ignore[attr-defined]
        topics = [(topic.pk, str(topic)) for topic in Topics().all]
        self.fields["topics"].choices = topics  # type: ignore[attr-defined]

    @property
    def known(self) -> Indicator | None:
        return self.indicators.get(str(self.cleaned_data.get("indicator", "")))

    def clean_topics(self) -> str:
        return ",".join(self.cleaned_data["topics"])

    @property
    def line(self) -> Line:
        cleaned = self.cleaned_data
        return Line(**{**cleaned, "sector_group": cleaned["sector_group"].pk})

    def check_line(self, book: Book) -> None:
        if book.holds(self.line):
            self.add_error(None, exists_sentence())
        else:
            super().check_line(book)


class BaselineForm(forms.Form):
    """A result from before the product, of a line that adds up, for a unit of the branch."""

    unit = UnitField(label=_("Unit"))
    indicator = forms.ChoiceField(label=_("Indicator"))
    sector_group = forms.ModelChoiceField(
        SectorGroup.objects.order_by("position", "code"), label=_("Sector group"), empty_label=None
    )
    up_to = VietnameseDateField(label=_("Up to day"), widget=forms.DateInput({"class": "short"}))
    value = WholeNumberField(
        label=_("Result"),
        allow_negative=True,
        largest=LARGEST,
        widget=forms.TextInput({"class": "figure"}),
    )
    document_no = forms.CharField(
        label=_("Document number"),
        required=False,
        max_length=100,
        help_text=_("Of the report that states it, for example 95/BC-CĐN."),
    )

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan
        field: UnitField = self.fields["unit"]  # type: ignore[assignment]
        field.units = Unit.objects.within(plan.unit)
        self.units = [plan.unit, *plan.unit.children.living().by_name()[:OFFERED]]
        flows = {code: known for code, known in catalogue(plan.unit).items() if known.is_flow}
        choices = [(code, known.label) for code, known in flows.items()]
        self.fields["indicator"].choices = choices  # type: ignore[attr-defined]

    def clean_document_no(self) -> str:
        return nfc(self.cleaned_data["document_no"]).strip()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            _add_problems(self, Rules(self.plan).problems(self.result))
        return cleaned

    @property
    def result(self) -> Result:
        """What :func:`targets.baselines.set_baselines` is told."""
        cleaned = self.cleaned_data
        return Result(**{**cleaned, "sector_group": cleaned["sector_group"].pk})


def _read_count(typed: str) -> Decimal | None:
    separator = get_format("THOUSAND_SEPARATOR")
    number = parse_whole_number(typed, thousands=separator, largest=LARGEST)
    return None if number is None else Decimal(number)


def _read_quotient(typed: str) -> Decimal | None:
    return parse_decimal(typed, thousands=get_format("THOUSAND_SEPARATOR"))


def _add_problems(form: forms.Form, problems: Iterable[Problem]) -> None:
    """Beside the field it is about, or on top where the form has none."""
    for problem in problems:
        form.add_error(problem.field if problem.field in form.fields else None, problem.message)
