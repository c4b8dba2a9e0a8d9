"""Plans and their targets: made, read, put in force, revised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from members.access import Permission
from members.actions import Refused
from members.history import Line, lines
from members.http import Request
from members.models import HistoryEntry, SectorGroup, Unit, User
from targets import actions
from targets.allocating import can_be_split
from targets.forms.plans import (
    CorrectionForm,
    EndForm,
    PlanForm,
    RevisionForm,
    TargetFilter,
    TargetForm,
    ValueForm,
)
from targets.indicators import Catalogue, known_among
from targets.models import Baseline, Plan, Target, TargetRevision
from targets.shipped import ShippedPlan, shipped_plan, shipped_plans
from targets.spans import label_spans, years_later
from targets.topics import Topics, told
from targets.wording import promised
from unionplan.lib import clock
from unionplan.lib.numbers import UNKNOWN, whole_number

PLANS_A_PAGE = 50
TARGETS_A_PAGE = 50
HISTORY_SHOWN = 30
LABELS = {
    field.name: field.verbose_name
    for model in (Baseline, TargetRevision, Target, Plan)
    for field in model._meta.fields
}


@dataclass(frozen=True)
class Value:
    """A value of a target as people read it."""

    minimum: str
    desired: str
    revision: TargetRevision


@dataclass(frozen=True)
class TargetRow:
    """A target with the value in force, and every value it had, newest first."""

    target: Target
    indicator: str
    current: Value | None
    values: list[Value]
    place: tuple[Any, ...] = ()  # of its line in the plan
    may_allocate: bool = False  # over the units below
    topics: str = ""  # in words

    @property
    def remark(self) -> str:
        """How the line is defined, who answers for it and on what grounds."""
        target = self.target
        said = [_("Every year")] if target.is_recurring else []
        if target.parameter:
            least = {"count": whole_number(target.parameter)}
            said.append(_("Enterprises with at least %(count)s workers") % least)
        if self.topics:
            said.append(self.topics)
        if target.owner:
            said.append(_("answered for by: %(owner)s") % {"owner": target.owner})
        if target.rationale:
            said.append(_("grounds: %(grounds)s") % {"grounds": target.rationale})
        return " · ".join(said)

    @property
    def has_changed(self) -> bool:
        return len(self.values) > 1


@dataclass(frozen=True)
class TargetTable:
    rows: list[TargetRow]

    @property
    def has_desired(self) -> bool:
        return any(value.revision.desired is not None for row in self.rows for value in row.values)

    @property
    def may_allocate(self) -> bool:
        return any(row.may_allocate for row in self.rows)

    @property
    def has_due_days(self) -> bool:
        return any(row.target.due_on for row in self.rows)


# --- plans ---------------------------------------------------------------------------------------


@require_safe
def plan_list(request: Request) -> HttpResponse:
    plans = Plan.objects.visible_to(request.user).select_related("unit", "term").newest_first()
    page = Paginator(plans, PLANS_A_PAGE).get_page(request.GET.get("page"))
    may_plan = request.user.may_somewhere(Permission.PLAN)
    facts = {
        "page": page,
        "plans": label_spans(page),
        "may_plan": may_plan,
        "templates": shipped_plans() if may_plan else [],
    }
    return render(request, "targets/plan_list.html", facts)


@require_safe
def plan_detail(request: Request, code: str) -> HttpResponse:
    plan = visible_plan(request, code)
    user = request.user
    on = max(clock.today(), plan.starts_on)  # before it starts, as it will be then
    shown = plan.targets.with_values()
    form = TargetFilter(request.GET)
    below = form.apply(shown.visible_to(user).exclude(unit=plan.unit), plan).by_unit()
    page = Paginator(below, TARGETS_A_PAGE).get_page(request.GET.get("page"))
    may_plan = user.may(Permission.PLAN, plan.unit)
    facts = {
        "plan": plan,
        "span": label_spans([plan])[0][1],
        "own": TargetTable(_in_order(_rows(shown.filter(unit=plan.unit).by_unit(), on, user))),
        "form": form,
        "page": page,
        "below": TargetTable(_rows(page, on, user)),
        "may_plan": may_plan,
        "may_change": may_plan and not plan.has_ended,
        "history": _history(user, plan),
        "copy_label": _copy_label(plan),
        "asking_units": [] if plan.has_ended else _asking_units(user, plan),
    }
    return render(request, "targets/plan_detail.html", facts)


def plan_new(request: Request) -> HttpResponse:
    """An empty draft, or with ``?template=`` one with the lines of a plan we ship."""
    if not request.user.may_somewhere(Permission.PLAN):
        raise PermissionDenied
    template = _template(request)
    form = PlanForm(
        request.POST or None,
        user=request.user,
        on=clock.today(),
        initial=_proposal(request.user, template),
    )
    if form.is_valid():
        try:
            if template:
                plan = actions.create_from_shipped(template, form.typed, by=request.user)
            else:
                plan = actions.create_plan(form.typed, by=request.user)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The plan is saved as a draft."))
            return redirect(plan)
    title = _("Make a plan from a template") if template else _("Make a plan")
    return _plan_form(request, form, title=title, template=template)


def plan_edit(request: Request, code: str) -> HttpResponse:
    plan = plan_to_change(request, code)
    form = PlanForm(
        request.POST or None,
        user=request.user,
        on=clock.today(),
        plan=plan,
        without=("code", "unit"),
        initial=_head(plan),
    )
    if form.is_valid():
        try:
            actions.edit_plan(plan, form.head, by=request.user)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The plan is saved."))
            return redirect(plan)
    return _plan_form(request, form, title=_("Change the plan"), plan=plan)


def plan_copy(request: Request, code: str) -> HttpResponse:
    """Next year's plan out of this one."""
    plan = plan_to_change(request, code)
    form = PlanForm(
        request.POST or None,
        user=request.user,
        on=clock.today(),
        without=("unit",),
        initial=_next_span(plan),
    )
    if form.is_valid():
        try:
            copy = actions.copy_plan(
                plan, code=form.cleaned_data["code"], **form.head, by=request.user
            )
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            _tell_about_copy(request, plan, copy)
            return redirect(copy)
    return _plan_form(request, form, title=_copy_label(plan), plan=plan)


