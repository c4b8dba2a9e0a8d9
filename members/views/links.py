"""Taking an account by a one-time link, and everything that gives such a link out."""

from __future__ import annotations

import logging
from smtplib import SMTPException

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.mail import send_mail
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.access import Permission, Role
from members.actions import Refused
from members.forms.accounts import ForgottenForm, NewChairForm, PasswordForm, TypistForm
from members.handing_over import (
    add_typist,
    ask_hand_over,
    change_chair,
    confirm_hand_over,
    current_hand_over,
    refuse_hand_over,
)
from members.http import Request
from members.invitations import (
    Address,
    File,
    file_of,
    left_out_words,
    made_words,
    text_of,
    whom_to_call,
)
from members.inviting import (
    AccountState,
    Invited,
    account_counts,
    in_account_state,
    invite_chairs,
    units_to_invite,
)
from members.links import (
    MadeLink,
    Standing,
    find_link,
    make_link,
    make_link_for_forgotten,
    standing,
    use_link,
)
from members.models import Assignment, HandOver, LinkPurpose, OneTimeLink, Unit, User
from members.roles import accounts_open_to, guide_of, may_manage, roles_to_give
from members.tables import AccountUnitTable
from unionplan.lib import clock
from unionplan.lib.dates import in_text
from unionplan.lib.downloads import XLSX, attached
from unionplan.lib.numbers import whole_number
from unionplan.lib.tables import sort_and_page

BACKEND = "members.signin.PhoneOrEmailBackend"
GONE = 410
log = logging.getLogger(__name__)


# --- taking an account ---------------------------------------------------------------------------


@login_not_required
@never_cache
@sensitive_variables("token")
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Zalo opens every link for a preview: only the password uses it up."""
    found = find_link(token)
    if found is None:
        return _over(request, None)
    state = standing(found, on=clock.today())
    if state != Standing.WORKS:
        return _over(request, found, is_used=state == Standing.USED)
    form = PasswordForm(found.user, request.POST or None)
    if form.is_valid():
        try:
            user = use_link(token, form.cleaned_data["new_password1"])
        except Refused:
            found.refresh_from_db()
            return _over(request, found, is_used=found.used_at is not None)
        login(request, user, backend=BACKEND)
        return redirect("home")
    is_new = found.purpose != LinkPurpose.PASSWORD
    facts = {"form": form, "unit": found.unit, "account": found.user, "is_new": is_new}
    return render(request, "members/link.html", facts)


def _over(
    request: HttpRequest, found: OneTimeLink | None, *, is_used: bool = False
) -> HttpResponse:
    unit = found.unit if found else None
    guide = guide_of(unit, on=clock.today()) if unit else None
    facts = {"is_used": is_used, "whom": whom_to_call(guide)}
    status = GONE if found else 404
    return render(request, "members/link_over.html", facts, status=status)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def password_forgot(request: HttpRequest) -> HttpResponse:
    """The answer is the same whether the address has an account or not."""
    if not settings.EMAIL_CONFIGURED:
        return render(request, "members/link_forgot.html", {"form": None})
    form = ForgottenForm(request.POST or None)
    is_asked = form.is_valid()
    if is_asked:
        made = make_link_for_forgotten(form.cleaned_data["email"])
        if made is not None:
            _send(made, _address(request))
    return render(request, "members/link_forgot.html", {"form": form, "is_asked": is_asked})


def _send(made: MadeLink, address: Address) -> None:
    user = made.link.user
    facts = {
        "person": user,
        "day": in_text(made.link.expires_on),
        "link": address(made.token),
    }
    words = _(
        "Comrade %(person)s,\n\nopen this link before %(day)s to set a new password:\n\n%(link)s"
        "\n\nIf you did not ask for it, nothing needs to be done.\n"
    )
    try:
        send_mail(_("Set a new password"), words % facts, None, [user.email])
    except (SMTPException, OSError) as error:  # and not its text, which may quote the letter
        log.error("A letter with a link could not be sent: %s", type(error).__name__)


# --- links for many units ------------------------------------------------------------------------


@require_safe
def account_units(request: Request) -> HttpResponse:
    """The units by the state of their chair's account."""
    _require_accounts(request.user)
    today, asked = clock.today(), request.GET.get("state", "")
    state = asked if asked in AccountState.values else AccountState.NONE.value
    units = units_to_invite(request.user, on=today)
    counts = account_counts(units, on=today)
    rows = in_account_state(units, state, on=today)
    table = AccountUnitTable(rows.select_related("parent").by_name(), state=state, today=today)
    sort_and_page(table, request)
    facts = {
        "table": table,
        "states": account_states(counts, current=state),
        "may_choose": state != AccountState.TAKEN and counts[state] > 0,
        "title": f"{AccountState(state).label} ({whole_number(counts[state])})",
    }
    return render(request, "members/account_units.html", facts)


