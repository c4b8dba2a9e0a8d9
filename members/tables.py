"""The tables of units and people: columns only, the queryset decides what is in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import django_tables2 as tables
from django.db.models import F
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from members.access import Permission
from members.models import Enterprise, Suspension, Unit, User
from members.signing_off import Board, Row
from members.wording import suspended_words
from unionplan.lib.dates import in_text
from unionplan.lib.numbers import whole_number

if TYPE_CHECKING:
    from members.models.reports import QuarterlyReportQuerySet as Reports


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


class AccountUnitTable(tables.Table):  # type: ignore[misc]
    caption = _("Units by the state of their account")

    name = tables.TemplateColumn(template_name="members/_account_unit.html", verbose_name=_("Unit"))
    chair = tables.TemplateColumn(
        "{% firstof record.chair_name record.contact_name '–' %}", verbose_name=_("Chair")
    )
    phone = tables.TemplateColumn(
        template_name="members/_account_phone.html", verbose_name=_("Telephone")
    )
    link = tables.TemplateColumn(
        template_name="members/_account_link.html", verbose_name=_("Link expires")
    )
    parent = tables.Column(verbose_name=_("Superior union"))

    class Meta:
        attrs = {"class": "table-sticky"}
        orderable = False
        empty_text = _("There is no unit in this state.")

    def __init__(self, *args: Any, state: str, today: date, **kwargs: Any) -> None:
        super().__init__(*args, exclude=() if state == "sent" else ("link",), **kwargs)
        self.may_choose, self.today = state != "taken", today


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
        """Its kind, and whether it rests (read with ``running_suspensions``)."""
        kind = str(capfirst(record.get_kind_display()))
        running: list[Suspension] = getattr(record, "running_suspensions", [])
        return " · ".join([kind, *map(suspended_words, running)])


class LateTable(tables.Table):  # type: ignore[misc]
    """Who has not sent: reports, each with its ``late`` facts (members.reminders)."""

    caption = _("Units that have not sent")

    unit = tables.TemplateColumn(
        template_name="members/_late_unit.html", verbose_name=_("Unit"), empty_values=()
    )
    chair = tables.TemplateColumn(
        "{{ record.late.contact.name|default:'–' }}",
        verbose_name=pgettext_lazy("column", "Chair"),
        orderable=False,
        empty_values=(),
    )
    phone = tables.TemplateColumn(
        template_name="members/_late_phone.html",
        verbose_name=_("Telephone"),
        orderable=False,
        empty_values=(),
    )
    workers = tables.TemplateColumn(
        "{{ record.carried_workers|number }}",
        verbose_name=_("Workers"),
        attrs={"cell": {"class": "number"}},
        initial_sort_descending=True,
        empty_values=(),
    )
    before = tables.TemplateColumn(
        template_name="members/_late_before.html",
        verbose_name=_("Last quarter sent"),
        empty_values=(),
    )
    reminder = tables.TemplateColumn(
        template_name="members/_late_reminder.html",
        verbose_name=_("Last reminder"),
        empty_values=(),
    )

    class Meta:
        attrs = {"class": "table-sticky"}
        empty_text = _("Every unit has sent its report.")

    def order_unit(self, reports: Reports, is_descending: bool) -> tuple[Reports, bool]:
        return _ordered(reports, "unit__sort_key", is_descending)

    def order_workers(self, reports: Reports, is_descending: bool) -> tuple[Reports, bool]:
        return _ordered(reports, "carried_workers", is_descending)

    def order_before(self, reports: Reports, is_descending: bool) -> tuple[Reports, bool]:
        return _ordered(reports, "sent_before_on", is_descending)

    def order_reminder(self, reports: Reports, is_descending: bool) -> tuple[Reports, bool]:
        return _ordered(reports, "reminded_on", is_descending)


BY_UNIT, BY_NAME = ("unit__sort_key", "unit_id"), ("sort_key", "pk")


def _ordered(
    rows: Any, column: str, is_descending: bool, *, names: Sequence[str] = BY_UNIT
) -> tuple[Any, bool]:
    """What is blank counts as least, on every database; equals stand by name."""
    by = F(column).desc(nulls_last=True) if is_descending else F(column).asc(nulls_first=True)
    return rows.order_by(by, *names), True


class ChargeTable(tables.Table):  # type: ignore[misc]
    """Units with the people in charge of them."""

    caption = _("Units and the people in charge")

    name = tables.TemplateColumn(
        template_name="members/_charge_unit.html",
        verbose_name=_("Unit"),
        order_by=("sort_key", "pk"),
    )
    parent = tables.Column(
        verbose_name=_("Superior union"), order_by=("parent__sort_key", "sort_key", "pk")
    )
    sector = tables.Column(
        verbose_name=_("Sector"), order_by=("sector__position", "sort_key", "pk")
    )
    in_charge = tables.Column(verbose_name=_("In charge"), orderable=False, empty_values=())

    class Meta:
        attrs = {"class": "table-sticky"}
        default = "–"
        empty_text = _("No unit fits.")

    people: dict[int, list[User]]  # by id of the unit, of the page that is shown

    def render_in_charge(self, record: Unit) -> str:
        return ", ".join(map(str, self.people.get(record.pk, []))) or "–"


NUMBER = {"cell": {"class": "number"}, "tf": {"class": "number"}}


def _total(name: str) -> Any:
    """The rate of all the rows together, at the foot of its column."""
    return lambda table: table.total.text(name)


class SignOffTable(tables.Table):  # type: ignore[misc]
    """The superior children of a unit: who has signed off, and how they report."""

    caption = _("Sign-off by unit")

    unit = tables.Column(
        verbose_name=_("Unit"),
        linkify=lambda record: reverse("sign-off", args=[record.unit.code, record.quarter.code]),
        footer=lambda table: table.foot,
    )
    signed = tables.TemplateColumn(
        template_name="members/_sign_off_cell.html",
        verbose_name=_("Signed off"),
        accessor="signed_words",
    )
    # of these the page speaks within the cell of the sign-off, a file has columns
    late = tables.Column(
        verbose_name=_("Against the due day"), accessor="late_words", visible=False
    )
    signatory = tables.Column(verbose_name=_("Signatory"), visible=False)
    remark = tables.Column(verbose_name=_("Remark"), visible=False)
    changed = tables.Column(
        verbose_name=_("Changed after the sign-off"), accessor="changed_words", visible=False
    )
    accepted = tables.Column(
        verbose_name=_("Accepted"),
        attrs=NUMBER,
        footer=lambda table: (
            f"{whole_number(table.total.accepted)}/{whole_number(table.total.due)}"
        ),
    )
    missing = tables.TemplateColumn(
        "{{ value|number }}", verbose_name=_("Without a report"), attrs=NUMBER
    )
    on_time = tables.Column(
        verbose_name=_("On time"),
        accessor="rates__on_time_text",
        attrs=NUMBER,
        footer=_total("on_time"),
    )
    complete = tables.Column(
        verbose_name=_("Complete"),
        accessor="rates__complete_text",
        attrs=NUMBER,
        footer=_total("complete"),
    )
    valid = tables.Column(
        verbose_name=_("As required"),
        accessor="rates__valid_text",
        attrs=NUMBER,
        footer=_total("valid"),
    )
    contact = tables.TemplateColumn(
        template_name="members/_sign_off_contact.html",
        verbose_name=_("Telephone"),
        accessor="unit",
    )

    class Meta:
        orderable = False
        default = "–"

    def __init__(self, board: Board) -> None:
        self.total = board.total
        words = ngettext("Total (%(count)s unit)", "Total (%(count)s units)", len(board.rows))
        self.foot = words % {"count": whole_number(len(board.rows))}
        super().__init__(board.rows)

    def render_accepted(self, record: Row) -> str:
        return f"{whole_number(record.accepted)}/{whole_number(record.due)}"

    # What a file says of a cell that is more than a text.

    def value_signed(self, record: Row) -> str:
        return record.signed_words

    def value_missing(self, record: Row) -> int:
        return record.missing

    def value_contact(self, record: Row) -> str:
        return f"{record.unit.contact_name} {record.unit.phone}".strip()


def _union_in_sight(record: Enterprise, table: EnterpriseTable) -> str | None:
    unit = record.responsible_unit
    return unit.get_absolute_url() if table.user.may(Permission.VIEW, unit) else None


class EnterpriseTable(tables.Table):  # type: ignore[misc]
    """Enterprises with the day and the text of their last note (``noted_on``, ``note``)."""

    caption = _("Enterprises")

    name = tables.Column(verbose_name=_("Enterprise"), linkify=True, order_by=("sort_key", "pk"))
    tax_code = tables.Column(verbose_name=_("Tax code"), attrs={"cell": {"class": "nowrap"}})
    sector = tables.Column(
        verbose_name=_("Sector"), order_by=("sector__position", "sort_key", "pk")
    )
    workers = tables.Column(verbose_name=_("Workers"), attrs=NUMBER, initial_sort_descending=True)
    area = tables.Column(verbose_name=_("Area"), order_by=("area", "sort_key", "pk"))
    responsible_unit = tables.Column(
        verbose_name=_("Responsible union"),
        linkify=_union_in_sight,
        order_by=("responsible_unit__sort_key", "sort_key", "pk"),
    )
    in_charge = tables.Column(
        verbose_name=pgettext_lazy("enterprise", "Officer in charge"),
        orderable=False,
        empty_values=(),
    )
    status = tables.Column(verbose_name=_("Status"), orderable=False)
    founded_on = tables.Column(
        verbose_name=pgettext_lazy("enterprise", "Founded"), initial_sort_descending=True
    )
    # on the page the day stands before the text, a file has a column of its own for it
    noted_on = tables.Column(verbose_name=_("Last note on"), visible=False)
    note = tables.Column(verbose_name=_("Last note"), initial_sort_descending=True, empty_values=())

    class Meta:
        attrs = {"class": "table-sticky"}
        default = "–"
        empty_text = _("No enterprise fits.")

    officers: dict[int, list[User]]  # by id of the responsible union, of the rows that are shown

    def __init__(self, *args: Any, user: User, shows_officers: bool, **kwargs: Any) -> None:
        super().__init__(*args, exclude=() if shows_officers else ("in_charge",), **kwargs)
        self.user = user

    def render_workers(self, value: int) -> str:
        return whole_number(value)

    def render_founded_on(self, value: date) -> str:
        return in_text(value)

    def render_note(self, record: Any) -> str:
        """«01/10/2024 · Chủ doanh nghiệp hẹn sang tháng»"""
        day = in_text(record.noted_on) if record.noted_on else ""
        return " · ".join(filter(None, (day, record.note))) or "–"

    def render_in_charge(self, record: Enterprise) -> str:
        return ", ".join(map(str, self.officers.get(record.responsible_unit_id, []))) or "–"

    def render_status(self, record: Enterprise) -> str:
        """Its status, and whether it is only proposed."""
        status = str(capfirst(record.get_status_display()))
        return f"{status} · {_('proposed')}" if record.is_proposed else status

    def order_workers(self, rows: Any, is_descending: bool) -> tuple[Any, bool]:
        return _ordered(rows, "workers", is_descending, names=BY_NAME)

    def order_founded_on(self, rows: Any, is_descending: bool) -> tuple[Any, bool]:
        return _ordered(rows, "founded_on", is_descending, names=BY_NAME)

    def order_note(self, rows: Any, is_descending: bool) -> tuple[Any, bool]:
        return _ordered(rows, "noted_on", is_descending, names=BY_NAME)

    # What a file says: numbers and days as themselves, a blank for what is not known.

    def value_workers(self, record: Enterprise) -> int | None:
        return record.workers

    def value_founded_on(self, record: Enterprise) -> date | None:
        return record.founded_on

    def value_noted_on(self, record: Any) -> date | None:
        day: date | None = record.noted_on
        return day

    def value_note(self, record: Any) -> str:
        return record.note or ""
