"""The lists of topics, audiences and positions, which an administrator keeps."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from members.actions import Refused
from members.http import Request
from training.forms.lists import list_form
from training.lists import LISTS, keep_list, may_keep_lists


@require_http_methods(["GET", "HEAD", "POST"])
def training_lists(request: Request) -> HttpResponse:
    """Three lists on one page, each saved by itself."""
    if not may_keep_lists(request.user):
        raise PermissionDenied
    saved = request.POST.get("list", "")
    sections: list[dict[str, Any]] = []
    for key, of in LISTS.items():
        is_this = request.method == "POST" and saved == key
        rows, refusal = list_form(request.POST if is_this else None, of), ""
        if is_this and rows.is_valid():
            try:
                keep_list(of, rows.items, removed=rows.removed, by=request.user)
            except Refused as refused:
                refusal = str(refused)
            else:
                messages.success(request, _("Saved: %(list)s.") % {"list": of.title})
                return redirect("training-lists")
        sections.append({"of": of, "rows": rows, "refusal": refusal})
    return render(request, "training/list_edit.html", {"sections": sections})
