"""One quarterly report: the chair types and sends it, the reviewer checks it, both at one address.

What the page offers follows from the state of the report and from what this person may do: the
form while it can be typed, and the figures beside those of last quarter in every other state.
With ``?on_behalf=1`` somebody above the unit fills in the same form from a paper the unit sent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from members import actions, attachments, further
from members.access import Permission
from members.actions import Refused
from members.attachments import checked
from members.checks import Finding, check, hints
from members.deadlines import Deadline
from members.forms.reports import TEXTS, ReportForm, unchanged
from members.http import Request
from members.models import Attachment, QuarterlyReport, Status, User
from members.models.reports import TYPED
from members.printing import sheet_of
from members.queues import label_of
from members.situations import figures_of, situation_of
from members.views.checking import accept, history_of, read, return_
from members.wording import (
    accepted_words,
    chair_sends_words,
    closed_words,
    on_behalf_words,
    owes_none_words,
    permit_words,
    returned_lines,
    returned_words,
    sent_words,
    time_words,
)
from unionplan.lib import clock
from unionplan.lib.dates import in_text, moment
from unionplan.lib.numbers import UNKNOWN, whole_number

KEPT = ("version", "opening_members", *TYPED, *TEXTS, "received_on")  # of what a stranger posted
RETYPED = "typed"  # where the session keeps it
ON_BEHALF = "?on_behalf=1"


@dataclass(frozen=True)
class Differing:
    """A figure that somebody else stored and this person typed differently."""

    label: str
    stored: str
    typed: str


@dataclass(frozen=True)
class Conflict:
    sentence: str
    rows: list[Differing]


@login_not_required  # a session that ended while somebody typed must not cost what was typed
@require_http_methods(["GET", "HEAD", "POST"])
def report_detail(asked: HttpRequest, code: str, quarter: str) -> HttpResponse:
    if not asked.user.is_authenticated:
        return _sign_in_first(asked)
    request = cast(Request, asked)
    report = _report(request.user, code, quarter)
    if request.method != "POST":
        return _page(request, report)
    if "remove" in request.POST:
        return _remove(request, report)
    verb = VERBS.get(request.POST.get("action", "draft"))
    return verb(request, report) if verb else redirect(report)


@require_safe
def attachment(request: Request, code: str, quarter: str, pk: int) -> HttpResponseBase:
    """Only as a download, under the type its content has (nosniff comes with every answer)."""
    report = _report(request.user, code, quarter)
    found = get_object_or_404(Attachment, report=report, pk=pk)
    try:
        file = found.file.open()
    except FileNotFoundError:
        raise Http404 from None
    answer = FileResponse(
        file, as_attachment=True, filename=found.name, content_type=found.content_type
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@require_safe
def report_print(request: Request, code: str, quarter: str) -> HttpResponse:
    """One sheet to be signed and filed: «In để ký, lưu»."""
    report = _report(request.user, code, quarter)
    sheet = sheet_of(report, names_chair=request.user.may(Permission.VIEW, report.unit))
    return render(request, "members/report_print.html", {"sheet": sheet})


def _report(user: User, code: str, quarter: str) -> QuarterlyReport:
    reports = QuarterlyReport.objects.visible_to(user)
    related = ("unit__parent", "quarter", "opening_from", "submitted_by", "checked_by")
    return get_object_or_404(
        reports.select_related(*related), unit__code=code, quarter__code=quarter
    )


def _page(request: Request, report: QuarterlyReport) -> HttpResponse:
    if _is_on_behalf(request):
        request.user.require(Permission.ENTER_ON_BEHALF, report.unit)
    is_typed_here = (
        report.is_editable
        and report.is_open(clock.today())
        and request.user.may(_typing(request), report.unit)
    )
    return (_form_page if is_typed_here else read)(request, report)


def _is_on_behalf(request: HttpRequest) -> bool:
    return "on_behalf" in (request.POST if request.method == "POST" else request.GET)


def _typing(request: Request) -> Permission:
    return Permission.ENTER_ON_BEHALF if _is_on_behalf(request) else Permission.ENTER


def _sending(request: Request) -> Permission:
    return Permission.ENTER_ON_BEHALF if _is_on_behalf(request) else Permission.SEND


def _address(request: Request, report: QuarterlyReport) -> str:
    """This page again, in the same name."""
    return report.get_absolute_url() + (ON_BEHALF if _is_on_behalf(request) else "")


def _after_sending(request: Request, report: QuarterlyReport) -> HttpResponse:
    """A unit reads what its report means for its targets; its reviewer goes on checking."""
    if _is_on_behalf(request):
        return redirect(report)
    return redirect("report-sent", *_place(report))


# --- a session that ended ------------------------------------------------------------------------


def _sign_in_first(request: HttpRequest) -> HttpResponse:
    """Keep what a stranger posted until they have signed in; Django keeps the session's content
    over the sign-in, and the form then judges it like anything typed."""
    query = {"next": request.path + (ON_BEHALF if _is_on_behalf(request) else "")}
    if request.method == "POST":
        kept = (*KEPT, *further.names())
        typed = {name: request.POST[name][:1000] for name in kept if name in request.POST}
        request.session[RETYPED] = {"path": request.path, "typed": typed}  # one report, no more
        query["expired"] = "1"
    return redirect(f"{reverse('login')}?{urlencode(query)}")


def _kept(request: Request) -> dict[str, str] | None:
    """What was typed here before the session ended, until it is stored."""
    kept = request.session.get(RETYPED, {})
    return kept["typed"] if kept.get("path") == request.path else None


def _forget_kept(request: Request) -> None:
    if _kept(request) is not None:
        del request.session[RETYPED]


# --- typing and sending --------------------------------------------------------------------------


def _draft(request: Request, report: QuarterlyReport) -> HttpResponse:
    form = _posted(request, report)
    if answer := _cannot_type(request, report, form):
        return answer
    _keep_files(request, report, form)
    findings = _findings(form)
    queries = [found.code for found in findings if not found.is_error]
    try:
        with transaction.atomic():
            actions.save_draft(
                report,
                {**form.stored, "queries": queries},
                by=request.user,
                version=form.cleaned_data.get("version"),
            )
            form.keep_further(by=request.user, is_sent=False)
    except Refused as refused:
        return _overtaken(request, report, form, refused)
    _forget_kept(request)
    if form.errors:
        messages.warning(request, _("The draft is saved, except what could not be read."))
        return _form_page(request, _again(report), form)
    messages.success(request, _("The draft is saved at %(time)s.") % {"time": moment(clock.now())})
    return redirect(_address(request, report))


def _send(request: Request, report: QuarterlyReport) -> HttpResponse:
    request.user.require(_sending(request), report.unit)
    return _send_form(request, report, _posted(request, report))


def _unchanged(request: Request, report: QuarterlyReport) -> HttpResponse:
    """Last quarter's stocks and no change, sent by one button."""
    request.user.require(_sending(request), report.unit)
    form = _posted(request, report)
    if form.situation.previous is None:
        form.add_error(None, _("There is no last quarter yet: type the figures and send them."))
        return _form_page(request, report, form)
    if report.is_editable and form.moves:
        form.add_error(
            None, _("Changes were typed. Send the report with them, or empty those fields.")
        )
        return _form_page(request, report, form)
    data = unchanged(request.POST, report, form.situation)
    same = ReportForm(
        data,
        request.FILES,
        report=report,
        situation=form.situation,
        on_behalf=form.is_on_behalf,
    )
    same.is_valid()
    return _send_form(request, report, same)


