"""«Đăng ký | Đề xuất của ngành | Mức giao»: what the units below registered for one line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import django_tables2 as tables
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models import Kind
from targets.allocating import Row, Sheet
from unionplan.lib.numbers import UNKNOWN, whole_number

NUMBER = {"cell": {"class": "number"}}


class CountColumn(tables.Column):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, attrs=NUMBER, **kwargs)

    def render(self, value: int) -> str:
        return whole_number(value)


class RegistrationTable(tables.Table):  # type: ignore[misc]
    """A row a unit directly below."""

    unit = tables.Column(verbose_name=gettext_lazy("Unit"), order_by=("unit__sort_key", "unit__pk"))
    last_result = CountColumn(accessor="potential__last_result")
    head_room = CountColumn(
        verbose_name=gettext_lazy("Not in the union yet"), accessor="potential__head_room"
    )
    registered = CountColumn(verbose_name=gettext_lazy("Registered"))
    sentence = tables.Column(
        verbose_name=gettext_lazy("One sentence"),
        accessor="registration__sentence",
        orderable=False,
    )
    proposed = CountColumn(accessor="proposal")
    assigned = CountColumn(verbose_name=gettext_lazy("Assigned value"))

    class Meta:
        attrs = {"class": "table-sticky"}
        default = UNKNOWN
        empty_text = gettext_lazy("No unit fits.")

    caption = gettext_lazy("Registrations of the units below")

    def __init__(self, rows: Iterable[Row], *, sheet: Sheet) -> None:
        super().__init__(list(rows))
        self.columns["last_result"].column.verbose_name = sheet.result_name
        self.columns["proposed"].column.verbose_name = _proposal_name(sheet)


def _proposal_name(sheet: Sheet) -> str:
    if sheet.target.unit.kind == Kind.FEDERATION:
        return _("Proposal of the federation")
    return _("Proposal of the superior union")
