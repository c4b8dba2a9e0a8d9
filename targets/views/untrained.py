"""«Ai chưa được đào tạo, bồi dưỡng»: names behind a figure, and one step onto a planned course."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods

from members.actions import Refused
from members.http import Request
from members.models import Unit
from targets.dashboards import children_of
from targets.forms.asking import Asking
from targets.forms.untrained import ToCourseForm, UntrainedFilter
from targets.results import Question
from targets.untrained import Shown, Untrained, may_send_from, untrained_of
from targets.views.progress import (
    address_of,
    address_with,
    nothing_to_show,
    switches,
    visible_unit,
)
from targets.wording import PlanLine, plan_lines
from training.courses import send
from training.forms.courses import ids_of
from training.models import Course
from training.sending import candidates, to_send
from unionplan.lib import clock
from unionplan.lib.downloads import XLSX, attached
from unionplan.lib.numbers import whole_number
from unionplan.lib.spreadsheets import Table, workbook_of

PEOPLE = 100  # of a page
UNITS = 100  # shown; a file has all of them


@require_http_methods(["GET", "HEAD", "POST"])
def untrained_list(request: Request, code: str) -> HttpResponse:
    unit = visible_unit(request, code)
    may_send = may_send_from(request.user, unit)
    if request.method == "POST" and not may_send:
        raise PermissionDenied
    asking = Asking(request.GET, unit=unit, user=request.user, today=clock.today())
    question = asking.question()
    if question is None:
        return nothing_to_show(request, asking, unit)
    asked = {name: request.GET.get(name, "") for name in ("indicator", "group", "due_on")}
    found = untrained_of(question, unit, **asked)
    context = {
        "unit": unit,
        "plan": question.plan,
        "quarter": question.quarter,
        "query": address_of(question),
        "may_send": may_send,
        **switches(request, question, unit, asking),
    }
    if found is None:
        return render(request, "targets/untrained_list.html", context)
    return _list(request, question, unit, found, context)


def _list(
    request: Request, question: Question, unit: Unit, found: Untrained, context: dict[str, Any]
) -> HttpResponse:
    shown = Shown(found, user=request.user)
    children = children_of(unit, question)
    form = UntrainedFilter(request.GET, children=children, topics=found.topics, names=shown.topics)
    if form.is_narrowing:
        shown = Shown(form.apply(found), user=request.user)
    if request.GET.get("export") == "xlsx":
        return _file(shown, unit)
    may_send = context["may_send"]
    topics = [form.asked_topic] if form.asked_topic else list(found.topics)
    to_course = ToCourseForm(
        request.POST or None, user=request.user, topics=topics, on=clock.today()
    )
    ticked: list[int] = []
    if request.method == "POST":
        ticked = ids_of(request.POST.getlist("officers"))
        if (answer := _send(request, to_course, ticked)) is not None:
            return answer
    page = Paginator(range(shown.number), PEOPLE).get_page(request.GET.get("page"))
    rows = plan_lines(found.choices)
    chosen = next(row for row in rows if row.line is found.line)
    context |= {
        "chosen": chosen,
        "line_options": _line_options(question, rows, chosen),
        "form": form,
        "page": page,
        "rows": shown.rows(*_places(page)),
        "ticked": ticked,
        "hidden": shown.hidden,
        "untold": shown.found.untold,
        "units": shown.units(UNITS),
        "units_left": max(0, len(shown.found.not_listed) - UNITS),
        "to_course": to_course if may_send else None,
        "has_courses": may_send and to_course.courses.exists(),
        "unfiltered_url": f"?{context['query']}&{chosen.source_query}",
        "export_url": address_with(request, export="xlsx"),
    }
    return render(request, "targets/untrained_list.html", context)


def _line_options(
    question: Question, rows: list[PlanLine], chosen: PlanLine
) -> list[dict[str, Any]]:
    return [
        {
            "url": f"?{address_of(question)}&{row.source_query}",
            "label": row.label,
            "is_current": row is chosen,
        }
        for row in rows
    ]


def _places(page: Page[int]) -> tuple[int, int]:
    return (page.object_list[0], page.object_list[-1] + 1) if page.object_list else (0, 0)


# --- one step onto a course ----------------------------------------------------------------------


def _send(request: Request, form: ToCourseForm, ticked: list[int]) -> HttpResponse | None:
    """Sent at once; where somebody has learnt the topic already, or no longer serves on the first
    day, the page of the course asks once more, with the same people ticked."""
    if not ticked:
        messages.warning(request, _("Nobody is ticked."))
        return None
    if not form.is_valid():
        return None
    course: Course = form.cleaned_data["course"]
    known = to_send(request.user, course, on=course.starts_on).filter(officer__in=ticked)
    chosen = candidates(course, known, by=request.user)
    new = [one for one in chosen if not one.is_sent]
    if len(chosen) < len(ticked) or not new or any(one.before for one in new):
        address = reverse("course-send", args=[course.pk])
        return redirect(f"{address}?officers={','.join(map(str, ticked))}")
    try:
        sent = send(course, [one.officer for one in new], by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
        return None
    words = ngettext(
        "%(count)s officer is sent to “%(course)s”.",
        "%(count)s officers are sent to “%(course)s”.",
        len(sent),
    )
    messages.success(request, words % {"count": whole_number(len(sent)), "course": course.title})
    return redirect(request.get_full_path())


# --- as a file -----------------------------------------------------------------------------------


def _file(shown: Shown, unit: Unit) -> HttpResponse:
    people = Table(
        pgettext("sheet", "People"),
        [
            pgettext("column", "Unit code"),
            _("Unit"),
            pgettext("column", "Full name"),
            pgettext("officer", "Position"),
            _("Elected on"),
            _("First elected on"),
            _("Topics missing"),
            _("Sent to already"),
        ],
        [
            [
                row.tenure.unit.code,
                str(row.tenure.unit),
                row.tenure.officer.name,
                str(row.tenure.position),
                row.tenure.elected_on,
                row.tenure.first_elected_on,
                ", ".join(row.missing),
                ", ".join(row.sent_to),
            ]
            for row in shown.rows()
        ],
    )
    sheets = [people]
    if shown.found.not_listed:
        sheets.append(
            Table(
                pgettext("sheet", "Not listed by name"),
                [
                    pgettext("column", "Unit code"),
                    _("Unit"),
                    _("Officers not listed by name"),
                    _("Of whom trained"),
                    _("Not trained yet"),
                ],
                [
                    [
                        row.unit.code,
                        str(row.unit),
                        row.stated.stated.others,
                        row.stated.stated.trained,
                        row.stated.untrained,
                    ]
                    for row in shown.units()
                ],
            )
        )
    return attached(workbook_of(sheets), XLSX, f"chua-dao-tao-{unit.code}.xlsx")
