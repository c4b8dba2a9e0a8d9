"""The branch table «Theo đơn vị»: declares columns; rows come from the dashboard."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from members.signing_off import signed_on_words
from targets.dashboards import BranchRow, Dashboard
from targets.wording import target_text
from unionplan.lib.numbers import UNKNOWN, percent_text, points, whole_number

NUMBER = {"cell": {"class": "number"}, "tf": {"class": "number"}}


def total_words(count: int) -> str:
    """«Tổng cộng (40 đơn vị)»."""
    words = ngettext("Total (%(count)s unit)", "Total (%(count)s units)", count)
    return words % {"count": whole_number(count)}


def total_of(write: Any) -> Any:
    """The figure of the whole branch, at the foot of its column."""

    def footer(bound_column: Any, table: BranchTable) -> str:
        return "" if table.is_filtered else write(getattr(table.board.total, bound_column.name))

    return footer


class FigureColumn(tables.Column):  # type: ignore[misc]
    """A number that opens what it is made of."""

    def __init__(self, *args: Any, write: Any = whole_number, **kwargs: Any) -> None:
        self.write = write
        super().__init__(*args, attrs=NUMBER, empty_values=(), footer=total_of(write), **kwargs)

    def render(self, value: Any, record: BranchRow, table: BranchTable) -> str:
        return format_html('<a href="{}">{}</a>', table.source_of(record), self.write(value))


class BranchTable(tables.Table):  # type: ignore[misc]
    """A row a child; the unit itself is the total at the foot."""

    unit = tables.Column(
        verbose_name=gettext_lazy("Unit"),
        order_by=("unit__sort_key",),
        footer=lambda table: table.foot,
    )
    workers = FigureColumn(verbose_name=gettext_lazy("Workers"))
    members = FigureColumn(verbose_name=gettext_lazy("Members"))
    density = FigureColumn(verbose_name=gettext_lazy("Density"), write=percent_text)
    admitted = FigureColumn(verbose_name=gettext_lazy("Newly admitted"))
    left = FigureColumn(verbose_name=gettext_lazy("Left"))
    net_increase = FigureColumn(verbose_name=gettext_lazy("Net increase"))
    before = FigureColumn(verbose_name=gettext_lazy("Before the product"))
    minimum = tables.Column(
        verbose_name=gettext_lazy("Target"),
        attrs=NUMBER,
        empty_values=(),
        footer=lambda table: table.write_minimum(table.board.total),
    )
    attained_percent = tables.Column(
        verbose_name=gettext_lazy("Reached (%)"),
        attrs=NUMBER,
        empty_values=(),
        footer=lambda table: table.write_attained(table.board.total),
    )
    gap_people = FigureColumn(verbose_name=gettext_lazy("Missing"))
    status = tables.TemplateColumn(
        template_name="targets/_status_cell.html",
        verbose_name=gettext_lazy("Status"),
        order_by=("urgency",),
        empty_values=(),
    )
    reports = tables.Column(
        verbose_name=gettext_lazy("Reports"),
        accessor="coverage",
        attrs=NUMBER,
        order_by=("coverage__accepted",),
        footer=lambda table: table.write_reports(table.board.total),
    )
    sign_off = tables.Column(
        verbose_name=gettext_lazy("Signed off"), order_by=("signed_at",), empty_values=()
    )

    class Meta:
        order_by = "-gap_people"
        empty_text = gettext_lazy("No unit fits.")

    caption = gettext_lazy("By unit")

    def __init__(
        self, board: Dashboard, rows: Iterable[BranchRow], *, query: str, is_filtered: bool
    ) -> None:
        self.board, self.query, self.is_filtered = board, query, is_filtered
        without = [] if any(row.unit.is_superior for row in board.rows) else ["sign_off"]
        without += [] if board.total.before is not None else ["before"]
        super().__init__(list(rows), exclude=without)
        if self.is_about_a_ratio:
            self.columns["attained_percent"].column.verbose_name = _("Missing (points)")

    @property
    def is_about_a_ratio(self) -> bool:
        headline = self.board.headline
        return headline is not None and headline.indicator.is_ratio

    @property
    def foot(self) -> str:
        if self.is_filtered:
            return ""
        return total_words(len(self.board.rows))

    def source_of(self, row: BranchRow) -> str:
        return f"{reverse('source', args=[row.unit.code])}?{self.query}"

    def render_unit(self, record: BranchRow) -> str:
        address = reverse("progress", args=[record.unit.code])
        return format_html('<a href="{}?{}">{}</a>', address, self.query, record.unit)

    def render_minimum(self, record: BranchRow) -> str:
        return self.write_minimum(record)

    def render_attained_percent(self, record: BranchRow) -> str:
        return self.write_attained(record)

    def render_reports(self, record: BranchRow) -> str:
        return self.write_reports(record)

    def render_sign_off(self, record: BranchRow) -> str:
        if not record.unit.is_superior:
            return UNKNOWN
        address = reverse("sign-off", args=[record.unit.code, self.board.quarter.code])
        return format_html('<a href="{}">{}</a>', address, self.write_sign_off(record))

    def write_sign_off(self, row: BranchRow) -> str:
        """When a superior child signed its quarter off; units that report have nothing to."""
        return signed_on_words(row.sign_off) if row.unit.is_superior else UNKNOWN

    def write_minimum(self, row: BranchRow) -> str:
        return target_text(row.line) if row.line else UNKNOWN

    def attained(self, row: BranchRow) -> Fraction | None:
        """Percent of a count (a decrease is 0 of it), missing points of a ratio."""
        if row.line is not None and self.is_about_a_ratio:
            return row.line.progress.shortfall
        return None if row.attained_percent is None else max(row.attained_percent, Fraction(0))

    def write_attained(self, row: BranchRow) -> str:
        value = self.attained(row)
        return points(value) if self.is_about_a_ratio else percent_text(value).removesuffix("%")

    def write_reports(self, row: BranchRow) -> str:
        return f"{whole_number(row.coverage.accepted)}/{whole_number(row.coverage.due)}"
