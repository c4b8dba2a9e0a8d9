"""Chốt số liệu: a superior unit signs its quarter off, its parent reads and returns."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members import signing_off
from members.access import Permission
from members.actions import Refused
from members.deadlines import days_left, sign_off_due_on
from members.forms.signing_off import ReturnSignOffForm, SignOffForm
from members.http import Request
from members.models import Quarter, SignOff, Unit, User
from members.signing_off import Rights
from members.tables import SignOffTable
from members.timeliness import rates_of
from unionplan.lib import clock
from unionplan.lib.downloads import TABLE_FORMATS, table_file

QUARTERS_SHOWN = 8
NAMES_SHOWN = 30  # of missing units in one sentence; more are folded away


# --- one unit ------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def sign_off(request: Request, code: str, quarter: str) -> HttpResponse:
    """The page of a unit's sign-off: to sign, or to read."""
    unit, of = _unit(request.user, code), get_object_or_404(Quarter, code=quarter)
    rights = signing_off.rights_of(request.user, unit, clock.today())
    if request.method != "POST":
        return _page(request, unit, of, rights)
    if not rights.may_sign:
        raise PermissionDenied
    form = SignOffForm(request.POST)
    if form.is_valid():
        try:
            signing_off.sign_off(unit, of, by=request.user, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("sign-off", unit.code, of.code)
    return _page(request, unit, of, rights, form=form)


@require_POST
def sign_off_return(request: Request, code: str, quarter: str) -> HttpResponse:
    """«Trả lại bản chốt», by whoever accepts at the parent."""
    unit, of = _unit(request.user, code), get_object_or_404(Quarter, code=quarter)
    rights = signing_off.rights_of(request.user, unit, clock.today())
    if not rights.may_return:
        raise PermissionDenied
    form = ReturnSignOffForm(request.POST)
    standing = signing_off.standing_of(unit, of)
    if standing is None:
        messages.error(request, _("There is no sign-off to return."))
        return redirect("sign-off", unit.code, of.code)
    if not form.is_valid():
        return _page(request, unit, of, rights, returning=form)
    try:
        signing_off.return_sign_off(standing, reason=form.cleaned_data["reason"], by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Returned to %(unit)s.") % {"unit": unit})
    return redirect("sign-off", unit.code, of.code)


def _unit(user: User, code: str) -> Unit:
    """A superior unit with somebody above to sign off to."""
    visible = Unit.objects.open_to(user, Permission.VIEW).superiors().exclude(parent=None)
    return get_object_or_404(visible.select_related("parent"), code=code)


def _page(
    request: Request,
    unit: Unit,
    quarter: Quarter,
    rights: Rights,
    *,
    form: SignOffForm | None = None,
    returning: ReturnSignOffForm | None = None,
) -> HttpResponse:
    user, today = request.user, clock.today()
    due_on = sign_off_due_on(unit, quarter)
    facts: dict[str, Any] = {
        "unit": unit,
        "quarter": quarter,
        "due_on": due_on,
        "due_words": days_left((due_on - today).days),
        "is_late": today > due_on,
        "parent_in_sight": user.may(Permission.VIEW, unit.parent) if unit.parent else False,
        "has_superiors_below": unit.children.superiors().living().exists(),
        "rates": rates_of(unit, quarter),
        "names_shown": NAMES_SHOWN,
    }
    signed = _signed(unit, quarter)
    standing = signed[0] if signed and signed[0].is_standing else None
    if standing is not None:
        due, accepted, missing = standing.due, standing.accepted, standing.missing
        facts |= {
            "standing": standing,
            "done": signing_off.done_words(standing),
            "changed": signing_off.changed_since({unit: standing}).get(unit.pk, []),
            "returning": (returning or ReturnSignOffForm()) if rights.may_return else None,
        }
        facts["changed_words"] = signing_off.changed_words(len(facts["changed"]))
    else:
        state = signing_off.state_of(unit, quarter)
        due, accepted, missing = state.due, state.accepted, state.missing
        facts |= {
            "waiting": signing_off.waiting_words(state.waiting) if state.waiting else "",
            "form": (form or _proposed(unit)) if rights.may_sign else None,
            "returned": signed[0] if signed else None,
        }
    facts |= {
        "due": due,
        "accepted": accepted,
        "missing": signing_off.missing_groups(missing, quarter),
        "earlier": signed[1:],
    }
    return render(request, "members/sign_off.html", facts)


def _proposed(unit: Unit) -> SignOffForm:
    return SignOffForm(initial={"signatory": signing_off.last_signatory(unit)})


def _signed(unit: Unit, quarter: Quarter) -> list[SignOff]:
    """Every sign-off of this quarter, the latest first."""
    found = list(
        SignOff.objects.of(quarter)
        .filter(unit=unit)
        .select_related("by", "returned_by")
        .order_by("-pk")
    )
    for signed in found:
        signed.unit, signed.quarter = unit, quarter
    return found


# --- the children of a unit ----------------------------------------------------------------------


@require_safe
def sign_off_list(request: Request, quarter: str) -> HttpResponse:
    """Who below has signed off. A unit with no superiors below has its own page instead."""
    of = get_object_or_404(Quarter, code=quarter)
    unit = _parent(request)
    board = signing_off.board_of(unit, of, today=clock.today())
    if not board.rows and unit.parent_id is not None:
        return redirect("sign-off", unit.code, of.code)
    table = SignOffTable(board)
    if (format_ := request.GET.get("export")) in TABLE_FORMATS:
        header, *rows = table.as_values()
        return table_file(header, rows, format_, name=f"{unit.code}-{of.code}-sign-off")
    facts = {
        "unit": unit,
        "quarter": of,
        "board": board,
        "table": table,
        "quarters": _quarters(unit, of),
        "units": _units(request.user, unit, of),
        "may_remind": request.user.may(Permission.REMIND, unit),
        "exports": {
            name: f"?{urlencode({'unit': unit.code, 'export': name})}" for name in TABLE_FORMATS
        },
    }
    return render(request, "members/sign_off_list.html", facts)


def _parent(request: Request) -> Unit:
    """The unit asked for, else the topmost in sight."""
    superiors = Unit.objects.open_to(request.user, Permission.VIEW).superiors()
    if code := request.GET.get("unit"):
        return get_object_or_404(superiors, code=code)
    top = superiors.order_by("path").first()
    if top is None:
        raise PermissionDenied
    return top


def _quarters(unit: Unit, chosen: Quarter) -> list[dict[str, Any]]:
    latest = Quarter.objects.order_by("-cut_off_on")[:QUARTERS_SHOWN]
    return [_option(unit, each, str(each), is_current=each == chosen) for each in latest]


def _units(user: User, chosen: Unit, quarter: Quarter) -> list[dict[str, Any]]:
    """A switch for whoever holds roles at several superiors."""
    held = {role.unit_id: role.unit for role in user.roles if role.unit.is_superior}
    if len(held) < 2:
        return []
    return [_option(unit, quarter, str(unit), is_current=unit == chosen) for unit in held.values()]


def _option(unit: Unit, quarter: Quarter, label: str, *, is_current: bool) -> dict[str, Any]:
    address = reverse("sign-off-list", args=[quarter.code])
    url = f"{address}?{urlencode({'unit': unit.code})}"
    return {"url": url, "label": label, "is_current": is_current}
