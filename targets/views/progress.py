"""Dashboards: how far a unit is against its plan, and where each number comes from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_tables2 import RequestConfig

from members.access import Permission
from members.http import Request
from members.models import Basis, Quarter, QuarterlyReport, Structure, Unit
from targets import charts, downloads
from targets.dashboards import Dashboard, Source, children_of, dashboard, source_of, told_lines
from targets.duties import waiting_words
from targets.forms.asking import Asking, BranchFilter
from targets.indicators import ReadFrom
from targets.models import Plan
from targets.reading import lines
from targets.results import Question
from targets.standings import places_of
from targets.tables import BranchTable, total_words
from targets.training_table import TrainingTable
from targets.wording import bridge, plan_lines
from unionplan.lib import clock
from unionplan.lib.downloads import TABLE_FORMATS
from unionplan.lib.tables import sort_and_page

PLANS_BELOW = 100
PLANS_BESIDE = 3  # on one page; the others are asked for by the switch above


def progress(request: Request, code: str) -> HttpResponse:
    unit = visible_unit(request, code)
    asking = Asking(request.GET, unit=unit, user=request.user, today=clock.today())
    question = asking.question()
    if question is None:
        return nothing_to_show(request, asking, unit)
    if asking.cleaned_data["format"]:
        return _download(question, unit, asking)
    board = dashboard(question, unit)
    if unit.is_reporting:
        context = _context(request, board, asking) | _beside(board, asking)
        context["places"] = places_of(unit, board.plan, seen_by=request.user)
        return render(request, "targets/progress_unit.html", context)
    return _branch_page(request, board, asking)


def _branch_page(request: Request, board: Dashboard, asking: Asking) -> HttpResponse:
    narrowing = BranchFilter(request.GET)
    rows = narrowing.apply(board.rows)
    query = address_of(board.question)
    kind = TrainingTable if board.is_about_training else BranchTable
    table = kind(board, rows, query=query, is_filtered=narrowing.is_narrowing)
    if request.GET.get("export") in TABLE_FORMATS:
        RequestConfig(request, paginate=False).configure(table)
        return downloads.of_table(table, request.GET["export"], name=board.unit.code)
    sort_and_page(table, request)
    context = _context(request, board, asking) | _beside(board, asking)
    context |= {
        "table": table,
        "filter": narrowing,
        "trend": charts.trend(board.headline) if board.headline else None,
        "sectors": charts.sectors(board.sector_lines) if board.sector_lines else None,
        "export_url": address_with(request, export="xlsx"),
        "export_csv_url": address_with(request, export="csv"),
        "unfiltered_url": f"?{query}",
        "waiting": _waiting(request, board.unit),
        "has_untrained": any(line.indicator.has_topics for line in board.lines),
    }
    return render(request, "targets/progress_branch.html", context)


def source(request: Request, code: str) -> HttpResponse:
    """«Nguồn và cách tính»: what the figures of a unit are made of, down to the reports."""
    unit = visible_unit(request, code)
    asking = Asking(request.GET, unit=unit, user=request.user, today=clock.today())
    question = asking.question()
    if question is None:
        return nothing_to_show(request, asking, unit)
    asked = {name: request.GET.get(name, "") for name in ("indicator", "group", "due_on")}
    found = source_of(question, unit, **asked)
    rows = plan_lines(found.board.lines)
    chosen = next((row for row in rows if row.line is found.chosen), None)
    context = _context(request, found.board, asking) | {
        "chosen": chosen,
        "chosen_query": chosen.source_query if chosen else "",
        "line_options": [
            {
                "url": f"?{address_of(question)}&{row.source_query}",
                "label": row.label,
                "is_current": chosen is not None and row.line.key == chosen.line.key,
            }
            for row in rows
        ],
        "bridge": bridge(chosen.line) if chosen else [],
        "read_from": _read_from(request, found),
        "below": plan_lines(found.below),
        "total": total_words(len(found.below)),
        "reports": _reports(request, question, unit, found),
    }
    return render(request, "targets/source.html", context)


def _waiting(request: Request, unit: Unit) -> str:
    """Figures typed by hand that wait for whoever decides on them at this unit."""
    if not request.user.may(Permission.CHECK, unit):
        return ""
    return waiting_words(request.user, clock.today())


def _beside(board: Dashboard, asking: Asking) -> dict[str, Any]:
    """The plans of the year, the term and of training stand on one page, each with its lines, and
    are never added (DOMAIN 8, Thái Nguyên 3.1)."""
    beside = (
        _plan_beside(board.unit, replace(board.question, plan=plan))
        for plan in plans_beside(asking.plans, board)
    )
    return {"plans_beside": [found for found in beside if found["lines"]]}


def plans_beside(plans: Iterable[Plan], board: Dashboard) -> list[Plan]:
    """The others in force at the same time; the unit's own come before those from above."""
    day = board.quarter.cut_off_on
    others = [
        plan
        for plan in plans
        if plan.is_in_force and plan.starts_on <= day <= plan.ends_on and plan != board.plan
    ]
    return sorted(others, key=lambda plan: -len(plan.unit.path))[:PLANS_BESIDE]


