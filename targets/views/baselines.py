"""«Kết quả trước khi dùng phần mềm»: what a plan had reached before its first report here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from members.access import Permission
from members.actions import Refused
from members.http import Request
from members.models import Quarter, SectorGroup
from members.views.importing import Import, import_page
from targets.baselines import Done, first_quarter, remove_baseline, set_baselines, starts_late
from targets.forms.plans import BaselineForm
from targets.imports import BASELINE_COLUMNS, BaselinesBroughtIn, bring_in_baselines
from targets.indicators import Catalogue, catalogue, known_among
from targets.models import Baseline, Plan
from targets.views.plans import plan_to_change, visible_plan
from unionplan.lib.downloads import XLSX, attached
from unionplan.lib.spreadsheets import Table, Value, workbook_of

ROWS_A_PAGE = 50
PREVIEWED = 100


@dataclass(frozen=True)
class Shown:
    """A stored result, and whether it counts."""

    row: Baseline
    indicator: str
    remark: str


def baseline_list(request: Request, code: str) -> HttpResponse:
    """Read by whoever reads the plan; whoever plans adds one, or changes one by typing it again."""
    plan = visible_plan(request, code)
    may_change = request.user.may(Permission.PLAN, plan.unit) and not plan.has_ended
    form = None
    if request.method == "POST":
        request.user.require(Permission.PLAN, plan.unit)
        form = BaselineForm(request.POST, plan=plan)
        if form.is_valid() and _save(request, plan, form):
            return redirect("baseline-list", plan.code)
    first = first_quarter(plan)
    if may_change and form is None:
        form = BaselineForm(plan=plan, initial=_initial(request, plan, first))
    rows = Baseline.objects.shown_to(request.user, plan).by_unit()
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "plan": plan,
        "page": page,
        "rows": _shown(page, plan, first),
        "form": form,
        "may_change": may_change,
        "first": first,
        "is_needed": first is None or starts_late(plan, first),
    }
    return render(request, "targets/baseline_list.html", context)


def baseline_import(request: Request, code: str) -> HttpResponse:
    plan = plan_to_change(request, code)
    back = reverse("baseline-list", args=[plan.code])
    file = Import(
        purpose=f"baselines-{plan.pk}",
        template="targets/baseline_import.html",
        bring_in=partial(bring_in_baselines, plan=plan),
        preview=_preview,
        done=back,
        facts={"plan": plan, "back": back},
    )
    return import_page(request, file)


@require_safe
def baseline_template(request: Request, code: str) -> HttpResponse:
    """What is stored, and a row of the owner for every other line of the plan that adds up."""
    plan = plan_to_change(request, code)
    header = [str(column.label) for column in BASELINE_COLUMNS]
    sheet = Table(
        pgettext("sheet", "Results from before"), header, _template_rows(plan), typed=[0, 3, 5]
    )
    return attached(workbook_of([sheet]), XLSX, f"ket-qua-truoc-{plan.code}.xlsx")


@require_POST
def baseline_remove(request: Request, code: str, pk: int) -> HttpResponse:
    plan = plan_to_change(request, code)
    row = get_object_or_404(plan.baselines.select_related("plan", "unit", "sector_group"), pk=pk)
    try:
        remove_baseline(row, by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The result is removed."))
    return redirect("baseline-list", plan.code)


def _save(request: Request, plan: Plan, form: BaselineForm) -> bool:
    try:
        done = set_baselines(plan, [form.result], by=request.user)
    except Refused as refused:
        form.add_error(None, str(refused))
        return False
    messages.success(
        request, _("Nothing changes.") if done.unchanged else _("The result is saved.")
    )
    return True


def _initial(request: Request, plan: Plan, first: Quarter | None) -> dict[str, Any]:
    """The result to be changed (``?change=``), else the owner's up to the first report."""
    asked = request.GET.get("change", "")
    row = (
        plan.baselines.select_related("unit").filter(pk=asked).first()
        if asked.isdecimal() and len(asked) < 19
        else None
    )
    if row is not None:
        names = ("indicator", "sector_group", "up_to", "value", "document_no")
        return {"unit": row.unit.code, **{name: getattr(row, name) for name in names}}
    return {
        "unit": plan.unit.code,
        "sector_group": SectorGroup.ALL,
        "up_to": first.starts_on - timedelta(days=1)
        if first and starts_late(plan, first)
        else None,
    }


def _shown(rows: Iterable[Baseline], plan: Plan, first: Quarter | None) -> list[Shown]:
    lines = set(plan.targets.order_by().values_list("indicator", "sector_group").distinct())
    found, rows = [], list(rows)
    indicators = known_among({row.indicator for row in rows})
    for row in rows:
        remark = ""
        if (row.indicator, row.sector_group_id) not in lines:
            remark = _("The plan has no such target.")
        elif first is not None and row.up_to >= first.starts_on:
            remark = _("Not counted: %(quarter)s has reports here.") % {"quarter": first}
        known = indicators.get(row.indicator)
        found.append(Shown(row, str(known.label) if known else row.indicator, remark))
    return found


def _preview(brought_in: BaselinesBroughtIn) -> dict[str, Any]:
    done: Done = brought_in.done
    rows = [*done.created, *done.changed]
    indicators = known_among({row.indicator for row in rows})
    return {
        "count": len(rows),
        "rows": [Shown(row, str(indicators[row.indicator].label), "") for row in rows[:PREVIEWED]],
        "unchanged": len(done.unchanged),
    }


def _template_rows(plan: Plan) -> list[list[Value]]:
    first, groups = first_quarter(plan), SectorGroup.objects.in_bulk()
    up_to = first.starts_on - timedelta(days=1) if first and starts_late(plan, first) else None
    stored, indicators = list(plan.baselines.by_unit()), catalogue(plan.unit)
    written: list[list[Value]] = [
        [
            row.unit.code,
            str(indicators[row.indicator].label),
            str(row.sector_group),
            row.up_to,
            row.value,
            row.document_no,
        ]
        for row in stored
    ]
    of_owner = {(r.indicator, r.sector_group_id) for r in stored if r.unit_id == plan.unit_id}
    for indicator, group in _flow_lines(plan, indicators):
        if (indicator, group) not in of_owner:
            label, name = str(indicators[indicator].label), str(groups[group])
            written.append([plan.unit.code, label, name, up_to, None, None])
    return written


def _flow_lines(plan: Plan, indicators: Catalogue) -> list[tuple[str, str]]:
    """Lines of the plan that add up, in the order of the indicators."""
    lines = set(plan.targets.order_by().values_list("indicator", "sector_group").distinct())
    flows = [code for code, known in indicators.items() if known.is_flow]
    found = [(code, group) for code in flows for held, group in sorted(lines) if held == code]
    return found or [(code, SectorGroup.ALL) for code in flows]
