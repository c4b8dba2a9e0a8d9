"""«Đơn vị cần tập trung»: whom to visit first, and what to say of some units on the telephone."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from members.http import Request
from targets.briefing import briefing
from targets.focus import Focus, focus_on
from targets.focus_table import FocusTable, gap_words, sheet_of
from targets.forms.asking import Asking
from targets.forms.focus import FocusFilter
from targets.views.progress import (
    address_of,
    address_with,
    nothing_to_show,
    switches,
    visible_unit,
)
from unionplan.lib import clock
from unionplan.lib.downloads import TABLE_FORMATS, table_file

ROWS = 50  # of a page


@require_safe
def focus_list(request: Request, code: str) -> HttpResponse:
    unit = visible_unit(request, code)
    if unit.is_reporting:  # it has nothing below it
        raise Http404
    asking = Asking(request.GET, unit=unit, user=request.user, today=clock.today())
    question = asking.question()
    if question is None:
        return nothing_to_show(request, asking, unit)
    context = {
        "unit": unit,
        "plan": question.plan,
        "quarter": question.quarter,
        "query": address_of(question),
        **switches(request, question, unit, asking),
    }
    focus = focus_on(question, unit)
    if focus is None:
        return render(request, "targets/focus_list.html", context)
    return _list(request, focus, context)


def _list(request: Request, focus: Focus, context: dict[str, Any]) -> HttpResponse:
    form = FocusFilter(request.GET, focus=focus, on=clock.today())
    reports, standing = focus.reports, focus.standing
    if form.is_narrowing:
        reports = form.apply(focus.reports)
        standing = focus.standing_of(reports)

    def rows(first: int, last: int) -> Any:
        return focus.rows(reports, first=first, last=last, on=clock.today())

    if (export := request.GET.get("export", "")) in TABLE_FORMATS:
        header, lines = sheet_of(rows(0, standing.below))
        return table_file(header, lines, export, name=f"can-tap-trung-{focus.unit.code}")
    page = Paginator(range(standing.below), ROWS).get_page(request.GET.get("page"))
    context |= {
        "focus": focus,
        "quarter": focus.quarter,
        "form": form,
        "standing": standing,
        "page": page,
        "table": FocusTable(rows(*_places(page)), query=context["query"]),
        "gaps": [gap_words(gap) for gap in focus.gaps],
        "unfiltered_url": f"?{context['query']}",
        "export_url": address_with(request, export="xlsx"),
        "export_csv_url": address_with(request, export="csv"),
    }
    if page.number == 1:
        context["briefing"] = briefing(focus, reports, standing, subject=form.words)
    return render(request, "targets/focus_list.html", context)


def _places(page: Page[int]) -> tuple[int, int]:
    return (page.object_list[0], page.object_list[-1] + 1) if page.object_list else (0, 0)