def _send_form(request: Request, report: QuarterlyReport, form: ReportForm) -> HttpResponse:
    if answer := _cannot_type(request, report, form):
        return answer
    findings = _findings(form) if form.is_valid() else []
    _keep_files(request, report, form)
    form.judge(findings, form.figures.get("note", report.note))
    form.require_paper()
    if form.errors:
        return _form_page(request, report, form)
    queries = [found.code for found in findings if not found.is_error]
    try:
        with transaction.atomic():
            sent = actions.submit(
                report,
                {**form.stored, "queries": queries},
                by=request.user,
                version=form.cleaned_data["version"],
            )
            form.keep_further(by=request.user, is_sent=True)
    except Refused as refused:
        return _overtaken(request, report, form, refused)
    _forget_kept(request)
    situation = situation_of(report)  # with the files that came along
    if form.is_on_behalf:
        messages.success(request, _("The report entered on behalf of the unit is sent."))
    else:
        for hint in hints(figures_of(sent), situation):
            messages.info(request, hint)
    return _after_sending(request, report)


def _withdraw(request: Request, report: QuarterlyReport) -> HttpResponse:
    request.user.require(_sending(request), report.unit)
    if _is_on_behalf(request) and report.received_on is None:
        raise PermissionDenied  # what the unit sent itself is the unit's to take back
    form = _posted(request, report)
    if report.status == Status.ACCEPTED:
        messages.error(request, accepted_words(report))
        return redirect(report)
    try:
        actions.withdraw(report, by=request.user, version=form.cleaned_data.get("version"))
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(report)
    words = _("Withdrawn. The report is being typed again; send it again by %(day)s.")
    last_day = report.quarter.due_on
    if not report.quarter.is_open and report.late_until is not None:
        last_day = report.late_until
    if last_day < clock.today():
        words = _(
            "Withdrawn. The report is being typed again; it was due on %(day)s, send it soon."
        )
    messages.success(request, words % {"day": date_format(last_day)})
    if "members" in request.POST:  # somebody typed beside a report that was sent meanwhile
        report = _again(report)
        return _form_page(request, report, _posted(request, report))
    return redirect(_address(request, report))


