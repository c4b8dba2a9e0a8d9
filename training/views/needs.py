"""Training needs: what one unit states of a year, and the sums of a branch beside its plan."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from members.access import Permission
from members.actions import Refused
from members.history import Line, lines
from members.http import Request
from members.models import HistoryEntry, HistoryKind, Sector, Unit, User
from training import needs
from training.forms.needs import MISSING, NeedFilter, NeedForm, read_blocks
from training.models import Audience, Topic, TrainingNeed
from training.need_table import NeedTable, UnitRow, plan_file, sector_file, sector_rows, unit_rows
from training.needs import YEARS, years_to_state
from unionplan.lib import clock
from unionplan.lib.downloads import TABLE_FORMATS, table_file
from unionplan.lib.tables import sort_and_page

HISTORY_SHOWN = 20


# --- one unit ------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def need_unit(request: Request, year: int, code: str) -> HttpResponse:
    """What a unit needs of a year: stated by its chair, or for it by whoever is above."""
    if year not in years_to_state(clock.today()):
        raise Http404
    user = request.user
    unit = get_object_or_404(Unit.objects.open_to(user, Permission.VIEW), code=code)
    may_state = user.may(Permission.OFFICERS, unit)
    if request.method == "POST" and not may_state:
        raise PermissionDenied
    topics, audiences = list(Topic.objects.order_by("rank", "pk")), _audiences()
    known, before = needs.needs_of(unit, year), needs.needs_of(unit, year - 1)
    form = NeedForm(
        request.POST or None,
        topics=topics,
        audiences=audiences,
        known=known,
        before=before,
        year=year,
    )
    refusal = needs.refusal_of(unit, year)
    if form.is_valid():
        try:
            stated = needs.state_needs(unit, year, form.people, by=user)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _saved(stated, year))
            return redirect("need-unit", year, unit.code)
    facts = {
        "unit": unit,
        "year": str(year),
        "years": _years_of_unit(unit, year),
        "form": form if may_state and not refusal else None,
        "refusal": refusal,
        "stated": needs.stated(known),
        "blocks": read_blocks(topics, audiences, known, before),
        "year_before": str(year - 1),
        "has_list": user.has_branch,
        "lines": _history(user, unit, year),
    }
    return render(request, "training/need_unit.html", facts)


def _saved(stated: needs.Stated, year: int) -> str:
    facts = {"year": year, "what": stated.words}
    if not stated.is_stated:
        return _("The needs of %(year)s are taken back.") % facts
    if not stated.people:
        return _("Noted: the unit needs nothing in %(year)s.") % facts
    return _("Needs of %(year)s saved: %(what)s.") % facts


def _audiences() -> list[Audience]:
    return list(Audience.objects.order_by("rank", "pk"))


def _years_of_unit(unit: Unit, chosen: int) -> list[dict[str, Any]]:
    return [
        {
            "url": reverse("need-unit", args=[year, unit.code]),
            "label": str(year),
            "is_current": year == chosen,
        }
        for year in years_to_state(clock.today())
    ]


def _history(user: User, unit: Unit, year: int) -> list[Line]:
    entries = HistoryEntry.objects.visible_to(user).filter(unit=unit, kind=HistoryKind.NEED)
    of_year = entries.filter(subject__endswith=f" · {year}")
    return lines(of_year.newest_first()[:HISTORY_SHOWN])


# --- a branch ------------------------------------------------------------------------------------


@require_safe
def need_list(request: Request, year: int) -> HttpResponse:
    """Topic by audience: what is needed, what is planned, what is left; then by unit and sector."""
    if year not in YEARS:
        raise Http404
    user, today = request.user, clock.today()
    top = Unit.objects.open_to(user, Permission.VIEW).superiors().order_by("path").first()
    if top is None:
        raise PermissionDenied
    form = NeedFilter(request.GET, user=user, top=top)
    if not form.is_valid():
        raise Http404
    branch, sector = form.chosen, form.sector_chosen
    found = needs.branch_needs(branch, year, today=today, sector=sector)
    plan = needs.plan_of(branch, year) if sector is None else None
    topics = list(Topic.objects.order_by("rank", "pk"))
    table_lines = needs.against_plan(found.cells, plan.places if plan else {}, topics, _audiences())
    whole = needs.total(table_lines)
    rows = _unit_rows(found, topics, year, is_of_sector=sector is not None)
    if form.is_of_missing:
        rows = [row for row in rows if row.has_missing]
    by_sector = sector_rows(found, Sector.objects.order_by("position", "code"), topics)
    table = NeedTable(rows, topics)
    sort_and_page(table, request)
    if (format_ := request.GET.get("format", "")) in TABLE_FORMATS:
        which = request.GET.get("table")
        if which == "units":
            header, *values = table.as_values()
        elif which == "sectors":
            header, values = sector_file(by_sector, topics)
        else:
            header, values = plan_file(table_lines, whole, has_plan=plan is not None)
        return table_file(header, values, format_, name=f"nhu-cau-dao-tao-{year}")
    facts = {
        "year": str(year),
        "years": _years(user, year, today.year, branch if branch != top else None, sector),
        "branch": branch,
        "form": form,
        "share": found.whole,
        "plan": plan,
        "table_lines": table_lines,
        "whole": whole,
        "table": table,
        "is_of_missing": form.is_of_missing,
        "missing": MISSING,
        "sectors": by_sector,
        "topics": topics,
    }
    return render(request, "training/need_list.html", facts)


def _unit_rows(
    found: needs.BranchNeeds, topics: list[Topic], year: int, *, is_of_sector: bool
) -> list[UnitRow]:
    branch, today = found.branch, clock.today()
    children = list(branch.children.active(needs.counted_on(year, today)).by_name())
    is_open = year in years_to_state(today)
    urls = {}
    for unit in (branch, *children):
        if unit.is_superior and unit != branch:
            asked = urlencode({"branch": unit.code})
            urls[unit.pk] = f"{reverse('need-list', args=[year])}?{asked}"
        elif is_open:
            urls[unit.pk] = reverse("need-unit", args=[year, unit.code])
    rows = unit_rows(found, children, topics, urls)
    return [row for row in rows if not (is_of_sector and row.is_itself)]


def _years(
    user: User, chosen: int, this_year: int, branch: Unit | None, sector: Sector | None
) -> list[dict[str, Any]]:
    """The coming year and those of which anything is stated; the latest first."""
    stated = TrainingNeed.objects.visible_to(user).order_by()
    known = stated.values_list("year", flat=True).distinct()
    asked = {"branch": branch.code} if branch else {}
    asked |= {"sector": sector.pk} if sector else {}
    query = f"?{urlencode(asked)}" if asked else ""
    return [
        {
            "url": reverse("need-list", args=[year]) + query,
            "label": str(year),
            "is_current": year == chosen,
        }
        for year in sorted({*known, this_year + 1, this_year, chosen}, reverse=True)
    ]