@require_POST
def plan_start(request: Request, code: str) -> HttpResponse:
    plan = plan_to_change(request, code)
    try:
        actions.put_in_force(plan, by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The plan is in force."))
    return redirect(plan)


def plan_end(request: Request, code: str) -> HttpResponse:
    plan = plan_to_change(request, code)
    form = EndForm(request.POST or None, initial={"ended_on": clock.today()})
    if form.is_valid():
        facts = form.cleaned_data
        try:
            actions.end_plan(plan, by=request.user, on=facts["ended_on"], reason=facts["reason"])
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The plan has ended."))
            return redirect(plan)
    return _plan_form(request, form, title=_("End the plan"), plan=plan)


# --- targets -------------------------------------------------------------------------------------


def target_new(request: Request, code: str) -> HttpResponse:
    plan = plan_to_change(request, code)
    initial = {
        "unit": plan.unit.code,
        "sector_group": SectorGroup.ALL,
        "in_force_on": plan.starts_on,
        "decision_no": plan.number,
        "decision_on": plan.issued_on if plan.number else None,
    }
    form = TargetForm(request.POST or None, plan=plan, initial=initial)
    return _set_target(request, plan, form, title=_("Add a target"))


def target_revise(request: Request, code: str, pk: int) -> HttpResponse:
    """In a draft the value is corrected; in force it is revised by decision."""
    plan = plan_to_change(request, code)
    target = _target(plan, pk)
    latest = target.revisions.order_by("-in_force_on", "-pk")[0]
    if plan.is_draft:
        form = CorrectionForm(
            request.POST or None,
            plan=plan,
            target=target,
            initial=_typed(latest) | _told(target),
        )
        title = _("Edit the target")
    else:
        form = RevisionForm(request.POST or None, plan=plan, target=target, initial=_told(target))
        title = _("Revise the target")
    row = _rows([target], latest.in_force_on)[0]
    return _set_target(request, plan, form, title=title, row=row)


@require_POST
def target_remove(request: Request, code: str, pk: int) -> HttpResponse:
    plan = plan_to_change(request, code)
    try:
        actions.remove_target(_target(plan, pk), by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The target is removed."))
    return redirect(plan)


# --- what the pages share ------------------------------------------------------------------------


def visible_plan(request: Request, code: str) -> Plan:
    plans = Plan.objects.visible_to(request.user).select_related("unit", "term")
    return get_object_or_404(plans, code=code)


def plan_to_change(request: Request, code: str) -> Plan:
    plan = visible_plan(request, code)
    request.user.require(Permission.PLAN, plan.unit)
    return plan


def _target(plan: Plan, pk: int) -> Target:
    return get_object_or_404(plan.targets.with_values().select_related("plan__unit"), pk=pk)


def _template(request: Request) -> ShippedPlan | None:
    if not (code := request.GET.get("template")):
        return None
    if (template := shipped_plan(code)) is None:
        raise Http404
    return template


def _plan_form(
    request: Request, form: Form, *, title: str, plan: Plan | None = None, **facts: Any
) -> HttpResponse:
    facts |= {"form": form, "title": title, "plan": plan}
    facts["back"] = plan.get_absolute_url() if plan else reverse("plan-list")
    return render(request, "targets/plan_form.html", facts)


def _set_target(request: Request, plan: Plan, form: ValueForm, **facts: Any) -> HttpResponse:
    if form.is_valid():
        try:
            done = actions.set_target(plan, form.line, by=request.user)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            said = _("Nothing changes.") if done.unchanged else _("The target is saved.")
            messages.success(request, said)
            return redirect(plan)
    return render(request, "targets/target_form.html", {"form": form, "plan": plan, **facts})


def _proposal(user: User, template: ShippedPlan | None) -> dict[str, Any]:
    """What the form of a new plan starts with."""
    year = clock.today().year
    held = [role.unit.code for role in user.roles if user.may(Permission.PLAN, role.unit)]
    return {
        "unit": next(iter(held), ""),
        "code": template.code if template and not actions.is_taken(template.code) else "",
        "title": template.title if template else "",
        "term": template.term if template else "",
        "starts_on": template.starts_on if template else date(year, 1, 1),
        "ends_on": template.ends_on if template else date(year, 12, 31),
    }


def _head(plan: Plan) -> dict[str, Any]:
    head = {name: getattr(plan, name) for name in actions.HEAD}
    return {**head, "term": plan.term.code if plan.term else ""}


def _next_span(plan: Plan) -> dict[str, Any]:
    years = plan.ends_on.year - plan.starts_on.year + 1
    year = str(plan.starts_on.year)
    next_year = str(plan.starts_on.year + years)
    code = plan.code.replace(year, next_year)
    return {
        "title": plan.title.replace(year, next_year),
        "code": "" if actions.is_taken(code) else code,
        "starts_on": years_later(plan.starts_on, years),
        "ends_on": years_later(plan.ends_on, years),
    }


def _copy_label(plan: Plan) -> str:
    """«Lập kế hoạch 2025 từ kế hoạch 2024»; of a term there is no such next year."""
    if not plan.is_of_one_year:
        return _("Copy for another span")
    years = {"year": plan.ends_on.year, "next": plan.ends_on.year + 1}
    return _("Make the plan of %(next)s from that of %(year)s") % years


def _tell_about_copy(request: Request, plan: Plan, copy: Plan) -> None:
    messages.success(request, _("The plan is saved as a draft."))
    if left_out := actions.to_copy(plan).count() - copy.targets.count():
        sentence = ngettext(
            "%(count)s target was left out: its due day lies outside the new plan.",
            "%(count)s targets were left out: their due days lie outside the new plan.",
            left_out,
        )
        messages.warning(request, sentence % {"count": whole_number(left_out)})


def _asking_units(user: User, plan: Plan) -> list[Unit]:
    """Where this person may ask the units below to register: the plan's owner, or their own."""
    if user.may(Permission.ALLOCATE, plan.unit):
        return [plan.unit]
    below = (role.unit for role in user.roles if role.unit.path.startswith(plan.unit.path))
    return [unit for unit in below if unit.is_superior and user.may(Permission.ALLOCATE, unit)]


def _rows(targets: Iterable[Target], on: date, user: User | None = None) -> list[TargetRow]:
    rows, targets, topics = [], list(targets), Topics()
    indicators = known_among({target.indicator for target in targets})
    codes = list(indicators)
    for target in targets:
        values = [_value(target, indicators, revision) for revision in target.revisions.all()]
        current = next((v for v in values if v.revision.in_force_on <= on), None)
        place = (
            codes.index(target.indicator) if target.indicator in codes else len(codes),
            target.sector_group.position,
            target.due_on or date.min,
            target.pk,
        )
        may_allocate = (
            user is not None
            and can_be_split(target, indicators.get(target.indicator))
            and user.may(Permission.ALLOCATE, target.unit)
        )
        label = _label(target, indicators)
        asked = told(topics.names(target.topics))
        rows.append(TargetRow(target, label, current, values, place, may_allocate, asked))
    return rows


def _in_order(rows: Iterable[TargetRow]) -> list[TargetRow]:
    """As dashboards show the lines of the plan."""
    return sorted(rows, key=lambda row: row.place)


def _label(target: Target, indicators: Catalogue) -> str:
    known = indicators.get(target.indicator)
    return str(known.label) if known else target.indicator


def _value(target: Target, indicators: Catalogue, revision: TargetRevision) -> Value:
    known = indicators.get(target.indicator)

    def text(number: Decimal) -> str:
        return promised(known, number) if known else whole_number(number)

    desired = UNKNOWN if revision.desired is None else text(revision.desired)
    return Value(text(revision.minimum), desired, revision)


def _typed(revision: TargetRevision) -> dict[str, Any]:
    """The value as it stands in the fields of a form."""
    return {
        "minimum": whole_number(revision.minimum),
        "desired": "" if revision.desired is None else whole_number(revision.desired),
        "decision_no": revision.decision_no,
        "decision_on": revision.decision_on,
        "in_force_on": revision.in_force_on,
    }


def _told(target: Target) -> dict[str, Any]:
    return {name: getattr(target, name) for name in actions.TOLD}


def _history(user: User, plan: Plan) -> list[Line]:
    """Of the plan and the owner's targets; those of hundreds of units below would bury it, and
    stand on the pages of the units."""
    entries = HistoryEntry.objects.visible_to(user).filter(actions.history_of_owner(plan))
    return lines(entries.select_related("by").newest_first()[:HISTORY_SHOWN], LABELS)
