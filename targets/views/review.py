"""The first page of an officer of an upper-level union, and of whoever looks after some units from
further up: where the reports stand, how far the branch is, and what else waits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from members.access import Permission, Role
from members.http import Request
from members.models import Charge, Quarter, Status, Unit, User
from members.scopes import Scope, chosen, scopes_of
from members.todo import todo_of
from members.views.exceptions import list_links
from members.views.queue import boxes_of, list_of, scope_links, scope_wanted, unsent_link
from members.views.reminding import late_list
from members.wording import due_words
from targets.dashboards import Dashboard, dashboard
from targets.duties import own_sheets, waiting_words
from targets.forms.asking import Asking
from targets.registering import invitations
from targets.views.progress import address_of, plans_beside
from targets.wording import plan_lines
from unionplan.lib import clock
from unionplan.lib.numbers import whole_number


@dataclass(frozen=True)
class Door:
    """A way on from the first page."""

    words: str
    url: str


def looks_after_units(user: User) -> bool:
    """Whether somebody who only looks on, as a member of a steering committee does, has units in
    their charge, and a quarter is open in which these report."""
    held = {role.role for role in user.roles if role.unit.is_superior}
    if held != {Role.VIEWER}:
        return False
    seen = Unit.objects.open_to(user, Permission.VIEW).living()
    has_units = Charge.objects.filter(user=user, unit__in=seen).exists()
    return has_units and Quarter.objects.open().exists()


def review(request: Request, branch: Unit) -> HttpResponse:
    """«Quý III/2024 · 400 đơn vị · còn 1 ngày đến hạn»: five boxes, each a list; then the plan."""
    today, user = clock.today(), request.user
    quarter = Quarter.objects.open().latest_one()
    is_reviewer = user.may(Permission.CHECK, branch)
    context: dict[str, Any] = {"unit": branch, "quarter": quarter}
    if quarter is not None:
        scopes = scopes_of(user, quarter, on=today)
        scope = chosen(scopes, scope_wanted(request))
        asked = scope.name if len(scopes) > 1 else ""
        context |= {
            "units": scope.units,
            "due_words": due_words((quarter.due_on - today).days),
            "boxes": boxes_of(scope, quarter, asked),
            "scopes": scope_links(scopes, scope, quarter, home=True),
            "unsent": unsent_link(scope, quarter, asked),
        }
        if is_reviewer:
            context["doors"] = _doors(branch, quarter, scope, asked)
            context["exceptions"] = list_links(user, quarter)
        else:
            context |= late_list(request, quarter, scope)
    if is_reviewer:
        to_register = [Door(i.words, i.url) for i in invitations([branch], on=today)]
        context["todo"] = [*to_register, *_typed_by_hand(user), *todo_of(user, on=today)]
    return render(request, "targets/home_branch.html", context | _plan(request, branch))


def _typed_by_hand(user: User) -> Iterator[Door]:
    """What waits for a check, and what their own union has not sent."""
    if waiting := waiting_words(user, clock.today()):
        yield Door(waiting, reverse("figure-list"))
    for sheet in own_sheets(user):
        if sheet.left:
            yield Door(sheet.words, sheet.url)


def _doors(branch: Unit, quarter: Quarter, scope: Scope, asked: str) -> list[Door]:
    """What the officer does with the quarter, in the order of its weeks."""
    waiting = whole_number(scope.counts[Status.SUBMITTED])
    return [
        Door(
            _("Reports waiting for a check (%(count)s)") % {"count": waiting},
            list_of(quarter, asked, status=Status.SUBMITTED),
        ),
        Door(_("Enter many units"), reverse("report-entry", args=[quarter.code])),
        Door(_("Units and people in charge"), reverse("charge-list")),
        Door(
            _("Sign-off of %(quarter)s") % {"quarter": quarter},
            reverse("sign-off", args=[branch.code, quarter.code]),
        ),
    ]


def _plan(request: Request, branch: Unit) -> dict[str, Any]:
    asking = Asking({}, unit=branch, user=request.user, today=clock.today())
    question = asking.question()
    if question is None:
        return {}
    board = dashboard(question, branch)
    return {
        "other_plans": [
            {"plan": plan, "query": address_of(replace(question, plan=plan))}
            for plan in plans_beside(asking.plans, board)
        ],
        "board": board,
        "board_title": _title(board),
        "plan_lines": plan_lines(board.lines),
        "query": address_of(question),
    }


def _title(board: Dashboard) -> str:
    """«Tiến độ 2024»; of a term with its plan's name."""
    plan = board.plan
    if plan.is_of_one_year:
        return _("Progress %(year)s") % {"year": plan.ends_on.year}
    return _("Progress: %(plan)s") % {"plan": plan.title}
