"""The tables of a branch's training needs: against the plan, by unit, by sector."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import django_tables2 as tables
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models import Sector, Unit
from training.models import Topic
from training.needs import BranchNeeds, Line, Share, TopicLine
from unionplan.lib.numbers import whole_number
from unionplan.lib.spreadsheets import Value

NUMBER = {"cell": {"class": "number"}, "tf": {"class": "number"}}
NOTHING = Share()


@dataclass(frozen=True)
class UnitRow:
    """A direct child of the branch with everything below it, or the branch's own officers."""

    unit: Unit
    share: Share
    is_itself: bool
    url: str
    numbers: list[int | None]  # by topic

    @property
    def name(self) -> str:
        return _("Own officers of %(unit)s") % {"unit": self.unit} if self.is_itself else str(self)

    def __str__(self) -> str:
        return self.unit.name

    @property
    def is_one(self) -> bool:
        """Answers for itself alone, not for units below it."""
        return self.is_itself or self.unit.is_reporting

    @property
    def has_missing(self) -> bool:
        return not self.share.is_stated if self.is_one else self.share.missing > 0

    @property
    def stated_words(self) -> str:
        """«Đã nêu», «Chưa nêu», «120/134 đơn vị»"""
        if self.is_one:
            return _("Stated") if self.share.is_stated else _("Not stated")
        numbers = {"stated": self.share.stated, "units": self.share.units}
        return _("%(stated)s/%(units)s units") % {n: whole_number(v) for n, v in numbers.items()}

    @property
    def order(self) -> tuple[int, str]:
        """Its own officers, the superior unions, then the others; each by name."""
        place = 0 if self.is_itself else 1 if self.unit.is_superior else 2
        return (place, self.unit.sort_key)


class NumberColumn(tables.Column):  # type: ignore[misc]
    def __init__(self, **facts: Any) -> None:
        super().__init__(attrs=NUMBER, initial_sort_descending=True, **facts)

    def render(self, value: int) -> str:
        return whole_number(value)

    def value(self, value: int | None = None, **_facts: Any) -> int | None:
        return value


class NeedTable(tables.Table):  # type: ignore[misc]
    """The direct children of a branch: what they need by topic, and who has not said it."""

    caption = gettext_lazy("Training needs by unit")

    name = tables.TemplateColumn(
        template_name="training/_need_unit.html",
        verbose_name=gettext_lazy("Unit"),
        order_by="order",
    )
    # of these the page speaks within other cells, a file has columns
    code = tables.Column(
        accessor="unit__code", verbose_name=gettext_lazy("Code"), visible=False, orderable=False
    )
    stated = tables.TemplateColumn(
        template_name="training/_need_stated.html",
        verbose_name=gettext_lazy("Needs stated"),
        accessor="share__missing",
    )
    contact = tables.TemplateColumn(
        template_name="training/_need_contact.html",
        verbose_name=gettext_lazy("Contact"),
        accessor="unit",
        orderable=False,
    )

    class Meta:
        attrs = {"class": "table-sticky"}
        default = "–"
        empty_text = gettext_lazy("No unit fits.")
        sequence = ("name", "code", "stated", "...", "contact")

    def __init__(self, rows: Sequence[UnitRow], topics: Sequence[Topic], **facts: Any) -> None:
        columns = [
            (f"topic{place}", NumberColumn(verbose_name=str(topic), accessor=f"numbers__{place}"))
            for place, topic in enumerate(topics)
        ]
        all_ = NumberColumn(verbose_name=_("Total"), accessor="share__total")
        super().__init__(rows, extra_columns=[*columns, ("total", all_)], **facts)

    def value_name(self, record: UnitRow) -> str:
        return record.name

    def value_stated(self, record: UnitRow) -> str:
        return record.stated_words

    def value_contact(self, record: UnitRow) -> str:
        return f"{record.unit.contact_name} {record.unit.phone}".strip()


def unit_rows(
    found: BranchNeeds, children: Iterable[Unit], topics: Sequence[Topic], urls: dict[int, str]
) -> list[UnitRow]:
    """In their order; children without any unit that is asked are left out."""
    rows = []
    for unit in (found.branch, *children):
        share = found.by_child.get(unit.path, NOTHING)
        is_itself = unit == found.branch
        if not (is_itself or share.units or share.is_stated):
            continue
        numbers = [share.of(topic.pk) for topic in topics]
        rows.append(UnitRow(unit, share, is_itself, urls.get(unit.pk, ""), numbers))
    return sorted(rows, key=lambda row: row.order)


@dataclass(frozen=True)
class SectorRow:
    label: str
    share: Share
    numbers: list[int | None]

    @property
    def stated_words(self) -> str:
        """«120/134»; of superior unions, which are not counted, nothing."""
        if not self.share.units:
            return "–"
        return f"{whole_number(self.share.stated)}/{whole_number(self.share.units)}"


def sector_rows(
    found: BranchNeeds, sectors: Iterable[Sector], topics: Sequence[Topic]
) -> list[SectorRow]:
    labels = {sector.pk: str(sector) for sector in sectors} | {
        None: _("Superior unions themselves")
    }
    return [
        SectorRow(label, share, [share.of(topic.pk) for topic in topics])
        for code, label in labels.items()
        if (share := found.by_sector.get(code))
    ]


# --- as a file -----------------------------------------------------------------------------------


def plan_file(
    lines: Iterable[TopicLine], whole: Line, *, has_plan: bool
) -> tuple[list[str], Iterator[list[Value]]]:
    header = [_("Topic"), _("Audience"), _("Need")]
    if has_plan:
        header += [_("In the plan"), _("Covered"), _("Share covered"), _("Missing")]

    def rows() -> Iterator[list[Value]]:
        for line in lines:
            for row in line.audiences:
                label = str(row.audience) if row.audience else _("Everybody")
                yield [str(line.topic), label, *_values(row, has_plan=has_plan)]
            yield [str(line.topic), _("Total"), *_values(line, has_plan=has_plan)]
        yield [_("Total"), "", *_values(whole, has_plan=has_plan)]

    return header, rows()


def _values(line: Line, *, has_plan: bool) -> list[Value]:
    plan: list[Value] = [line.planned, line.covered, line.share, line.missing]
    return [line.need, *(plan if has_plan else [])]


def sector_file(
    rows: Iterable[SectorRow], topics: Sequence[Topic]
) -> tuple[list[str], Iterator[list[Value]]]:
    header = [_("Sector"), _("Units"), _("Stated"), *map(str, topics), _("Total")]
    values: Iterator[list[Value]] = (
        [row.label, row.share.units, row.share.stated, *row.numbers, row.share.total]
        for row in rows
    )
    return header, values
