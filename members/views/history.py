"""Who changed what, when, from what to what, and why: of everything in sight."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from members.forms.history import HistoryFilter
from members.http import Request
from members.journal import HEADER, before, journal, most_rows_words, rows
from members.models import HistoryEntry
from unionplan.lib import clock
from unionplan.lib.downloads import TABLE_FORMATS, table_file

SHOWN = 50


@require_safe
def history(request: Request) -> HttpResponse:
    """A page holds the lines behind the one it is asked from: to count millions would cost more
    than to read them, and new lines shift no page."""
    form = HistoryFilter(request.GET, user=request.user)
    seen = HistoryEntry.objects.visible_to(request.user)
    found = form.apply(seen).select_related("unit").newest_first()
    format_ = request.GET.get("format")
    if format_ in TABLE_FORMATS:
        name = f"nhat-ky-{clock.today():%Y-%m-%d}"
        return table_file([str(heading) for heading in HEADER], rows(found), format_, name=name)
    asked_from = request.GET.get("before", "")
    last = (
        seen.filter(pk=asked_from).first()
        if asked_from.isdecimal() and len(asked_from) < 19
        else None
    )
    page = journal(before(found, last)[: SHOWN + 1])
    facts = {
        "form": form,
        "lines": page[:SHOWN],
        "older": page[SHOWN - 1].entry.pk if len(page) > SHOWN else None,
        "is_first": last is None,
        "is_filtered": any(request.GET.get(name) for name in form.fields),
        "most_rows": most_rows_words(),
    }
    return render(request, "members/history.html", facts)
