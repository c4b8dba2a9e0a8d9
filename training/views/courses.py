"""Lớp đào tạo, bồi dưỡng: the calendar, one course with its list, sending officers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_safe

from members.access import Permission
from members.actions import Refused
from members.history import Line, lines
from members.http import Request
from members.models import Calendar, HistoryEntry, HistoryKind, Unit, User
from members.views.importing import Import, import_page
from training import courses
from training.calendar import Entry, YearOfCourses, entries, year_of, years_of
from training.course_table import CourseTable, people_of
from training.courses import calendar_of
from training.forms.courses import (
    CancelForm,
    CompletionForm,
    CourseFilter,
    CourseForm,
    HoldForm,
    OfficerSearch,
    ids_of,
)
from training.imports.attendance import (
    ATTENDANCE_COLUMNS,
    AttendanceBroughtIn,
    bring_in_attendance,
)
from training.models import Attendance, Course, Officer, Topic
from training.sending import (
    Candidate,
    candidates,
    is_organiser,
    may_send,
    may_take_back,
    to_send,
)
from unionplan.lib import clock
from unionplan.lib.downloads import TABLE_FORMATS, XLSX, attached, table_file
from unionplan.lib.numbers import whole_number
from unionplan.lib.spreadsheets import Table, workbook_of
from unionplan.lib.tables import ROWS

PAGE = require_http_methods(["GET", "HEAD", "POST"])
SHOWN = 200  # rows of a page
HISTORY_SHOWN = 20
FEW = 10  # people one finds without a search
# In the order in which an office writes a list.
TEMPLATE = ("course", "topic", "starts_on", "unit", "name", "officer", "completed")


# --- the calendar --------------------------------------------------------------------------------


@require_safe
def course_list(request: Request) -> HttpResponse:
    """The courses of a year by quarter, and above them the plan against what was held."""
    user, today = request.user, clock.today()
    seen = Course.objects.visible_to(user)
    form = CourseFilter(request.GET, user=user, seen=seen)
    calendar = Calendar.current()
    this_year = year_of(today, calendar)
    year = form.chosen_year or this_year
    known = YearOfCourses(form.apply(), user, year, today)
    if (format_ := request.GET.get("format")) in TABLE_FORMATS:
        whole = CourseTable(known.shown, caption="", quarter_of=known.quarter_of)
        header, *rows = whole.as_values()
        return table_file(header, rows, format_, name=f"lop-dao-tao-{year}")
    page = Paginator(known.shown, SHOWN).get_page(request.GET.get("page"))
    facts = {
        "form": form,
        "year": str(year),
        "years": _years(request, years_of(seen, calendar, this_year, year), year),
        "tallies": known.tallies,
        "has": {
            "cancelled": any(tally.cancelled for tally in known.tallies),
            "contests": any(tally.has_contests for tally in known.tallies),
            "others": any(entry.other_turns for entry in page.object_list),
        },
        "page": page,
        "quarters": [
            (quarter, CourseTable(found, caption=str(quarter), quarter_of=known.quarter_of))
            for quarter, found in known.by_quarter(list(page.object_list))
        ],
        "is_filtered": any(request.GET.get(name) for name in ("q", "topic", "unit")),
        "is_chair": not user.has_branch,
        "may_plan": user.may_somewhere(Permission.TRAINING),
    }
    return render(request, "training/course_list.html", facts)


def _years(request: Request, years: list[int], chosen: int) -> list[dict[str, Any]]:
    """The filter stays when the year changes."""
    asked = request.GET.copy()
    asked.pop("page", None)
    found = []
    for year in years:
        asked["year"] = str(year)
        found.append(
            {"url": f"?{asked.urlencode()}", "label": str(year), "is_current": year == chosen}
        )
    return found


# --- one course ----------------------------------------------------------------------------------


def course_new(request: Request) -> HttpResponse:
    """Plan a course, or record one that was held already."""
    user = request.user
    if not user.may_somewhere(Permission.TRAINING):
        raise PermissionDenied
    form = CourseForm(
        request.POST or None, user=user, unit=_asked_unit(request), initial=_asked(request)
    )
    if form.is_valid():
        course = Course(**form.facts)
        try:
            if form.was_held:
                courses.record_course(course, by=user)
                messages.success(request, _("The course is recorded."))
            else:
                courses.plan_course(course, by=user)
                messages.success(request, _("The course is planned."))
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect(course)
    return render(request, "training/course_new.html", {"form": form})


def _asked_unit(request: Request) -> Unit | None:
    """«?unit=TS», else the user's own top unit."""
    units = Unit.objects.open_to(request.user, Permission.TRAINING).living()
    code = request.GET.get("unit", "")
    return (units.filter(code=code).first() if code else None) or calendar_of(request.user)


