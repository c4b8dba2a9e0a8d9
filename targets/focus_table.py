"""The list of units to focus on: its columns, and what is odd about a unit in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from targets.exports import plain
from targets.focus import DENSITY, FocusRow, GroupGap
from unionplan.lib.numbers import UNKNOWN, percent_text, whole_number
from unionplan.lib.vietnamese import within_a_sentence

if TYPE_CHECKING:
    from unionplan.lib.spreadsheets import Value

NUMBER = {"cell": {"class": "number"}}


class FocusTable(tables.Table):  # type: ignore[misc]
    """Each number opens what it is made of, or the report it comes from."""

    caption = gettext_lazy("Units to focus on")

    unit = tables.Column(verbose_name=gettext_lazy("Unit"))
    outside = tables.Column(verbose_name=gettext_lazy("Workers outside the union"), attrs=NUMBER)
    gap = tables.Column(verbose_name=gettext_lazy("Missing"), attrs=NUMBER)
    status = tables.TemplateColumn(
        template_name="targets/_focus_status.html",
        verbose_name=gettext_lazy("Status of the report"),
        accessor="report",
    )
    density = tables.Column(verbose_name=gettext_lazy("Density"), attrs=NUMBER)
    minimum = tables.Column(
        verbose_name=gettext_lazy("Target"), accessor="binding__minimum", attrs=NUMBER
    )
    share = tables.Column(
        verbose_name=pgettext_lazy("column", "Running share of the gap"), attrs=NUMBER
    )
    in_charge = tables.Column(verbose_name=gettext_lazy("Officer in charge"), empty_values=())

    class Meta:
        attrs = {"class": "table-sticky"}
        orderable = False

    def __init__(self, rows: Iterable[FocusRow], *, query: str) -> None:
        self.query = query
        super().__init__(list(rows))

    def render_unit(self, value: object, record: FocusRow) -> str:
        address = reverse("progress", args=[record.unit.code])
        return format_html('<a href="{}?{}">{}</a>', address, self.query, value)

    def render_outside(self, value: int, record: FocusRow) -> str:
        return format_html('<a href="{}">{}</a>', record.report_url, whole_number(value))

    def render_gap(self, value: int, record: FocusRow) -> str:
        return format_html('<a href="{}">{}</a>', self.calculation(record), whole_number(value))

    def render_density(self, record: FocusRow) -> str:
        return format_html(
            '<a href="{}">{}</a><br><small class="soft">{}/{}</small>',
            self.calculation(record),
            percent_text(record.density, record.binding.minimum),
            whole_number(record.members),
            whole_number(record.workers),
        )

    def render_minimum(self, record: FocusRow) -> str:
        return minimum_text(record)

    def render_share(self, record: FocusRow) -> str:
        return percent_text(record.share)

    def render_in_charge(self, record: FocusRow) -> str:
        return in_charge_text(record) or UNKNOWN

    def calculation(self, row: FocusRow) -> str:
        """«Nguồn và cách tính» of its density."""
        line = urlencode({"indicator": DENSITY, "group": row.binding.group})
        return f"{reverse('source', args=[row.unit.code])}?{self.query}&{line}"


def sheet_of(rows: Iterable[FocusRow]) -> tuple[Sequence[str], Iterator[Sequence[Value]]]:
    """The same list as a file, numbers as numbers."""
    header = (
        _("Unit"),
        _("Code"),
        _("Workers"),
        _("Members"),
        _("Workers outside the union"),
        _("Missing"),
        _("Status of the report"),
        _("To be looked at"),
        _("Density (%)"),
        _("Target (%)"),
        _("Running share of the gap (%)"),
        _("Officer in charge"),
    )
    return header, map(_cells, rows)


def _cells(row: FocusRow) -> Sequence[Value]:
    return (
        str(row.unit),
        row.unit.code,
        row.workers,
        row.members,
        row.outside,
        row.gap,
        status_text(row),
        "; ".join(row.flags),
        plain(row.density),
        plain(row.binding.minimum),
        plain(row.share),
        in_charge_text(row),
    )


# --- words ---------------------------------------------------------------------------------------


def minimum_text(row: FocusRow) -> str:
    return whole_number(row.binding.minimum) + "%"


def in_charge_text(row: FocusRow) -> str:
    return ", ".join(map(str, row.in_charge))


def status_text(row: FocusRow) -> str:
    return _("Suspended") if row.report.is_suspended else str(row.report.get_status_display())


def gap_words(gap: GroupGap) -> str:
    """«Thiếu chung của nhóm doanh nghiệp khác: 212 đoàn viên; cộng riêng từng đơn vị chưa đạt: 318
    đoàn viên»"""
    numbers = {"together": whole_number(gap.together), "apart": whole_number(gap.apart)}
    if gap.is_of_all:
        return (
            _(
                "Missing together: %(together)s members; sum over the single units below: %(apart)s"
                " members"
            )
            % numbers
        )
    words = _(
        "Missing together in the group of %(group)s: %(together)s members; sum over the single"
        " units below: %(apart)s members"
    )
    return words % {"group": group_words(str(gap.line.group)), **numbers}


def group_words(name: str) -> str:
    """«doanh nghiệp khác» of «Các loại hình doanh nghiệp khác», behind «nhóm»."""
    return within_a_sentence(name.removeprefix("Các loại hình ").strip())
