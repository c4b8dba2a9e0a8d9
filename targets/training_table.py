"""The branch table of a plan of training: who is trained, and how many units an officer looks
after."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models import SectorGroup
from targets.dashboards import BranchRow, Dashboard, Learnt
from targets.exports import plain
from targets.results import Line
from targets.tables import NUMBER, total_words
from targets.wording import status_text, value_text
from unionplan.lib.numbers import UNKNOWN, points, whole_number
from unionplan.lib.spreadsheets import Value

Write = Callable[[Learnt], Any]


class LearntColumn(tables.Column):  # type: ignore[misc]
    """What the row, and the total at the foot, say of training."""

    def __init__(self, write: Write, **kwargs: Any) -> None:
        self.write = write
        super().__init__(attrs=NUMBER, empty_values=(), **kwargs)

    def render(self, record: BranchRow) -> Any:
        return self.write(learnt_of(record))

    def footer(self, bound_column: Any, table: TrainingTable) -> Any:
        return "" if table.is_filtered else self.write(learnt_of(table.board.total))


class TrainingTable(tables.Table):  # type: ignore[misc]
    """A row a child; the unit itself is the total at the foot."""

    unit = tables.Column(
        verbose_name=gettext_lazy("Unit"),
        order_by=("unit__sort_key",),
        footer=lambda table: table.foot,
    )

    class Meta:
        empty_text = gettext_lazy("No unit fits.")

    caption = gettext_lazy("By unit")

    def __init__(
        self, board: Dashboard, rows: Iterable[BranchRow], *, query: str, is_filtered: bool
    ) -> None:
        self.board, self.query, self.is_filtered = board, query, is_filtered
        most_untrained_first = sorted(rows, key=lambda row: -learnt_of(row).untrained)
        columns = [
            *((f"line_{place}", self._of_line(place)) for place in range(len(self.shown))),
            *self._of_workload(),
            ("status", self._of_status()),
        ]
        super().__init__(most_untrained_first, extra_columns=columns)

    @property
    def shown(self) -> tuple[Line, ...]:
        """The lines of the plan that have a column."""
        return tuple(filter(None, learnt_of(self.board.total).lines))

    @property
    def foot(self) -> str:
        return "" if self.is_filtered else total_words(len(self.board.rows))

    def render_unit(self, record: BranchRow) -> str:
        address = reverse("progress", args=[record.unit.code])
        return format_html('<a href="{}?{}">{}</a>', address, self.query, record.unit)

    def _of_line(self, place: int) -> LearntColumn:
        return LearntColumn(
            lambda learnt: self._cell(learnt.lines[place]),
            verbose_name=heading_of(self.shown[place]),
            accessor=f"learnt__values__{place}",
        )

    def _of_workload(self) -> list[tuple[str, LearntColumn]]:
        return [
            (
                "units",
                LearntColumn(
                    lambda learnt: whole_number(learnt.units),
                    verbose_name=_("Grassroots unions"),
                    accessor="learnt__units",
                ),
            ),
            (
                "full_time",
                LearntColumn(
                    lambda learnt: whole_number(learnt.full_time),
                    verbose_name=_("Full-time officers"),
                    accessor="learnt__full_time",
                ),
            ),
            (
                "workload",
                LearntColumn(
                    lambda learnt: points(learnt.workload),
                    verbose_name=_("Unions per officer"),
                    accessor="learnt__workload",
                ),
            ),
        ]

    @staticmethod
    def _of_status() -> tables.TemplateColumn:
        return tables.TemplateColumn(
            template_name="targets/_status_cell.html",
            verbose_name=_("Status"),
            order_by=("urgency",),
            empty_values=(),
        )

    def _cell(self, line: Line | None) -> str:
        """«12/40 (30,00%)», which opens what it is made of."""
        if line is None:
            return UNKNOWN
        asked = {"indicator": line.indicator.code, "group": line.group.code}
        if line.due_on:
            asked["due_on"] = line.due_on.isoformat()
        address = reverse("source", args=[line.unit.code])
        address = f"{address}?{self.query}&{urlencode(asked)}"
        return format_html('<a href="{}">{}</a>', address, cell_text(line))

    # --- as a file -------------------------------------------------------------------------------

    def as_file(self) -> tuple[list[str], list[list[Value]]]:
        """As it is filtered and sorted, all its pages, numbers as numbers."""
        header = [_("Unit")]
        for line in self.shown:
            header += _headings(line)
        header += [_("Grassroots unions"), _("Full-time officers"), _("Unions per officer")]
        header.append(_("Status"))
        return header, [self._row(row.record) for row in self.rows]

    def _row(self, row: BranchRow) -> list[Value]:
        learnt = learnt_of(row)
        found: list[Value] = [str(row.unit)]
        for shown, line in zip(self.shown, learnt.lines, strict=True):
            found += _values(shown, line)
        workload = None if learnt.workload is None else plain(learnt.workload)
        return [*found, learnt.units, learnt.full_time, workload, status_text(row.status)]


def learnt_of(row: BranchRow) -> Learnt:
    return row.learnt or Learnt((), None, None)


def heading_of(line: Line) -> str:
    """In short; a group of sectors is named."""
    label = str(line.indicator.short_label)
    if line.group.code == SectorGroup.ALL:
        return label
    return _("%(label)s (%(group)s)") % {"label": label, "group": line.group}


def cell_text(line: Line) -> str:
    """«12/40 (30,00%)» of a share, «12» of a number."""
    progress = line.progress
    value = value_text(line, progress.actual)
    if not line.indicator.is_ratio or progress.denominator is None:
        return value
    parts = f"{whole_number(progress.numerator)}/{whole_number(progress.denominator)}"
    return f"{parts} ({value})"


def _headings(line: Line) -> list[str]:
    label = heading_of(line)
    if not line.indicator.is_ratio:
        return [label]
    names = {"label": label}
    return [label, _("%(label)s: out of") % names, _("%(label)s: percent") % names]


def _values(shown: Line, line: Line | None) -> list[Value]:
    if not shown.indicator.is_ratio:
        return [None if line is None else line.progress.numerator]
    if line is None:
        return [None, None, None]
    progress = line.progress
    actual = None if progress.actual is None else plain(progress.actual)
    return [progress.numerator, progress.denominator, actual]