def _asked(request: Request) -> dict[str, str]:
    """«?topic=skills&audience=new-chairs»: as a need that is not covered asks for it."""
    names = ("topic", "audience", "places", "starts_on")
    return {name: request.GET[name] for name in names if name in request.GET}


def course_edit(request: Request, pk: int) -> HttpResponse:
    course = _course_to_write(request, pk)
    if not (course.is_planned or course.is_held):
        return _is_closed(request, course, _("The course was cancelled."))
    form = CourseForm(
        request.POST or None,
        user=request.user,
        course=course,
        unit=course.unit,
        initial=CourseForm.facts_of(course),
    )
    if form.is_valid():
        try:
            courses.change_course(course, form.facts, by=request.user)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The course is saved."))
            return redirect(course)
    return render(request, "training/course_edit.html", {"form": form, "course": course})


def course_hold(request: Request, pk: int) -> HttpResponse:
    """«Đã tổ chức»: the days on which it really was."""
    course = _course_to_write(request, pk)
    if not course.is_planned:
        return _is_closed(request, course, _("The course is not planned any more."))
    initial = {"starts_on": course.starts_on, "ends_on": course.ends_on}
    form = HoldForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            courses.hold(course, **form.cleaned_data, by=request.user)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The course is held. Now tick who completed it."))
            return redirect(course)
    return render(request, "training/course_hold.html", {"form": form, "course": course})


def course_cancel(request: Request, pk: int) -> HttpResponse:
    course = _course_to_write(request, pk)
    if not course.is_planned:
        return _is_closed(request, course, _("The course is not planned any more."))
    form = CancelForm(request.POST or None)
    if form.is_valid():
        try:
            courses.cancel(course, reason=form.cleaned_data["reason"], by=request.user)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The course is cancelled."))
            return redirect(course)
    return render(request, "training/course_cancel.html", {"form": form, "course": course})


@PAGE
def course_detail(request: Request, pk: int) -> HttpResponse:
    """What is known of it, and the people of the branch who are sent: to complete, to take back."""
    course, user = _course(request.user, pk), request.user
    seen = course.attendances.visible_to(user).select_related("officer", "unit")
    people = seen.order_by("unit__sort_key", "unit_id", "officer__sort_key", "pk")
    if (format_ := request.GET.get("format")) in TABLE_FORMATS:
        return table_file(*people_of(course, people), format_, name=f"lop-{course.pk}")
    may_complete = is_organiser(user, course) and course.is_held
    last_day = min(course.ends_on, clock.today())
    form = CompletionForm(initial={"completed_on": max(last_day, course.starts_on)})
    action = request.POST.get("action")
    if request.method == "POST" and action == "complete":
        user.require(Permission.TRAINING, course.unit)
        form = CompletionForm(request.POST)
        if _complete(request, course, form):
            return redirect(request.get_full_path())
    elif request.method == "POST":
        if not _may_ever_send(user, course):
            raise PermissionDenied
        _take_back(request, course, people)
        return redirect(request.get_full_path())
    page = Paginator(people, SHOWN).get_page(request.GET.get("page"))
    ticked = set(ids_of(request.POST.getlist("attendances"))) if form.is_bound else None
    (entry,) = entries([course], user, clock.today())
    facts = {
        "course": course,
        "entry": entry,
        "page": page,
        "people": [_person(user, course, one, ticked) for one in page.object_list],
        "form": form,
        "is_organiser": is_organiser(user, course),
        "may_complete": may_complete,
        "may_send": may_send(user, course),
        "may_hold": is_organiser(user, course) and course.starts_on <= clock.today(),
        "is_too_many": _is_too_many(entry),
        "reason": _reason(course),
        "lines": _history(user, course),
    }
    return render(request, "training/course_detail.html", facts)


