"""«Thiết lập ban đầu»."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from members.http import Request
from targets.setup import State, mark_starting_figures, may_set_up, steps
from unionplan.lib import clock


def setup(request: Request) -> HttpResponse:
    """Six steps, each of which can be left and taken up again."""
    if not may_set_up(request.user):
        raise PermissionDenied
    if request.method == "POST":
        mark_starting_figures(request.user)
        messages.success(request, _("Starting figures: done."))
        return redirect("setup")
    six = steps(request.user, on=clock.today())
    following = next((step for step in six if step.links and step.state != State.DONE), None)
    return render(request, "targets/setup.html", {"steps": six, "following": following})
