"""«Đăng ký chỉ tiêu»: what a superior asks and hears, and what a unit below promises."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from members.access import Permission
from members.actions import Refused
from members.http import Request
from members.models import Unit
from targets.allocating import line_name, sheet_of
from targets.forms.allocation import RegisterForm, RoundForm
from targets.models import Plan, RegistrationRound
from targets.registering import (
    Asked,
    asked_of,
    end_round,
    latest_round,
    lines_of,
    may_register,
    open_round,
    prolong_round,
    register_all,
)
from targets.registration_table import RegistrationTable
from targets.spans import span_name
from unionplan.lib import clock
from unionplan.lib.dates import in_text
from unionplan.lib.tables import sort_and_page

ROWS = 200


@require_http_methods(["GET", "HEAD", "POST"])
def registration(request: Request, code: str, unit: str) -> HttpResponse:
    """Of any unit what it is asked from above, of a superior also what it asks of those below."""
    visible = Unit.objects.open_to(request.user, Permission.VIEW).select_related("parent")
    found = get_object_or_404(visible, code=unit)
    plan = _plan(code, found)
    is_readable = Plan.objects.visible_to(request.user).filter(pk=plan.pk).exists()
    asked = _asked(plan, found)
    if asked is None and not is_readable:
        raise Http404
    answer = steering = None
    if request.method == "POST":
        if request.POST.get("action") == "register":
            answer = _answer(request, asked, found)
        else:
            steering = _steer(request, plan, found, is_readable=is_readable)
        if answer is None and steering is None:
            return redirect(request.get_full_path())
    facts = {
        "plan": plan,
        "unit": found,
        "is_readable": is_readable,
        "title": _("Registration of targets for %(span)s") % {"span": span_name(plan)},
    }
    if asked is not None:
        facts |= _answering(request, asked, answer)
    if found.is_superior and is_readable:
        facts |= _asking(request, plan, found, steering)
    return render(request, "targets/registration.html", facts)


def _plan(code: str, unit: Unit) -> Plan:
    """One of the unit's own branch or of a level above it."""
    plan = get_object_or_404(Plan.objects.select_related("unit", "term"), code=code)
    if not unit.path.startswith(plan.unit.path):
        raise Http404
    return plan


# --- what a unit is asked ------------------------------------------------------------------------


def _asked(plan: Plan, unit: Unit) -> Asked | None:
    above = latest_round(plan, unit.parent) if unit.parent and unit.pk != plan.unit_id else None
    return asked_of(above, unit) if above else None


def _answer(request: Request, asked: Asked | None, unit: Unit) -> RegisterForm | None:
    """What was typed is registered, or comes back with what is wrong."""
    if asked is None:
        raise Http404
    if not may_register(request.user, unit):
        raise PermissionDenied
    form = RegisterForm(request.POST, asked=asked)
    if not form.is_valid():
        return form
    try:
        register_all(asked.round, unit, form.promises, by=request.user, on=clock.today())
    except Refused as refused:
        form.add_error(None, str(refused))
        return form
    words = _("Registered with %(unit)s; it can be changed until %(day)s.")
    day = in_text(asked.round.closes_on)
    messages.success(request, words % {"unit": asked.round.unit, "day": day})
    return None


def _answering(request: Request, asked: Asked, form: RegisterForm | None) -> dict[str, Any]:
    form = form or RegisterForm(asked=asked)
    return {
        "asked": asked,
        "form": form,
        "lines": [
            {"name": capfirst(line_name(f.line.target, f.line.indicator)), "fields": f}
            for f in form.lines()
        ],
        "is_open": asked.round.is_open(clock.today()),
        "may_register": may_register(request.user, asked.unit),
    }


# --- what a superior asks ------------------------------------------------------------------------


def _steer(request: Request, plan: Plan, unit: Unit, *, is_readable: bool) -> RoundForm | None:
    """A round is opened, prolonged or ended."""
    if not (unit.is_superior and is_readable):
        raise Http404
    request.user.require(Permission.ALLOCATE, unit)
    asking, on = _running(plan, unit), clock.today()
    if request.POST.get("action") == "end":
        _end(request, asking)
        return None
    form = RoundForm(request.POST)
    if not form.is_valid():
        return form
    closes_on = form.cleaned_data["closes_on"]
    try:
        if asking is None:
            open_round(plan, unit, closes_on=closes_on, by=request.user, on=on)
        else:
            prolong_round(asking, closes_on=closes_on, by=request.user, on=on)
    except Refused as refused:
        form.add_error(None, str(refused))
        return form
    words = _("The registration is open until %(day)s.")
    messages.success(request, words % {"day": in_text(closes_on)})
    return None


def _end(request: Request, asking: RegistrationRound | None) -> None:
    try:
        if asking is None:
            raise Refused(_("The registration has been ended."))
        end_round(asking, by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The registration is ended."))


def _running(plan: Plan, unit: Unit) -> RegistrationRound | None:
    latest = latest_round(plan, unit)
    return latest if latest and latest.ended_at is None else None


def _asking(request: Request, plan: Plan, unit: Unit, form: RoundForm | None) -> dict[str, Any]:
    asking, lines, today = latest_round(plan, unit), lines_of(plan, unit), clock.today()
    runs = asking is not None and asking.ended_at is None
    initial = {"closes_on": asking.closes_on} if asking and runs else {}
    facts: dict[str, Any] = {
        "asking": asking,
        "runs": runs,
        "is_asking": asking is not None and asking.is_open(today),
        "has_lines": bool(lines),
        "may_allocate": request.user.may(Permission.ALLOCATE, unit) and not plan.has_ended,
        "round_form": form or RoundForm(initial=initial),
    }
    if asking is None or not lines:
        return facts
    wanted = request.GET.get("line", "")
    target, known = next((line for line in lines if str(line[0].pk) == wanted), lines[0])
    sheet = sheet_of(target, on=today)
    said = [row for row in sheet.rows if row.registration]
    only_missing = request.GET.get("who") == "missing"
    shown = [row for row in sheet.rows if not (only_missing and row.registration)]
    table = RegistrationTable(shown, sheet=sheet)
    sort_and_page(table, request, rows=ROWS)
    return facts | {
        "target": target,
        "line": capfirst(line_name(target, known)),
        "table": table,
        "registered": len(said),
        "units": len(sheet.rows),
        "sheet": sheet,
        "line_options": [
            _option({"line": t.pk}, capfirst(line_name(t, i)), is_current=t == target)
            for t, i in lines
        ],
        "who_options": [
            _option({"line": target.pk}, _("All units"), is_current=not only_missing),
            _option(
                {"line": target.pk, "who": "missing"},
                _("Not registered yet"),
                is_current=only_missing,
            ),
        ],
    }


def _option(query: dict[str, Any], label: str, *, is_current: bool) -> dict[str, Any]:
    return {"url": f"?{urlencode(query)}", "label": label, "is_current": is_current}