def _person(
    user: User, course: Course, attendance: Attendance, ticked: set[int] | None
) -> dict[str, Any]:
    is_ticked = attendance.completed_on is not None if ticked is None else attendance.pk in ticked
    return {
        "attendance": attendance,
        "is_ticked": is_ticked,
        "may_take_back": may_take_back(user, course, attendance),
    }


def _is_too_many(entry: Entry) -> bool:
    """Where one sees everybody, one sees that they do not fit."""
    places = entry.course.places
    return entry.is_of_branch and places is not None and entry.turnout.sent > places


def _complete(request: Request, course: Course, form: CompletionForm) -> bool:
    """Of those who were shown: the ticked completed it, the others did not. Who completed it
    before keeps the day."""
    if not form.is_valid():
        return False
    ticked = set(ids_of(request.POST.getlist("attendances")))
    shown = set(ids_of(request.POST.getlist("shown"))) | ticked
    seen = course.attendances.visible_to(request.user).filter(pk__in=shown)
    day = form.cleaned_data["completed_on"]
    said = {one.pk: (one.completed_on or day) if one.pk in ticked else None for one in seen}
    try:
        changed = courses.complete(course, said, by=request.user)
    except Refused as refused:
        form.add_error(None, str(refused))
        return False
    if not changed:
        messages.info(request, _("Nothing is changed."))
        return True
    words = ngettext("Saved for %(count)s officer.", "Saved for %(count)s officers.", len(changed))
    messages.success(request, words % {"count": whole_number(len(changed))})
    return True