def _attach(request: Request, report: QuarterlyReport) -> HttpResponse:
    """A decision that follows after the report was sent."""
    form = _posted(request, report)
    _keep_files(request, report, form)
    for error in form.errors.get("attachment", []):
        messages.error(request, str(error))
    return redirect(report)


def _remove(request: Request, report: QuarterlyReport) -> HttpResponse:
    """Take a file away, and keep what else was typed as a draft."""
    request.user.require(_typing(request), report.unit)
    asked = request.POST["remove"]
    found = next((file for file in report.attachments.all() if str(file.pk) == asked), None)
    if found is not None:
        try:
            attachments.remove(found, by=request.user)
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect(report)
        messages.success(request, _("“%(name)s” is removed.") % {"name": found.name})
    return _draft(request, report)


def _posted(request: Request, report: QuarterlyReport) -> ReportForm:
    request.user.require(_typing(request), report.unit)
    form = ReportForm(
        request.POST,
        request.FILES,
        report=report,
        situation=situation_of(report),
        on_behalf=_is_on_behalf(request),
    )
    form.is_valid()
    return form


def _cannot_type(
    request: Request, report: QuarterlyReport, form: ReportForm
) -> HttpResponse | None:
    """The answer where the report cannot be changed from this page, or not any more."""
    if not report.is_open(clock.today()):
        form.add_error(None, closed_words(report))
        return _form_page(request, report, form)
    if report.is_suspended:
        form.add_error(None, owes_none_words(report))
        return _form_page(request, report, form)
    version = form.cleaned_data.get("version")
    if not report.is_editable:
        return _already_sent(request, report, form)
    if version is not None and version != report.version:
        return _conflict_page(request, report, form)
    return None


def _overtaken(
    request: Request, report: QuarterlyReport, form: ReportForm, refused: Refused
) -> HttpResponse:
    """Somebody was faster between reading the report and locking it."""
    report = _again(report)
    if answer := _cannot_type(request, report, form):
        return answer
    form.add_error(None, str(refused))
    return _form_page(request, report, form)


def _already_sent(request: Request, report: QuarterlyReport, form: ReportForm) -> HttpResponse:
    if report.status == Status.ACCEPTED:
        messages.error(request, accepted_words(report))
        return redirect(report)
    if _differing(report, form):
        return _conflict_page(request, report, form)
    messages.info(request, sent_words(report))
    return _after_sending(request, report)


def _conflict_page(request: Request, report: QuarterlyReport, form: ReportForm) -> HttpResponse:
    last = history_of(report, request.user).first()
    person, at = (last.by, last.at) if last else (report.saved_by, report.saved_at)
    sentence = (
        sent_words(report)
        if report.is_sent
        else _(
            "Comrade %(person)s changed this report at %(time)s, after this page was opened. The"
            " stored figures and those just typed stand side by side below; choose the right ones"
            " and press Save the draft or Send the report."
        )
        % {"person": person, "time": time_words(at)}
    )
    conflict = Conflict(sentence, _differing(report, form))
    return _form_page(request, report, form, conflict=conflict)


