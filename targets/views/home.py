"""The first page by role, and the page after a report was sent: both show targets, so they live
here and not with the reports."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from members.access import Permission
from members.deadlines import Deadline
from members.http import Request
from members.models import Basis, Kind, Quarter, QuarterlyReport, Status, Unit
from members.wording import ReturnedLine, returned_lines, sent_again_words
from targets.duties import Sheet, sheets_of
from targets.models import Plan
from targets.reading import lines
from targets.registering import Invitation, invitations
from targets.results import Line, Question
from targets.setup import may_set_up
from targets.spans import span_name
from targets.views.progress import progress
from targets.views.review import looks_after_units, review
from targets.wording import sentence
from unionplan.lib import clock


@dataclass(frozen=True)
class Sentence:
    text: str
    line: Line


@dataclass(frozen=True)
class Task:
    report: QuarterlyReport
    deadline: Deadline
    returned: list[ReturnedLine]


@dataclass(frozen=True)
class UnitCard:
    """What a chair has to do, and how far the unit is."""

    unit: Unit
    tasks: list[Task]  # reports of open quarters, the oldest first
    plan: Plan | None
    sentences: list[Sentence]
    may_enter: bool
    sheets: list[Sheet]  # figures typed by hand, in the same quarters
    invitations: list[Invitation]  # to register targets

    @property
    def targets_title(self) -> str:
        if self.plan is None:
            return _("Targets of the unit")
        return _("Targets of the unit in %(span)s") % {"span": span_name(self.plan)}

    @property
    def no_targets(self) -> str:
        if self.plan is None:
            return _("The unit has no targets yet.")
        return _("The unit has no targets in %(span)s yet.") % {"span": span_name(self.plan)}


def home(request: Request) -> HttpResponse:
    """«Công việc của đơn vị» for a chair, the queue of a branch for its reviewer, the progress of
    the branch for everybody above."""
    units = Unit.objects.open_to(request.user, Permission.VIEW)
    own = list(units.reporting().filter(pk__in=[role.unit_id for role in request.user.roles]))
    if own:
        return _work(request, own)
    top = units.superiors().order_by("path").first()
    if top is None and may_set_up(request.user):
        return redirect("setup")  # a superuser on the first day
    if top is None:
        return render(request, "targets/home_empty.html")
    if top.kind == Kind.UPPER and request.user.may(Permission.CHECK, top):
        return review(request, top)
    if looks_after_units(request.user):
        return review(request, top)
    return progress(request, top.code)


def _work(request: Request, units: list[Unit]) -> HttpResponse:
    today, latest = clock.today(), Quarter.objects.latest_one()
    reports = (
        QuarterlyReport.objects.filter(unit__in=units)
        .to_be_sent(today)
        .owed()
        .select_related("quarter", "unit", "checked_by")
        .by_time()
    )
    sheets = sheets_of(units, Quarter.objects.open().by_time())
    asked = invitations(units, on=today)
    cards = []
    for unit in units:
        tasks = [
            Task(report, Deadline.of(report, today=today), returned_lines(report))
            for report in reports
            if report.unit_id == unit.pk
        ]
        plan, sentences = how_far(unit, Basis.ACCEPTED)
        may_enter = request.user.may(Permission.ENTER, unit)
        its = [sheet for sheet in sheets if sheet.unit == unit]
        to_register = [invitation for invitation in asked if invitation.unit == unit]
        cards.append(UnitCard(unit, tasks, plan, sentences, may_enter, its, to_register))
    superior = (role.unit for role in request.user.roles if role.unit.is_superior)
    context = {
        "cards": cards,
        "nothing_due": _nothing_due(latest),
        "branch": next(superior, None),
    }
    return render(request, "targets/home_unit.html", context)


def _nothing_due(latest: Quarter | None) -> str:
    if latest is None:
        return _("No report is due now.")
    year, number = divmod(latest.year * 4 + latest.number, 4)
    following = Quarter(year=year, number=number + 1)
    return _("No report is due now. Next: %(quarter)s.") % {"quarter": following}


def report_sent(request: Request, code: str, quarter: str) -> HttpResponse:
    """«Đã gửi báo cáo», with what the report means for the unit's own targets: whoever sees the
    report alone, because the unit has moved away, reads nothing of its new branch."""
    reports = QuarterlyReport.objects.visible_to(request.user)
    report = get_object_or_404(
        reports.select_related("unit__parent", "quarter"), unit__code=code, quarter__code=quarter
    )
    if not report.is_sent or not request.user.may(Permission.VIEW, report.unit):
        return redirect(report)
    plan, sentences = how_far(report.unit, Basis.SUBMITTED, quarter=report.quarter, parts=True)
    context = {
        "report": report,
        "plan": plan,
        "sentences": sentences,
        "sent_again": sent_again_words(report),
        "may_withdraw": report.status == Status.SUBMITTED
        and report.is_open(clock.today())
        and request.user.may(Permission.SEND, report.unit),
    }
    return render(request, "targets/report_sent.html", context)


def how_far(
    unit: Unit, basis: str, *, quarter: Quarter | None = None, parts: bool = False
) -> tuple[Plan | None, list[Sentence]]:
    """The plan that binds a unit today and its lines, each in a sentence."""
    today = clock.today()
    plan = Plan.objects.binding(unit).in_force().running(today).newest_first().first()
    quarter = quarter or Quarter.objects.latest_one()
    if plan is None or quarter is None:
        return plan, []
    question = Question(plan=plan, quarter=quarter, plan_as_of=today, basis=basis)
    found = [line for line in lines(question, [unit]) if line.target is not None]
    return plan, [Sentence(sentence(line, with_parts=parts), line) for line in found]