def _take_back(request: Request, course: Course, people: Any) -> None:
    ids = ids_of([request.POST.get("take_back", "")])
    attendance = people.filter(pk__in=ids).first()
    if attendance is None:
        messages.warning(request, _("This person is not on the list any more."))
        return
    try:
        courses.take_back(attendance, by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        words = _("%(person)s is taken back.") % {"person": attendance.officer}
        messages.success(request, words)


def _reason(course: Course) -> str:
    """Why it was cancelled, for everybody who sees the course."""
    if course.is_planned or course.is_held:
        return ""
    told = HistoryEntry.objects.filter(
        kind=HistoryKind.COURSE,
        unit=course.unit,
        verb=courses.CANCELLED,
        subject=courses.subject_of(course),
    )
    found = told.order_by("-pk").values_list("reason", flat=True).first()
    return found or ""


def _history(user: User, course: Course) -> list[Line]:
    """Of the course itself; what is told of people stands with their unit."""
    told = HistoryEntry.objects.visible_to(user).filter(
        kind=HistoryKind.COURSE, unit=course.unit, subject__endswith=f" (#{course.pk})"
    )
    return lines(told.newest_first()[:HISTORY_SHOWN])


# --- sending -------------------------------------------------------------------------------------


@PAGE
def course_send(request: Request, pk: int) -> HttpResponse:
    """«Cử đi học»: find officers who serve on the first day, tick them, send them.

    ``?officers=12,15`` comes with ticks; who is ticked stays so while one searches on, for which
    the form is sent without a verb.
    """
    course, user = _course(request.user, pk), request.user
    if not _may_ever_send(user, course):
        raise PermissionDenied
    if not may_send(user, course):
        words = _("The course was cancelled.")
        if course.is_held:
            words = _("The course is held: its organiser keeps the list.")
        return _is_closed(request, course, words)
    asked = request.POST if request.method == "POST" else request.GET
    ticked = ids_of(asked.getlist("officers"))
    known = to_send(user, course, on=course.starts_on)
    chosen = candidates(course, _by_ticks(known, ticked), by=user, ticked=ticked)
    gone = _gone(user, ticked, chosen)
    verb = request.POST.get("action", "")
    if verb and not gone and _send(request, course, chosen, verb):
        return redirect(course)
    new = [one for one in chosen if not one.is_sent]
    again = [one for one in new if one.before]
    form = OfficerSearch(asked)
    rows = form.apply(known).exclude(officer__in=ticked).by_place()
    page = Paginator(rows, ROWS).get_page(asked.get("page"))
    facts = {
        "course": course,
        "form": form,
        "chosen": chosen,
        "gone": gone,
        "page": page,
        "rows": candidates(course, page.object_list, by=user),
        "again": again,
        "asks_again": bool(again) and not gone,
        "has_others": len(new) > len(again),
        "is_asked": bool(verb),
        "may_go_on": not (verb and again and not gone) and bool(new or page.object_list),
        "is_long": page.paginator.count > FEW or form.is_asked,
    }
    return render(request, "training/course_send.html", facts)


def _may_ever_send(user: User, course: Course) -> bool:
    """Whatever becomes of the course; whether now, :func:`may_send` says."""
    return is_organiser(user, course) or user.may_somewhere(Permission.OFFICERS)


def _by_ticks(known: Any, ticked: list[int]) -> Any:
    return known.filter(officer__in=ticked).by_place()


def _gone(user: User, ticked: list[int], chosen: list[Candidate]) -> list[Officer]:
    """Ticked, in sight, and not in office there on the first day; who is unknown is ignored."""
    left = set(ticked) - {one.tenure.officer_id for one in chosen}
    return list(Officer.objects.visible_to(user).filter(pk__in=left).by_name()) if left else []


def _send(request: Request, course: Course, chosen: list[Candidate], verb: str) -> bool:
    """Whether it is done; who learnt the topic before is asked for once more."""
    new = [one for one in chosen if not one.is_sent]
    if verb == "others":
        new = [one for one in new if not one.before]
    if not new:
        messages.warning(request, _("Nobody is ticked who is not on the list yet."))
        return False
    if verb != "anyway" and any(one.before for one in new):
        return False
    try:
        sent = courses.send(course, [one.officer for one in new], by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
        return True
    words = ngettext("%(count)s officer is sent.", "%(count)s officers are sent.", len(sent))
    messages.success(request, words % {"count": whole_number(len(sent))})
    return True


# --- from a file ---------------------------------------------------------------------------------


def attendance_import(request: Request) -> HttpResponse:
    """«Nhập danh sách học viên từ Excel»."""
    _require_training(request.user)
    return import_page(request, ATTENDANCE)


@require_safe
def attendance_import_template(request: Request) -> HttpResponse:
    _require_training(request.user)
    labels = {column.name: str(column.label) for column in ATTENDANCE_COLUMNS}
    header = [labels[name] for name in TEMPLATE]
    sheets = [
        Table(pgettext("sheet", "Attendance"), header, [], typed=range(len(header))),
        Table(pgettext("sheet", "Allowed values"), *_allowed_values(labels)),
    ]
    return attached(workbook_of(sheets), XLSX, "hoc-vien.xlsx")


def _allowed_values(labels: dict[str, str]) -> tuple[list[str], list[list[str]]]:
    header = [pgettext("column", "Column"), pgettext("column", "Value"), pgettext("column", "Note")]
    topics = Topic.objects.order_by("rank", "code")
    return header, [
        [labels["course"], "", _("title of the course, or its number")],
        *([labels["topic"], str(topic), topic.code] for topic in topics),
        [labels["starts_on"], "06/5/2024", _("first day of the course")],
        [labels["officer"], "", _("full name as in the list of officers, or the officer number")],
        [labels["completed"], f"{_('yes')}, {_('no')}", _("or the day of completion")],
    ]


def _preview(brought_in: AttendanceBroughtIn) -> dict[str, Any]:
    return {"done": brought_in, "lines": list(brought_in.lines())}


def _require_training(user: User) -> None:
    if not user.may_somewhere(Permission.TRAINING):
        raise PermissionDenied


ATTENDANCE = Import(
    "attendance",
    "training/attendance_import.html",
    bring_in_attendance,
    _preview,
    done="course-list",
)


# --- the parts -----------------------------------------------------------------------------------


def _course(user: User, pk: int) -> Course:
    seen = Course.objects.visible_to(user).select_related("unit", "topic", "audience")
    return get_object_or_404(seen, pk=pk)


def _is_closed(request: Request, course: Course, words: str) -> HttpResponse:
    """The page asked for was left open while the course went on."""
    messages.error(request, words)
    return redirect(course)


def _course_to_write(request: Request, pk: int) -> Course:
    course = _course(request.user, pk)
    request.user.require(Permission.TRAINING, course.unit)
    return course