def account_states(counts: dict[str, int], *, current: str = "") -> list[dict[str, object]]:
    """«Chưa có 1.280 · Đã gửi đường dẫn 0 · Đã nhận 0», each with its address."""
    address = reverse("account-units")
    return [
        {
            "url": f"{address}?state={state}",
            "label": AccountState(state).label,
            "number": counts[state],
            "is_current": state == current,
        }
        for state in AccountState.values
    ]


@never_cache
@require_POST
def account_links(request: Request) -> HttpResponse:
    """Links for all units without an account, or for those that were ticked: as a file, for what
    it holds is known only now."""
    _require_accounts(request.user)
    today = clock.today()
    units = units_to_invite(request.user, on=today)
    if "chosen" in request.POST:
        units = units.filter(code__in=request.POST.getlist("units"))
    else:
        units = in_account_state(units, AccountState.NONE, on=today)
    try:
        invited = invite_chairs(units, on=today, by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("account-list")
    _say(request, invited)
    if not invited.invitations:
        return redirect("account-list")
    return _download(file_of(invited, _address(request)))


def _say(request: Request, invited: Invited) -> None:
    if invited.invitations:
        expires_on = invited.invitations[0].made.link.expires_on
        messages.success(request, made_words(len(invited.invitations), expires_on))
    if invited.left_out:
        messages.warning(request, left_out_words(invited.left_out))
    if not invited.invitations and not invited.left_out:
        messages.info(request, _("There is no unit to make a link for."))


def _download(file: File) -> HttpResponse:
    return attached(file.content, "application/zip" if file.is_archive else XLSX, file.name)


# --- a link for one person -----------------------------------------------------------------------


@never_cache
@require_POST
def account_link(request: Request, pk: int) -> HttpResponse:
    """«Cấp lại đường dẫn đăng nhập»"""
    user = request.user
    if not (user.may_somewhere(Permission.ACCOUNTS) or user.may_somewhere(Permission.STAFF)):
        raise PermissionDenied
    account = get_object_or_404(accounts_open_to(user), pk=pk)
    if not may_manage(user, account):
        raise PermissionDenied
    unit = _unit_of(account, user)
    if unit is None or not account.is_active:
        messages.error(request, _("Only somebody with an open account and a role gets a link."))
        return redirect("home")
    is_taken = account.has_usable_password()
    purpose = LinkPurpose.PASSWORD if is_taken else LinkPurpose.INVITATION
    made = make_link(account, unit, purpose, by=user)
    return shown(request, made, title=_("Link to sign in again"), back=unit.get_absolute_url())


def _unit_of(account: User, user: User) -> Unit | None:
    """In whose name the link is made: a unit in sight where the person holds a role."""
    units = Unit.objects.open_to(user, Permission.VIEW)
    held = Assignment.objects.filter(user=account, unit__in=units).not_ended(clock.today())
    found = held.select_related("unit__parent").order_by("unit__path", "pk").first()
    return found.unit if found else None


def shown(request: Request, made: MadeLink, *, title: str, back: str) -> HttpResponse:
    """The link with its ready text, on the answer itself: it is shown only now."""
    address = _address(request)
    facts = {
        "title": title,
        "link": made.link,
        "address": address(made.token),
        "text": text_of(made, address),
        "back": back,
    }
    return render(request, "members/link_shown.html", facts)


# --- the people of a unit ------------------------------------------------------------------------


@never_cache
def chair_change(request: Request, code: str) -> HttpResponse:
    unit = _reporting_unit(request, code)
    _require_giving(request.user, unit, Role.CHAIR)
    form = NewChairForm(request.POST or None, initial={"valid_from": clock.today()})
    if form.is_valid():
        day = form.cleaned_data["valid_from"]
        try:
            changed = change_chair(unit, form.person, valid_from=day, by=request.user)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _chair_words(changed.before, changed.chair, day))
            if changed.made is None:
                messages.info(request, _signs_in_words(changed.chair))
                return redirect(unit)
            title = _("Change of chair")
            return shown(request, changed.made, title=title, back=unit.get_absolute_url())
    facts = {"form": form, "unit": unit, "chairs": _chairs(unit)}
    return render(request, "members/link_chair.html", facts)


