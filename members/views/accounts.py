"""Signing in, and the accounts of a branch."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from axes.helpers import get_cool_off
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from members.access import Permission
from members.actions import Refused
from members.forms.accounts import AccountFilter, AccountForm, EndRoleForm, LoginForm, RoleForm
from members.handing_over import open_hand_overs
from members.http import Request
from members.inviting import AccountState, account_counts, units_to_invite
from members.links import MadeLink, make_link, spend_links
from members.models import Assignment, LinkPurpose, Unit, User
from members.roles import (
    accounts_open_to,
    create_account,
    end_role,
    give_role,
    holders,
    may_manage,
    roles_to_give,
    set_active,
)
from members.tables import AccountTable
from members.views.links import account_states, shown
from unionplan.lib import clock
from unionplan.lib.dates import in_text
from unionplan.lib.tables import sort_and_page


def demo_accounts() -> list[Assignment]:
    """The accounts of the demo, for its login page: nowhere else is a password ever shown."""
    if not settings.DEMO:
        return []
    held = Assignment.objects.on(clock.today()).filter(user__username__startswith="demo.")
    return list(held.select_related("user", "unit").order_by("unit__path", "role", "pk"))


login = LoginView.as_view(
    template_name="members/login.html",
    authentication_form=LoginForm,
    redirect_authenticated_user=True,
    extra_context={"demo_accounts": demo_accounts, "demo_password": settings.DEMO_PASSWORD},
)
logout = LogoutView.as_view()


@sensitive_post_parameters()
def password_change(request: Request) -> HttpResponse:
    form = PasswordChangeForm(request.user, request.POST or None)
    if form.is_valid():
        update_session_auth_hash(request, form.save())
        spend_links(request.user)
        messages.success(request, _("Your password is changed."))
        return redirect("home")
    return render(request, "members/account_password.html", {"form": form})


def locked_out(
    request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any] | None
) -> HttpResponse:
    """Too many wrong passwords for this name from this address."""
    pause = get_cool_off(request) or timedelta(hours=1)
    minutes = -(-int(pause.total_seconds()) // 60)
    return render(request, "members/login_locked.html", {"minutes": minutes}, status=429)


# --- the accounts of a branch --------------------------------------------------------------------


def account_list(request: Request) -> HttpResponse:
    _require_accounts(request.user)
    form = AccountFilter(request.GET)
    units = Unit.objects.open_to(request.user, Permission.ACCOUNTS)
    held = form.apply(Assignment.objects.filter(unit__in=units), on=clock.today())
    table = AccountTable(holders(held, form.words))
    sort_and_page(table, request)
    today = clock.today()
    counts = account_counts(units_to_invite(request.user, on=today), on=today)
    facts = {
        "form": form,
        "table": table,
        "states": account_states(counts),
        "uninvited": counts[AccountState.NONE],
        "hand_overs": open_hand_overs(request.user),
    }
    return render(request, "members/account_list.html", facts)


@never_cache
def account_new(request: Request) -> HttpResponse:
    """The link is shown once, on the answer itself; the password is its holder's own."""
    _require_accounts(request.user)
    initial = {"valid_from": clock.today(), "unit": request.GET.get("unit", "")}
    form = AccountForm(request.POST or None, initial=initial, giver=request.user)
    if form.is_valid():
        try:
            made = _new_account(form, by=request.user)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            back = reverse("account-detail", args=[made.link.user_id])
            return shown(request, made, title=_("New account"), back=back)
    return render(request, "members/account_new.html", {"form": form})


@transaction.atomic
def _new_account(form: AccountForm, *, by: User) -> MadeLink:
    given = create_account(form.person, by=by, **form.given)
    return make_link(given.user, given.unit, LinkPurpose.INVITATION, by=by)


def account_detail(request: Request, pk: int) -> HttpResponse:
    account = _account(request, pk)
    units = Unit.objects.open_to(request.user, Permission.ACCOUNTS)
    held = account.assignments.filter(unit__in=units).select_related("unit")
    facts = {
        "account": account,
        "held": [
            (role, role.valid_to is None and _may_end(request.user, role))
            for role in held.order_by("-valid_from", "pk")
        ],
        "is_managed": may_manage(request.user, account),
    }
    return render(request, "members/account_detail.html", facts)


def role_new(request: Request, pk: int) -> HttpResponse:
    account = _account(request, pk)
    initial = {"valid_from": clock.today()}
    form = RoleForm(request.POST or None, initial=initial, giver=request.user)
    if form.is_valid():
        try:
            give_role(account, by=request.user, **form.given)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The role is given."))
            return redirect("account-detail", account.pk)
    return render(request, "members/role_new.html", {"form": form, "account": account})


def role_end(request: Request, pk: int) -> HttpResponse:
    """The chair ends the role of the second person who types, all others are ended from above."""
    user = request.user
    if not (user.may_somewhere(Permission.ACCOUNTS) or user.may_somewhere(Permission.STAFF)):
        raise PermissionDenied
    units = Unit.objects.open_to(user, Permission.ACCOUNTS)
    staffed = Unit.objects.open_to(user, Permission.STAFF)
    held = Assignment.objects.filter(Q(unit__in=units) | Q(unit__in=staffed))
    assignment = get_object_or_404(held.select_related("user", "unit"), pk=pk)
    if not _may_end(user, assignment):
        raise PermissionDenied
    form = EndRoleForm(request.POST or None, initial={"valid_to": clock.today()})
    if form.is_valid():
        try:
            end_role(assignment, on=form.cleaned_data["valid_to"], by=request.user)
        except Refused as refused:
            form.add_error("valid_to", str(refused))
        else:
            messages.success(request, _role_ended(assignment, form.cleaned_data["valid_to"]))
            return redirect(_after(assignment, user))
    facts = {"form": form, "assignment": assignment, "back": _after(assignment, user)}
    return render(request, "members/role_end.html", facts)


def _after(assignment: Assignment, user: User) -> str:
    if user.may(Permission.ACCOUNTS, assignment.unit):
        return reverse("account-detail", args=[assignment.user_id])
    return assignment.unit.get_absolute_url()


@require_POST
def account_close(request: Request, pk: int) -> HttpResponse:
    account = _managed_account(request, pk)
    set_active(account, is_active=False, by=request.user)
    messages.success(request, _("The account is closed; the history stays."))
    return redirect("account-detail", account.pk)


@require_POST
def account_reopen(request: Request, pk: int) -> HttpResponse:
    account = _managed_account(request, pk)
    set_active(account, is_active=True, by=request.user)
    messages.success(request, _("The account is open again."))
    return redirect("account-detail", account.pk)


def _require_accounts(user: User) -> None:
    if not user.may_somewhere(Permission.ACCOUNTS):
        raise PermissionDenied


def _account(request: Request, pk: int) -> User:
    _require_accounts(request.user)
    return get_object_or_404(accounts_open_to(request.user), pk=pk)


def _managed_account(request: Request, pk: int) -> User:
    account = _account(request, pk)
    if not may_manage(request.user, account):
        raise PermissionDenied
    return account


def _may_end(user: User, assignment: Assignment) -> bool:
    return user != assignment.user and assignment.role in roles_to_give(user, assignment.unit)


def _role_ended(assignment: Assignment, valid_to: date) -> str:
    return _("The rights of %(person)s end on %(day)s; the history of the unit stays.") % {
        "person": assignment.user,
        "day": in_text(valid_to),
    }
