"""The tables of units and people: columns only, the queryset decides what is in them."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from members.access import Permission
from members.models import Unit, User


class AccountTable(tables.Table):  # type: ignore[misc]
    caption = _("Accounts")

    person = tables.TemplateColumn(
        template_name="members/_account_person.html", verbose_name=_("Person")
    )
    login = tables.TemplateColumn(
        template_name="members/_account_login.html", verbose_name=_("Signs in with")
    )
    unit_name = tables.Column(
        verbose_name=_("Unit"), linkify=("unit-detail", [tables.A("unit_code")])
    )
    role_label = tables.Column(verbose_name=_("Role"))
    valid_from = tables.TemplateColumn("{{ value|day }}", verbose_name=_("From"))
    valid_to = tables.TemplateColumn("{{ value|day }}", verbose_name=_("No longer from"))

    class Meta:
        attrs = {"class": "table-sticky"}
        orderable = False
        empty_text = _("There are no accounts that fit.")


def _superior_in_sight(value: Unit, table: UnitTable) -> str | None:
    """Above their own branch people read a name, and find no door that answers 404."""
    return value.get_absolute_url() if table.user.may(Permission.VIEW, value) else None


class UnitTable(tables.Table):  # type: ignore[misc]
    caption = _("Units")

    name = tables.Column(verbose_name=_("Unit"), linkify=True, order_by=("sort_key", "pk"))
    code = tables.Column(verbose_name=_("Code"))
    kind = tables.Column(verbose_name=_("Kind"))
    parent = tables.Column(
        verbose_name=_("Superior union"),
        linkify=_superior_in_sight,
        order_by=("parent__sort_key", "sort_key", "pk"),
    )
    sector = tables.Column(
        verbose_name=_("Sector"), order_by=("sector__position", "sort_key", "pk")
    )
    contact = tables.TemplateColumn(
        template_name="members/_unit_contact.html", verbose_name=_("Contact"), orderable=False
    )

    class Meta:
        attrs = {"class": "table-sticky"}
        default = "–"
        empty_text = _("No unit fits.")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def render_kind(self, record: Unit) -> str:
        return str(capfirst(record.get_kind_display()))