def _differing(report: QuarterlyReport, form: ReportForm) -> list[Differing]:
    return [
        Differing(label_of(name), _shown(getattr(report, name)), _shown(form.data.get(name)))
        for name in form.fields
        if name in form.data
        and hasattr(report, name)
        and name != "version"
        and (name in form.errors or form.cleaned_data.get(name) != getattr(report, name))
    ]


def _shown(value: Any) -> str:
    if isinstance(value, date):
        return in_text(value)
    return whole_number(value) if isinstance(value, int) else (value or UNKNOWN)


def _findings(form: ReportForm) -> list[Finding]:
    figures = replace(figures_of(form.report), **_of_checks(form.figures))
    return check(figures, form.situation)


def _of_checks(typed: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in typed.items() if name not in ("remarks", "answer")}


def _keep_files(request: Request, report: QuarterlyReport, form: ReportForm) -> None:
    """Files are kept at once: a browser cannot fill them in again when the page comes back."""
    for upload in form.cleaned_data.get("attachment") or []:
        try:
            attachments.attach(report, checked(upload), by=request.user)
        except ValidationError as error:
            form.add_error("attachment", error)
        except Refused as refused:
            form.add_error("attachment", str(refused))


def _form_page(
    request: Request,
    report: QuarterlyReport,
    form: ReportForm | None = None,
    *,
    conflict: Conflict | None = None,
) -> HttpResponse:
    kept = _kept(request) if form is None else None
    situation = form.situation if form else situation_of(report)
    if form is None:
        on_behalf = _is_on_behalf(request)
        form = ReportForm(kept, report=report, situation=situation, on_behalf=on_behalf)
        if kept:
            form.is_valid()
        if report.status != Status.DUE:
            form.ask(check(figures_of(report), situation))
    version = report.version
    if kept and (typed_on := form.cleaned_data.get("version")) is not None:
        version = typed_on
    if report.status == Status.RETURNED:
        form.ask_about_returned(returned_words(report))
    if report.pk and report.attachments.exists():
        situation = replace(situation, has_attachment=True)
    figures = figures_of(report)
    if form.is_bound:
        figures = replace(figures, **_of_checks(form.figures))
    facts = {
        "report": report,
        "quarter": report.quarter,
        "form": form,
        "version": version,
        "situation": situation,
        "deadline": Deadline.of(report, today=clock.today()),
        "conflict": conflict,
        "is_restored": bool(kept),
        "starts_on": in_text(
            report.covers_from,
            with_year=report.covers_from.year != report.quarter.cut_off_on.year,
        ),
        "cut_off": in_text(report.quarter.cut_off_on),
        "opening_waits": report.opening_from is not None
        and situation.previous_quarter in situation.waiting_quarter.split(", "),
        "returned": returned_lines(report),
        "permit": permit_words(report),
        "is_open": report.is_open(clock.today()),
        "banner": on_behalf_words(report, form.received_on) if form.is_on_behalf else "",
        "back": report.get_absolute_url() if form.is_on_behalf else "",
        **_sender(request, report),
        "hints": hints(figures, situation),
        "attachments": report.attachments.order_by("pk"),
        "keep": f"report-{request.user.pk}-{report.unit.code}-{report.quarter.code}",
    }
    return render(request, "members/report_form.html", facts)


def _sender(request: Request, report: QuarterlyReport) -> dict[str, Any]:
    """Whether this person sends what is typed here; if not, who does."""
    may_send = request.user.may(_sending(request), report.unit)
    return {"may_send": may_send, "not_sending": "" if may_send else chair_sends_words(report.unit)}


def _again(report: QuarterlyReport) -> QuarterlyReport:
    related = ("unit__parent", "quarter", "opening_from", "submitted_by", "checked_by")
    return QuarterlyReport.objects.select_related(*related).get(pk=report.pk)


def _place(report: QuarterlyReport) -> list[str]:
    return [report.unit.code, report.quarter.code]


VERBS: dict[str, Callable[[Request, QuarterlyReport], HttpResponse]] = {
    "draft": _draft,
    "submit": _send,
    "unchanged": _unchanged,
    "withdraw": _withdraw,
    "attach": _attach,
    "accept": accept,
    "return": return_,
}
