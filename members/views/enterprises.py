"""The register of enterprises: the list, one enterprise, founding a union there."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members import enterprises
from members.access import Permission
from members.actions import Refused
from members.enterprises import officers_of
from members.forms.enterprises import (
    EnterpriseFilter,
    EnterpriseForm,
    FoundingForm,
    LinkForm,
    NoteForm,
    ProposalForm,
    RefuseForm,
)
from members.http import Request
from members.models import Enterprise, EnterpriseNote, Unit, User
from members.models.enterprises import EnterpriseQuerySet
from members.tables import EnterpriseTable
from unionplan.lib import clock
from unionplan.lib.downloads import TABLE_FORMATS, table_file
from unionplan.lib.tables import sort_and_page

PAGE = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def enterprise_list(request: Request) -> HttpResponse:
    """What is in sight; a file holds exactly the rows that are shown, of all pages."""
    user = request.user
    seen = Enterprise.objects.visible_to(user)
    form = EnterpriseFilter(request.GET, user=user, seen=seen)
    rows = _with_last_note(form.apply(seen)).order_by(
        F("workers").desc(nulls_last=True), "sort_key", "pk"
    )
    table = EnterpriseTable(
        rows.select_related("sector", "responsible_unit", "unit"),
        user=user,
        shows_officers=form.is_without_union,
    )
    sort_and_page(table, request)
    format_ = request.GET.get("format", "")
    is_file = format_ in TABLE_FORMATS
    if form.is_without_union:
        shown = table.rows if is_file else table.page.object_list
        table.officers = officers_of((row.record for row in shown), on=clock.today())
    if is_file:
        header, *lines = table.as_values()
        return table_file(header, lines, format_, name=f"doanh-nghiep-{clock.today():%Y-%m-%d}")
    facts = {
        "form": form,
        "table": table,
        "is_upper": user.has_branch,
        "is_empty": not table.paginator.count and not seen.exists(),
        "may_keep": user.may_somewhere(Permission.ENTERPRISES),
        "may_propose": _may_propose(user),
    }
    return render(request, "members/enterprise_list.html", facts)


def enterprise_new(request: Request) -> HttpResponse:
    """Whoever keeps the register adds one; a grassroots chair proposes one."""
    user = request.user
    if user.may_somewhere(Permission.ENTERPRISES):
        return _add(request)
    if _may_propose(user):
        return _propose(request)
    raise PermissionDenied


def _add(request: Request) -> HttpResponse:
    unit = Unit.objects.open_to(request.user, Permission.ENTERPRISES).order_by("path").first()
    form = EnterpriseForm(
        request.POST or None, user=request.user, initial={"responsible_unit": unit}
    )
    if form.is_valid():
        enterprise = Enterprise(**form.cleaned_data)
        try:
            enterprises.add_enterprises([enterprise], by=request.user)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("%(enterprise)s is added.") % {"enterprise": enterprise})
            return redirect(enterprise)
    return render(request, "members/enterprise_new.html", {"form": form, "is_proposal": False})


def _propose(request: Request) -> HttpResponse:
    form = ProposalForm(request.POST or None, user=request.user)
    if form.is_valid():
        facts = {name: value for name, value in form.cleaned_data.items() if name != "unit"}
        try:
            made = enterprises.propose(Enterprise(**facts), form.unit_chosen, by=request.user)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            words = _("%(enterprise)s is proposed to %(unit)s.")
            facts = {"enterprise": made, "unit": made.responsible_unit}
            messages.success(request, words % facts)
            return redirect(made)
    return render(request, "members/enterprise_new.html", {"form": form, "is_proposal": True})


@PAGE
def enterprise_detail(request: Request, pk: int) -> HttpResponse:
    """What is known and what was done; a note is written below."""
    enterprise = _enterprise(request.user, pk)
    may_keep = request.user.may(Permission.ENTERPRISES, enterprise.responsible_unit)
    form = NoteForm(request.POST or None, initial=_proposed_note(enterprise))
    if request.method == "POST":
        if not may_keep:
            raise PermissionDenied
        if form.is_valid():
            try:
                enterprises.note_on(enterprise, **form.cleaned_data, by=request.user)
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, _("The note is saved."))
                return redirect(enterprise)
    return _page(request, enterprise, note=form)


def _proposed_note(enterprise: Enterprise) -> dict[str, Any]:
    return {"day": clock.today(), "status": enterprise.status}


def _page(request: Request, enterprise: Enterprise, **forms: Any) -> HttpResponse:
    user = request.user
    may_keep = user.may(Permission.ENTERPRISES, enterprise.responsible_unit)
    is_open = may_keep and not enterprise.is_proposed and not enterprise.has_union
    unit = enterprise.responsible_unit
    officers = officers_of([enterprise], on=clock.today()).get(unit.pk, [])
    sees_unit = user.may(Permission.VIEW, unit)
    facts = {
        "enterprise": enterprise,
        "notes": enterprise.notes.select_related("by").order_by("-day", "-at", "-pk"),
        "officers": ", ".join(map(str, officers)) if sees_unit else "",
        "sees_unit": sees_unit,
        "sees_union": enterprise.unit and user.may(Permission.VIEW, enterprise.unit),
        "may_keep": may_keep,
        "may_decide": may_keep and enterprise.is_proposed,
        "may_note": is_open,
        "note": NoteForm(initial=_proposed_note(enterprise)),
        "refuse": RefuseForm(),
        **forms,
    }
    return render(request, "members/enterprise_detail.html", facts)


def enterprise_edit(request: Request, pk: int) -> HttpResponse:
    """Another responsible union is chosen here too."""
    enterprise = _enterprise_to_keep(request.user, pk)
    form = EnterpriseForm(
        request.POST or None,
        user=request.user,
        but=enterprise.pk,
        initial=EnterpriseForm.facts_of(enterprise),
    )
    if form.is_valid():
        try:
            enterprises.change_enterprises({enterprise: form.cleaned_data}, by=request.user)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The enterprise is saved."))
            return redirect(enterprise)
    facts = {"form": form, "enterprise": enterprise}
    return render(request, "members/enterprise_edit.html", facts)


@PAGE
def enterprise_found(request: Request, pk: int) -> HttpResponse:
    """«Thành lập công đoàn» in one step, or the union that is there already."""
    enterprise = _enterprise_to_keep(request.user, pk)
    is_linking = request.POST.get("action") == "link"
    data = request.POST if request.method == "POST" else None
    link = LinkForm(data if is_linking else None, user=request.user)
    founding = FoundingForm(
        None if is_linking else data,
        user=request.user,
        enterprise=enterprise,
        initial=_proposed_union(enterprise),
    )
    form = link if is_linking else founding
    if form.is_valid():
        try:
            words = (_link if is_linking else _found)(enterprise, form, request.user)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, words)
            return redirect(enterprise)
    facts = {"enterprise": enterprise, "form": founding, "link": link}
    return render(request, "members/enterprise_found.html", facts)


def _proposed_union(enterprise: Enterprise) -> dict[str, Any]:
    return {
        "name": _("Grassroots union of %(enterprise)s") % {"enterprise": enterprise},
        "founded_on": clock.today(),
        "parent": enterprise.responsible_unit,
    }


def _found(enterprise: Enterprise, form: Any, user: User) -> str:
    asked = form.cleaned_data
    union = enterprises.found(
        enterprise,
        form.union,
        decision_no=asked["decision_no"],
        is_from_below=asked["is_from_below"],
        by=user,
    )
    return _(
        "%(unit)s is founded. Opening members 0; its first members go under Newly admitted."
    ) % {"unit": union}


def _link(enterprise: Enterprise, form: Any, user: User) -> str:
    union, is_from_below = form.cleaned_data["unit"], form.cleaned_data["is_from_below"]
    enterprises.link(enterprise, union, is_from_below=is_from_below, by=user)
    words = _("%(enterprise)s is linked with %(unit)s.")
    return words % {"enterprise": enterprise, "unit": union}


@require_POST
def enterprise_take_up(request: Request, pk: int) -> HttpResponse:
    enterprise = _enterprise_to_keep(request.user, pk)
    try:
        enterprises.take_up(enterprise, by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("%(enterprise)s is taken up.") % {"enterprise": enterprise})
    return redirect(enterprise)


@require_POST
def enterprise_refuse(request: Request, pk: int) -> HttpResponse:
    enterprise = _enterprise_to_keep(request.user, pk)
    form = RefuseForm(request.POST)
    if not form.is_valid():
        return _page(request, enterprise, refuse=form)
    try:
        enterprises.refuse_proposal(enterprise, reason=form.cleaned_data["reason"], by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(enterprise)
    messages.success(request, _("%(enterprise)s is not taken up.") % {"enterprise": enterprise})
    return redirect("enterprise-list")


def _enterprise(user: User, pk: int) -> Enterprise:
    seen = Enterprise.objects.visible_to(user)
    known = seen.select_related("sector", "responsible_unit", "unit", "proposed_by", "added_by")
    return get_object_or_404(known, pk=pk)


def _enterprise_to_keep(user: User, pk: int) -> Enterprise:
    enterprise = _enterprise(user, pk)
    user.require(Permission.ENTERPRISES, enterprise.responsible_unit)
    return enterprise


def _may_propose(user: User) -> bool:
    """A superuser keeps the register and proposes nothing."""
    return not user.is_superuser and user.may_somewhere(Permission.PROPOSE)


def _with_last_note(found: EnterpriseQuerySet) -> EnterpriseQuerySet:
    notes = EnterpriseNote.objects.filter(enterprise=OuterRef("pk")).order_by("-day", "-at", "-pk")
    return found.annotate(
        noted_on=Subquery(notes.values("day")[:1]), note=Subquery(notes.values("text")[:1])
    )