def _plan_beside(unit: Unit, question: Question) -> dict[str, Any]:
    found = lines(question, [unit])
    if unit.is_reporting:
        found = [line for line in found if line.target is not None]
    return {"plan": question.plan, "lines": plan_lines(found), "query": address_of(question)}


def nothing_to_show(request: Request, asking: Asking, unit: Unit) -> HttpResponse:
    below = Plan.objects.visible_to(request.user).in_force()
    context = {
        "unit": unit,
        "has_plan": asking.chosen_plan() is not None,
        "below": below.filter(unit__path__subtree=unit.path)
        .select_related("unit")
        .order_by("unit__sort_key", "pk")[:PLANS_BELOW],
    }
    return render(request, "targets/progress_empty.html", context)


def visible_unit(request: Request, code: str) -> Unit:
    visible = Unit.objects.open_to(request.user, Permission.VIEW)
    return get_object_or_404(visible.select_related("parent", "sector"), code=code)


READ_FROM = {
    ReadFrom.UNITS: ("unit-list", gettext_lazy("The list of units")),
    ReadFrom.ENTERPRISES: ("enterprise-list", gettext_lazy("The register of enterprises")),
    ReadFrom.RATINGS: ("rating-list", gettext_lazy("The list of ratings")),
    ReadFrom.TRAINING: ("officer-list", gettext_lazy("The list of officers")),
    ReadFrom.MANUAL: ("figure-list", gettext_lazy("The figures typed by hand")),
}
COURSES = ("course-list", gettext_lazy("The calendar of courses"))


def _read_from(request: Request, found: Source) -> dict[str, Any] | None:
    """Where what no report states is listed, for those who see a branch; a unit by itself has a
    page of its officers."""
    if found.chosen is None:
        return None
    indicator, pieces = found.chosen.indicator, found.chosen.figures.pieces
    if not request.user.has_branch:
        if indicator.read_from != ReadFrom.TRAINING:
            return None
        address = reverse("training-unit", args=[found.board.unit.code])
        return {"url": address, "label": _("The officers of the unit")}
    known = READ_FROM.get(indicator.read_from)
    if indicator.read_from == ReadFrom.TRAINING and indicator.is_flow:
        known = COURSES
    if known is None:
        return None
    name, label = known
    args = [pieces.get("year")] if name == "rating-list" else []
    return {"url": reverse(name, args=args), "label": label}


def _reports(
    request: Request, question: Question, unit: Unit, found: Source
) -> list[QuarterlyReport]:
    """The unit's reports of the plan's span, where these are what the figures come from."""
    chosen = found.chosen
    if not unit.is_reporting or (chosen and not chosen.indicator.is_read_from_reports):
        return []
    reports = QuarterlyReport.objects.visible_to(request.user).filter(unit=unit)
    until = question.quarter.cut_off_on
    return list(
        reports.filter(quarter__cut_off_on__range=(question.plan.starts_on, until))
        .select_related("quarter", "unit", "checked_by")
        .by_time()
    )