@never_cache
def typist_new(request: Request, code: str) -> HttpResponse:
    unit = _reporting_unit(request, code)
    _require_giving(request.user, unit, Role.TYPIST)
    form = TypistForm(request.POST or None)
    if form.is_valid():
        may_send = form.cleaned_data["may_send"]
        try:
            made = add_typist(unit, form.person, may_send=may_send, by=request.user)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            person = form.cleaned_data["full_name"]
            messages.success(request, _("%(person)s may type the report.") % {"person": person})
            if made is None:
                return redirect(unit)
            title = _("Add a second person who types")
            return shown(request, made, title=title, back=unit.get_absolute_url())
    return render(request, "members/link_typist.html", {"form": form, "unit": unit})


@never_cache
def hand_over(request: Request, code: str) -> HttpResponse:
    """The chair asks; whoever gives the role of the chair confirms or refuses."""
    unit = _reporting_unit(request, code)
    asked = current_hand_over(unit)
    if Role.CHAIR in roles_to_give(request.user, unit):
        return _settle_hand_over(request, unit, asked)
    request.user.require(Permission.STAFF, unit)
    if request.POST.get("action") == "refuse" and asked is not None:
        return _refuse_hand_over(request, asked)
    form = NewChairForm(request.POST or None, initial={"valid_from": clock.today()})
    if form.is_valid():
        day = form.cleaned_data["valid_from"]
        try:
            ask_hand_over(unit, form.person, valid_from=day, by=request.user)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(
                request,
                _("The superior union is told. Your account works until the new chair takes over."),
            )
            return redirect(unit)
    facts = {"form": form, "unit": unit, "asked": asked}
    return render(request, "members/link_hand_over.html", facts)


def _settle_hand_over(request: Request, unit: Unit, asked: HandOver | None) -> HttpResponse:
    action = request.POST.get("action")
    if asked is not None and action == "refuse":
        return _refuse_hand_over(request, asked)
    if asked is not None and action == "confirm":
        try:
            made = confirm_hand_over(asked, by=request.user)
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect("hand-over", unit.code)
        return shown(request, made, title=_("Hand-over"), back=unit.get_absolute_url())
    facts = {"unit": unit, "asked": asked}
    return render(request, "members/link_hand_over_settle.html", facts)


def _refuse_hand_over(request: Request, asked: HandOver) -> HttpResponse:
    try:
        refuse_hand_over(asked, by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The hand-over does not take place."))
    return redirect(asked.unit)


def _chair_words(before: User | None, chair: User, day: object) -> str:
    facts = {"person": before or chair, "day": in_text(day)}  # type: ignore[arg-type]
    if before is None:
        return _("%(person)s is the chair from %(day)s.") % facts
    return _("The rights of %(person)s end on %(day)s; the history of the unit stays.") % facts


def _signs_in_words(user: User) -> str:
    return _("%(person)s has an account and signs in as before.") % {"person": user}


def _chairs(unit: Unit) -> list[Assignment]:
    held = Assignment.objects.filter(unit=unit, role=Role.CHAIR).not_ended(clock.today())
    return list(held.select_related("user").order_by("valid_from", "pk"))


def _reporting_unit(request: Request, code: str) -> Unit:
    units = Unit.objects.open_to(request.user, Permission.VIEW).reporting().living()
    return get_object_or_404(units.select_related("parent"), code=code)


def _require_giving(user: User, unit: Unit, role: Role) -> None:
    if role not in roles_to_give(user, unit):
        raise PermissionDenied


def _require_accounts(user: User) -> None:
    if not user.may_somewhere(Permission.ACCOUNTS):
        raise PermissionDenied


def _address(request: HttpRequest) -> Address:
    return lambda token: request.build_absolute_uri(reverse("link", args=[token]))
