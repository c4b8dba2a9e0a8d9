"""«Phân bổ chỉ tiêu»: the sheet on a page, as a file, and «Giao chỉ tiêu»."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from members.access import Permission
from members.actions import Refused
from members.forms.importing import FileForm
from members.http import Request
from members.models.units import SUPERIOR_KINDS
from targets.allocating import (
    Assigned,
    Decision,
    Overtaken,
    Sheet,
    assign,
    line_name,
    save_draft,
    share_draft,
    sheet_of,
)
from targets.allocation_file import cells_from, workbook_with
from targets.forms.allocation import DecisionForm, SheetForm, first_day_proposed
from targets.models import Target
from targets.tables import total_words
from targets.views.plans import visible_plan
from unionplan.lib import clock
from unionplan.lib.dates import in_text
from unionplan.lib.downloads import XLSX, attached
from unionplan.lib.numbers import whole_number
from unionplan.lib.spreadsheets import Invalid, Problem

NAMED = 5  # units by their names, the rest as a number


@require_http_methods(["GET", "HEAD", "POST"])
def allocation(request: Request, code: str, pk: int) -> HttpResponse:
    target = _target(request, code, pk)
    try:
        sheet = sheet_of(target, on=clock.today())
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(target.plan)
    if request.method != "POST":
        return _page(request, sheet)
    form, decision = SheetForm(request.POST, sheet=sheet), _decision(sheet)
    if request.POST.get("action") == "assign":
        decision = DecisionForm(request.POST)
    if form.is_valid() and (not decision.is_bound or decision.is_valid()):
        try:
            _do(request, sheet, form, decision)
        except Overtaken as overtaken:
            form.overtaken(sheet_of(target, on=clock.today()), str(overtaken))
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect(request.path)
    return _page(request, sheet, form, decision)


@require_http_methods(["GET", "HEAD", "POST"])
def allocation_file(request: Request, code: str, pk: int) -> HttpResponse:
    """The sheet as it is stored; sent back it becomes the draft."""
    target = _target(request, code, pk)
    try:
        sheet = sheet_of(target, on=clock.today())
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(target.plan)
    if request.method != "POST":
        name = f"phan-bo-{target.plan.code}-{target.pk}.xlsx"
        return attached(workbook_with(sheet), XLSX, name)
    upload, problems = FileForm(request.POST, request.FILES), []
    if upload.is_valid():
        try:
            _bring_in(request, sheet, upload)
        except Invalid as invalid:
            problems = invalid.problems
        except Refused as refused:
            upload.add_error(None, str(refused))
        else:
            return redirect("allocation", target.plan.code, target.pk)
    return _page(request, sheet, upload=upload, problems=problems)


def _target(request: Request, code: str, pk: int) -> Target:
    """Of a superior unit in sight; only whoever splits it sees how."""
    plan = visible_plan(request, code)
    targets = plan.targets.visible_to(request.user).filter(unit__kind__in=SUPERIOR_KINDS)
    target = get_object_or_404(targets.with_values(), pk=pk)
    target.plan = plan
    request.user.require(Permission.ALLOCATE, target.unit)
    return target


def _do(request: Request, sheet: Sheet, form: SheetForm, decision: DecisionForm) -> None:
    """What the button says, with the sheet as it was typed."""
    target, user, on = sheet.target, request.user, clock.today()
    version = form.cleaned_data["version"] or 0
    match request.POST.get("action"):
        case "assign":
            given = decision.decision
            done = assign(target, given, by=user, on=on, draft=form.draft, version=version)
            _tell(request, done, given)
        case "share":
            stored = share_draft(target, form.draft, by=user, on=on, version=version)
            by = stored.get_shared_by_display()
            messages.success(request, _("Split by: %(by)s. The draft is saved.") % {"by": by})
        case _:
            save_draft(target, form.draft, by=user, on=on, version=version)
            messages.success(request, _("The draft is saved."))


def _bring_in(request: Request, sheet: Sheet, upload: FileForm) -> None:
    cells = cells_from(upload.cleaned_data["file"].read(), sheet)
    draft = replace(sheet.draft, cells=cells)
    save_draft(sheet.target, draft, by=request.user, on=clock.today(), version=sheet.version)
    messages.success(request, _("The numbers of the file are saved as the draft."))


def _tell(request: Request, done: Assigned, decision: Decision) -> None:
    words = ngettext(
        "The target is assigned to %(count)s unit by Decision No. %(number)s of %(day)s.",
        "The target is assigned to %(count)s units by Decision No. %(number)s of %(day)s.",
        done.units,
    )
    facts = {"count": whole_number(done.units), "number": decision.number}
    messages.success(request, words % {**facts, "day": in_text(decision.issued_on)})
    if left := done.left_alone:
        words = ngettext(
            "%(count)s unit left blank keeps the value it has: %(units)s.",
            "%(count)s units left blank keep the values they have: %(units)s.",
            len(left),
        )
        names = ", ".join(map(str, left[:NAMED])) + (" …" if len(left) > NAMED else "")
        messages.warning(request, words % {"count": whole_number(len(left)), "units": names})


def _decision(sheet: Sheet) -> DecisionForm:
    return DecisionForm(initial={"in_force_on": first_day_proposed(sheet, clock.today())})


def _page(
    request: Request,
    sheet: Sheet,
    form: SheetForm | None = None,
    decision: DecisionForm | None = None,
    *,
    upload: FileForm | None = None,
    problems: Sequence[Problem] = (),
) -> HttpResponse:
    form = form or SheetForm(sheet=sheet)
    plan = sheet.target.plan
    facts = {
        "plan": plan,
        "target": sheet.target,
        "sheet": form.sheet,
        "title": _title(sheet),
        "form": form,
        "rows": form.rows(),
        "total_words": total_words(len(sheet.rows)),
        "balance": form.balance,
        "has_targets": sheet.has_targets,
        "decision": decision or _decision(sheet),
        "upload": upload or FileForm(),
        "problems": problems,
        "may_change": not plan.has_ended,
    }
    return render(request, "targets/allocation.html", facts)


def _title(sheet: Sheet) -> str:
    """«Phân bổ chỉ tiêu: thực tăng 5.493»."""
    line = line_name(sheet.target, sheet.indicator)
    return _("Allocate the target: %(line)s %(number)s") % {
        "line": line,
        "number": whole_number(sheet.number),
    }
