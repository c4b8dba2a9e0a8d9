"""Signing in, passwords, accounts and roles."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from members.access import Permission, Role
from members.models import Unit, User
from members.models.accounts import AssignmentQuerySet
from members.roles import Person, roles_to_give
from unionplan.lib.fields import VietnameseDateField
from unionplan.lib.vietnamese import one_line, phone_number, search_text


class LoginForm(AuthenticationForm):
    username = forms.CharField(
        label=_("Telephone number or e-mail"),
        max_length=254,
        widget=forms.TextInput(
            {"autofocus": True, "autocomplete": "username", "autocapitalize": "none"}
        ),
    )
    error_messages = {
        "invalid_login": _(
            "Wrong user name or password. Forgotten: call the officer of your superior union."
        ),
        "inactive": _(
            "Wrong user name or password. Forgotten: call the officer of your superior union."
        ),
    }

    def __init__(self, request: HttpRequest | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["password"].label = _("Password")


class AccountFilter(forms.Form):
    """People of a branch: whatever is typed is looked for in names, numbers and units."""

    q = forms.CharField(label=_("Person or unit"), max_length=100, required=False)
    role = forms.ChoiceField(
        label=_("Role"), required=False, choices=[("", _("All roles")), *Role.choices]
    )
    held = forms.ChoiceField(
        label=_("Held"),
        required=False,
        choices=[("", _("Today")), ("ended", _("Ended")), ("all", _("All"))],
    )

    def apply(self, held: AssignmentQuerySet, *, on: date) -> AssignmentQuerySet:
        asked = self.cleaned_data if self.is_valid() else {}
        if role := asked.get("role"):
            held = held.filter(role=role)
        if asked.get("held") == "ended":
            return held.filter(valid_to__lte=on)
        return held if asked.get("held") == "all" else held.not_ended(on)

    @property
    def words(self) -> list[str]:
        return search_text(self.cleaned_data.get("q", "")).split() if self.is_valid() else []


class RoleForm(forms.Form):
    """A role at a unit of the giver's branch; a unit out of sight is simply unknown."""

    unit = forms.CharField(label=_("Unit code"), max_length=40)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    valid_from = VietnameseDateField(label=_("From day"))

    def __init__(self, *args: Any, giver: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.giver = giver

    def clean_unit(self) -> Unit:
        code = self.cleaned_data["unit"].strip()
        units = Unit.objects.open_to(self.giver, Permission.ACCOUNTS).living()
        found = units.filter(code__iexact=code).first()
        if found is None:
            raise forms.ValidationError(
                _("There is no unit %(code)s among your units."), params={"code": code}
            )
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        unit, role = cleaned.get("unit"), cleaned.get("role")
        if unit and role and role not in roles_to_give(self.giver, unit):
            self.add_error("role", self._why_not(unit, Role(role)))
        return cleaned

    @property
    def given(self) -> dict[str, Any]:
        """What :func:`members.roles.give_role` is told."""
        return {name: self.cleaned_data[name] for name in ("unit", "role", "valid_from")}

    def _why_not(self, unit: Unit, role: Role) -> str:
        if role == Role.CHAIR and unit.is_superior:
            return gettext("Only a grassroots union reports; choose another role for this unit.")
        if role in (Role.REVIEWER, Role.ADMINISTRATOR) and not unit.is_superior:
            return gettext("This role is held at a superior union; choose another for this unit.")
        return gettext("Only an administrator gives this role.")


class AccountForm(RoleForm):
    """A new account with its first role."""

    full_name = forms.CharField(label=_("Full name"), max_length=100)
    phone = forms.CharField(
        label=_("Telephone"),
        max_length=20,
        required=False,
        widget=forms.TextInput({"type": "tel", "autocomplete": "off"}),
        help_text=_("The user name. Without a telephone the e-mail address is."),
    )
    email = forms.EmailField(label=_("E-mail"), max_length=150, required=False)

    field_order = ["full_name", "phone", "email", "unit", "role", "valid_from"]

    def clean_full_name(self) -> str:
        return one_line(self.cleaned_data["full_name"])

    def clean_phone(self) -> str:
        return clean_phone(self.cleaned_data["phone"])

    @property
    def person(self) -> Person:
        facts = self.cleaned_data
        return Person(facts["full_name"], facts["phone"], facts["email"])


class NewPersonForm(forms.Form):
    """Somebody by name and telephone number, which will be the user name."""

    full_name = forms.CharField(label=_("Full name"), max_length=100)
    phone = forms.CharField(
        label=_("Telephone"),
        max_length=20,
        widget=forms.TextInput({"type": "tel", "autocomplete": "off"}),
    )

    def clean_full_name(self) -> str:
        return one_line(self.cleaned_data["full_name"])

    def clean_phone(self) -> str:
        return clean_phone(self.cleaned_data["phone"])

    @property
    def person(self) -> Person:
        return Person(self.cleaned_data["full_name"], self.cleaned_data["phone"])


class NewChairForm(NewPersonForm):
    """The next chair of a unit, and from which day."""

    full_name = forms.CharField(label=_("Full name of the new chair"), max_length=100)
    valid_from = VietnameseDateField(label=_("From day"))


class TypistForm(NewPersonForm):
    may_send = forms.BooleanField(
        label=_("May send the report"),
        required=False,
        help_text=_("Otherwise this person types and saves, and the chair sends."),
    )


class PasswordForm(SetPasswordForm):  # type: ignore[type-arg]
    """The password whoever takes an account will sign in with."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].help_text = _(
            "At least 8 characters, not easy to guess, and neither the name nor the telephone."
        )
        self.fields["new_password2"].help_text = ""


class ForgottenForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email", "autocapitalize": "none"}),
    )


class EndRoleForm(forms.Form):
    valid_to = VietnameseDateField(
        label=_("First day without the role"), help_text=_("The history of the unit stays.")
    )


def clean_phone(typed: str) -> str:
    number = phone_number(typed)
    if typed.strip() and not number:
        raise forms.ValidationError(_("This is no telephone number; write for example 0900000001."))
    return number
