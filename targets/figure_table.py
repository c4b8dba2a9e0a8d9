"""The tables of figures typed by hand: those of a branch, and who has not typed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from members.models import Quarter, Unit
from targets.duties import Before
from targets.manual import figure_words
from targets.models import ManualFigure, ManualIndicator
from unionplan.lib.dates import moment
from unionplan.lib.numbers import UNKNOWN


class FigureTable(tables.Table):  # type: ignore[misc]
    """Figures of one quarter, read with unit and indicator."""

    caption = _("Figures typed by hand")

    code = tables.Column(accessor="unit__code", verbose_name=_("Code"), visible=False)
    unit = tables.TemplateColumn(
        template_name="targets/_figure_unit.html",
        verbose_name=_("Unit"),
        order_by=("unit__sort_key", "indicator__name", "pk"),
    )
    indicator = tables.Column(
        verbose_name=_("Indicator"), order_by=("indicator__name", "unit__sort_key", "pk")
    )
    # of these the page speaks in one cell, a file has columns
    numerator = tables.Column(verbose_name=_("Figure, or part of a ratio"), visible=False)
    denominator = tables.Column(verbose_name=_("Whole of a ratio"), visible=False)
    counted_in = tables.Column(
        accessor="indicator__counted_in", verbose_name=_("Unit of measure"), visible=False
    )
    words = tables.Column(
        verbose_name=_("Figure"),
        empty_values=(),
        order_by=("numerator", "pk"),
        attrs={"cell": {"class": "number"}},
        exclude_from_export=True,
    )
    before = tables.Column(
        verbose_name=_("Sent before"),
        empty_values=(),
        orderable=False,
        attrs={"cell": {"class": "number"}},
        exclude_from_export=True,
    )
    note = tables.Column(verbose_name=_("Note"), orderable=False)
    status = tables.Column(verbose_name=_("Status"), orderable=False, visible=False)
    submitted_at = tables.Column(verbose_name=_("Sent"), order_by=("submitted_at", "pk"))

    class Meta:
        attrs = {"class": "table-sticky"}
        default = UNKNOWN
        empty_text = _("No figure fits.")

    previous: Before  # of the rows that are shown

    def __init__(self, *args: Any, checked: set[int], quarter: Quarter, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.checked, self.quarter = checked, quarter

    def tell(self, figures: Iterable[ManualFigure]) -> bool:
        """Where a box is ticked; whether there is one."""
        ticked = [figure for figure in figures if self.is_to_tick(figure)]
        for figure in ticked:
            figure.is_to_tick = True  # type: ignore[attr-defined]
        return bool(ticked)

    def is_to_tick(self, figure: ManualFigure) -> bool:
        return figure.status == "submitted" and figure.unit.parent_id in self.checked

    def render_words(self, record: ManualFigure) -> str:
        return figure_words(record)

    def render_before(self, record: ManualFigure) -> str:
        return figure_words(self.previous.get((record.unit_id, record.indicator_id)))

    def render_submitted_at(self, record: ManualFigure) -> str:
        return moment(record.submitted_at) if record.submitted_at else UNKNOWN

    # What a file says of a cell that is more than a text.

    def value_unit(self, record: ManualFigure) -> str:
        return str(record.unit)

    def value_note(self, record: ManualFigure) -> str:
        return record.note

    def value_submitted_at(self, record: ManualFigure) -> str:
        return moment(record.submitted_at) if record.submitted_at else ""


class MissingTable(tables.Table):  # type: ignore[misc]
    """Units that have not typed what they owe."""

    caption = _("Units that have not typed")

    code = tables.Column(verbose_name=_("Code"), visible=False)
    name = tables.Column(verbose_name=_("Unit"), order_by=("sort_key", "pk"))
    missing = tables.Column(verbose_name=_("Not typed yet"), orderable=False, empty_values=())
    parent = tables.Column(
        verbose_name=_("Superior union"), order_by=("parent__sort_key", "sort_key", "pk")
    )

    class Meta:
        attrs = {"class": "table-sticky"}
        default = UNKNOWN
        empty_text = _("Every unit has typed its figures.")

    missing_of: dict[int, list[ManualIndicator]]  # by unit, of the rows that are shown

    def __init__(self, *args: Any, quarter: Quarter, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.quarter = quarter

    def render_name(self, record: Unit) -> str:
        address = reverse("figure-unit", args=[record.code, self.quarter.code])
        return format_html('<a href="{}">{}</a>', address, record.name)

    def render_missing(self, record: Unit) -> str:
        return "; ".join(str(one) for one in self.missing_of.get(record.pk, ()))

    def value_name(self, record: Unit) -> str:
        return record.name