def _download(question: Question, unit: Unit, asking: Asking) -> HttpResponse:
    units = [unit]
    if asking.cleaned_data["children"]:
        units += children_of(unit, question)
    format_ = asking.cleaned_data["format"]
    return downloads.of_lines(lines(question, units), format_, name=f"{unit.code}-progress")


def _context(request: Request, board: Dashboard, asking: Asking) -> dict[str, Any]:
    question = board.question
    return {
        "board": board,
        "unit": board.unit,
        "plan": board.plan,
        "plan_lines": plan_lines(told_lines(board.lines, board.unit)),
        "query": address_of(question),
        **switches(request, question, board.unit, asking),
    }


def switches(request: Request, question: Question, unit: Unit, asking: Asking) -> dict[str, Any]:
    """Around every page that answers a question: the way up, and what else may be asked."""
    return {
        "path": _path(request, unit),
        "quarters": _quarter_options(request, question),
        "bases": _options(request, "basis", Basis.choices, question.basis),
        "structures": _options(request, "structure", Structure.choices, question.structure),
        "standings_of_plan": _values_as_of(request, question),
        "plans": [
            {
                "url": address_with(request, plan=plan.code, quarter=None),
                "label": plan.title,
                "is_current": plan == question.plan,
            }
            for plan in asking.plans
        ],
    }


def _path(request: Request, unit: Unit) -> list[Unit]:
    """The superiors within sight, to go back up."""
    visible = Unit.objects.open_to(request.user, Permission.VIEW)
    return list(visible.ancestors_of(unit).order_by("path"))


def _quarter_options(request: Request, question: Question) -> list[dict[str, Any]]:
    """Of a plan of several years every one with its year."""
    plan = question.plan
    quarters = Quarter.objects.of_span(plan.starts_on, plan.ends_on).by_time()
    return [
        {
            "url": address_with(request, quarter=quarter.code),
            "label": quarter.short_name
            if plan.is_of_one_year and quarter != question.quarter
            else str(quarter),
            "is_current": quarter == question.quarter,
        }
        for quarter in quarters
    ]


def _values_as_of(request: Request, question: Question) -> list[dict[str, Any]]:
    """«Theo mức giao hiện nay | tại thời điểm»: only where a target has changed."""
    then, asked = question.quarter.cut_off_on, question.plan_as_of
    if then >= clock.today() or not question.plan.has_revised_targets():
        return []
    return [
        {
            "url": address_with(request, plan_as_of=None),
            "label": _("Targets as they are now"),
            "is_current": asked != then,
        },
        {
            "url": address_with(request, plan_as_of=then.isoformat()),
            "label": _("Targets as they were then"),
            "is_current": asked == then,
        },
    ]


def _options(request: Request, name: str, choices: Any, current: str) -> list[dict[str, Any]]:
    return [
        {
            "url": address_with(request, **{name: value}),
            "label": label,
            "is_current": value == current,
        }
        for value, label in choices
    ]


def address_with(request: Request, **changes: str | None) -> str:
    """This page's address with some of its question changed; a new question starts at page 1."""
    kept = {name: value for name, value in request.GET.items() if name != "page"}
    asked = {name: value for name, value in (kept | changes).items() if value}
    return "?" + urlencode(asked)


def address_of(question: Question) -> str:
    """The question as it is carried from page to page."""
    asked: dict[str, str] = {"plan": question.plan.code, "quarter": question.quarter.code}
    if question.basis != Basis.ACCEPTED:
        asked["basis"] = question.basis
    if question.structure != Structure.REPORTED:
        asked["structure"] = question.structure
    if question.plan_as_of != clock.today():
        asked["plan_as_of"] = question.plan_as_of.isoformat()
    return urlencode(asked)
