"""What the dashboards are asked by their address: a form that cleans it, as all input."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from members.models import Basis, Quarter, Structure, Unit, User
from targets.dashboards import BranchRow
from targets.models import Plan
from targets.results import Question
from unionplan.lib.vietnamese import search_text

FORMATS = ("json", "csv", "xlsx")


class Asking(forms.Form):
    """``plan, quarter, basis, structure, plan_as_of, children, format``; out of sight is 404."""

    plan = forms.ModelChoiceField(Plan.objects.none(), to_field_name="code", required=False)
    quarter = forms.ModelChoiceField(Quarter.objects.all(), to_field_name="code", required=False)
    basis = forms.ChoiceField(choices=Basis.choices, required=False)
    structure = forms.ChoiceField(choices=Structure.choices, required=False)
    plan_as_of = forms.DateField(required=False)
    children = forms.BooleanField(required=False)
    format = forms.ChoiceField(choices=[(name, name) for name in FORMATS], required=False)

    def __init__(self, data: Any, *, unit: Unit, user: User, today: date) -> None:
        super().__init__(data)
        self.today = today
        plans = Plan.objects.visible_to(user).binding(unit)
        self.plans = list(plans.newest_first().select_related("unit", "term"))
        self.fields["plan"].queryset = plans  # type: ignore[attr-defined]
        if not self.is_valid():
            raise Http404

    def chosen_plan(self) -> Plan | None:
        """The plan asked for, else the one in force that runs today, else the newest."""
        asked: Plan | None = self.cleaned_data["plan"]
        if asked is not None:
            return asked
        in_force = [plan for plan in self.plans if plan.is_in_force]
        running = [p for p in in_force if p.starts_on <= self.today <= p.ends_on]
        return next(iter([*running, *in_force, *self.plans]), None)

    def question(self) -> Question | None:
        """What is asked; ``None`` without any plan or quarter."""
        plan, cleaned = self.chosen_plan(), self.cleaned_data
        quarter = cleaned["quarter"] or Quarter.objects.latest_one()
        if plan is None or quarter is None:
            return None
        return Question(
            plan=plan,
            quarter=quarter,
            plan_as_of=cleaned["plan_as_of"] or self.today,
            basis=cleaned["basis"] or Basis.ACCEPTED,
            structure=cleaned["structure"] or Structure.REPORTED,
        )


class BranchFilter(forms.Form):
    """Narrows the branch table; ``apply`` keeps the rows that fit."""

    STATUSES = (
        ("", _("Every status")),
        ("met", _("Met")),
        ("on_track", _("On track")),
        ("at_risk", _("At risk")),
        ("behind", _("Behind")),
        ("missed", _("Missed")),
        ("none", _("No target")),
    )
    q = forms.CharField(label=_("Unit"), required=False, max_length=100)
    status = forms.ChoiceField(label=_("Status"), choices=STATUSES, required=False)

    def apply(self, rows: tuple[BranchRow, ...]) -> list[BranchRow]:
        if not self.is_valid():
            return list(rows)
        words = search_text(self.cleaned_data["q"]).split()
        status = self.cleaned_data["status"]
        return [
            row
            for row in rows
            if all(word in row.unit.search_text for word in words)
            and (not status or (row.status or "none") == status)
        ]

    @property
    def is_narrowing(self) -> bool:
        return self.is_valid() and any(self.cleaned_data.values())
