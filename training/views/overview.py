"""«Đào tạo»: the first page of training, of a branch or of a unit."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from members.access import Permission
from members.http import Request
from members.models import Unit, User
from training.overview import branch_overview, unit_overview, units_of
from unionplan.lib import clock


@require_safe
def overview(request: Request) -> HttpResponse:
    """Of the unit that is asked for; else of whatever this person has a role at."""
    user, today = request.user, clock.today()
    branch, own = _asked(user, request.GET.get("unit", ""))
    facts = {
        "board": branch_overview(branch, user, today=today) if branch else None,
        "cards": [unit_overview(unit, today=today) for unit in own],
        "next_year": str(today.year + 1),
        "is_asked": "unit" in request.GET,
        "states": {unit.pk for unit in own if user.may(Permission.OFFICERS, unit)},
        "may_keep": branch is not None and user.may(Permission.OFFICERS, branch),
        "may_train": branch is not None and user.may(Permission.TRAINING, branch),
        "may_set_lists": user.may_at_root(Permission.PLAN),
    }
    return render(request, "training/overview.html", facts)


def _asked(user: User, code: str) -> tuple[Unit | None, list[Unit]]:
    units = Unit.objects.open_to(user, Permission.VIEW)
    if code:
        unit = get_object_or_404(units, code=code)
        return (unit, []) if unit.is_superior else (None, [unit])
    top = units.superiors().order_by("path").first() if user.has_branch else None
    return top, units_of(user)
