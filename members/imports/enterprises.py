"""Enterprises from a file, most often the result of a survey: all or nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from members.access import Permission
from members.enterprises import add_enterprises, change_enterprises, tax_code_of
from members.imports.units import no_such_unit, units_by_code
from members.models import Enterprise, EnterpriseStatus, Sector, Unit, User
from members.models.units import OCCUPATIONAL_SECTOR
from unionplan.lib import clock
from unionplan.lib.numbers import whole_number
from unionplan.lib.spreadsheets import Choices, Column, Row, Sheet, read
from unionplan.lib.watching import Watch, unwatched

ENTERPRISE_COLUMNS = [
    Column("tax_code", pgettext_lazy("column", "Tax code"), is_required=True, also=("MST",)),
    Column(
        "name",
        pgettext_lazy("column", "Name of the enterprise"),
        is_required=True,
        also=("Tên", "Doanh nghiệp"),
    ),
    Column("sector", pgettext_lazy("column", "Sector"), is_required=True),
    Column("workers", pgettext_lazy("column", "Workers"), is_required=True, also=("Số lao động",)),
    Column(
        "responsible_unit",
        pgettext_lazy("column", "Responsible union"),
        is_required=True,
        also=("Mã công đoàn phụ trách",),
    ),
    Column("status", pgettext_lazy("column", "Status"), is_required=True),
    Column("eligible", pgettext_lazy("column", "Eligible")),
    Column("operating", pgettext_lazy("column", "Operating")),
    Column("founded_on", pgettext_lazy("column", "Founded on")),
    Column("area", pgettext_lazy("column", "Area")),
    Column("surveyed_on", pgettext_lazy("column", "Surveyed on")),
    Column("unit", pgettext_lazy("column", "Code of its union"), also=("Mã CĐCS", "Mã đơn vị")),
]
YES_NO = {
    **dict.fromkeys(("1", "có", "x", "yes", "true", "đúng"), True),
    **dict.fromkeys(("0", "không", "no", "false", "sai"), False),
}
AT_ONCE = 5000  # tax codes in one statement

Values = dict[str, Any]  # by field of the enterprise


@dataclass(frozen=True)
class EnterprisesBroughtIn:
    added: list[Enterprise]
    changed: list[Enterprise]
    unchanged: int

    def lines(self) -> Iterator[str]:
        for enterprise in self.added:
            yield f"+ {enterprise.tax_code} {enterprise.name}"
        for enterprise in self.changed:
            yield f"~ {enterprise.tax_code} {enterprise.name}"

    def summary(self) -> str:
        return _(
            "Enterprises added: %(added)s. Changed: %(changed)s. Unchanged: %(unchanged)s."
        ) % {
            "added": whole_number(len(self.added)),
            "changed": whole_number(len(self.changed)),
            "unchanged": whole_number(self.unchanged),
        }

    def sentence(self) -> str:
        sentences = []
        if self.added:
            words = ngettext(
                "Brought in %(count)s enterprise.",
                "Brought in %(count)s enterprises.",
                len(self.added),
            )
            sentences.append(words % {"count": whole_number(len(self.added))})
        if self.changed:
            words = ngettext(
                "Changed %(count)s enterprise.",
                "Changed %(count)s enterprises.",
                len(self.changed),
            )
            sentences.append(words % {"count": whole_number(len(self.changed))})
        return " ".join(sentences)


@transaction.atomic
def bring_in_enterprises(
    content: bytes, *, by: User, dry_run: bool = False, watch: Watch = unwatched
) -> EnterprisesBroughtIn:
    """Add the enterprises of a file and follow what changed; :class:`Invalid` says all errors.

    What a row leaves empty says nothing: of an enterprise that is there already it stays.
    """
    sheet = read(content, ENTERPRISE_COLUMNS)
    found = _EnterpriseFile(sheet, by, watch)
    sheet.stop_if_wrong()
    added, changes = found.added(), found.changes()
    add_enterprises(added, by=by)
    changed = change_enterprises(changes, by=by)
    if dry_run:
        transaction.set_rollback(True)
    return EnterprisesBroughtIn(added, changed, len(found.values) - len(added) - len(changed))


class _EnterpriseFile:
    """The rows of the file against each other and against the register."""

    def __init__(self, sheet: Sheet, by: User, watch: Watch) -> None:
        self.by = by
        sectors = Sector.objects.exclude(code=OCCUPATIONAL_SECTOR)
        self.sectors = Choices({name: s for s in sectors for name in (s.code, s.name)})
        self.statuses = Choices(
            {str(name): s for s in EnterpriseStatus for name in (s.value, s.label)}
        )
        self.yes_no = Choices(YES_NO)
        codes = {row.text(name) for row in sheet.rows for name in ("responsible_unit", "unit")}
        self.units = units_by_code(codes)
        self.stored = _stored({_tax_code(row) for row in sheet.rows})
        self.seen = self._seen()
        self.values: dict[str, Values] = {}
        self.rows: dict[str, int] = {}
        for row in watch(sheet.rows):
            self._read(row)

    def added(self) -> list[Enterprise]:
        return [
            Enterprise(**{name: value for name, value in values.items() if value is not None})
            for code, values in self.values.items()
            if code not in self.stored
        ]

    def changes(self) -> dict[Enterprise, Values]:
        """Only of those that differ; a proposal that stands in a file is taken up by it."""
        said = {
            self.stored[code]: {n: v for n, v in values.items() if v is not None and v != ""}
            for code, values in self.values.items()
            if code in self.stored
        }
        said = {e: {**values, "is_proposed": False} for e, values in said.items()}
        return {
            enterprise: values
            for enterprise, values in said.items()
            if any(getattr(enterprise, name) != value for name, value in values.items())
        }

    def _seen(self) -> set[int]:
        kept = Unit.objects.open_to(self.by, Permission.ENTERPRISES)
        units = {enterprise.responsible_unit_id for enterprise in self.stored.values()}
        return set(kept.filter(pk__in=units).values_list("pk", flat=True))

    def _read(self, row: Row) -> None:
        values: Values = {
            "tax_code": self._code(row),
            "name": row.text("name", is_required=True, max_length=200),
            "sector": row.choice("sector", self.sectors, is_required=True),
            "workers": row.whole_number("workers"),
            "responsible_unit": self._responsible_unit(row),
            "status": row.choice("status", self.statuses),
            "is_eligible": row.choice("eligible", self.yes_no),
            "is_operating": row.choice("operating", self.yes_no),
            "founded_on": _past_day(row, "founded_on"),
            "area": row.text("area", max_length=100),
            "surveyed_on": _past_day(row, "surveyed_on"),
            "unit": self._union(row),
        }
        self._check_union(row, values)
        if values["tax_code"]:
            self.values[values["tax_code"]] = values

    def _code(self, row: Row) -> str:
        text, code = row.text("tax_code", is_required=True), _tax_code(row)
        if text and not code:
            row.error("tax_code", _("“%(text)s” is no tax code.") % {"text": text})
        if not code:
            return ""
        first = self.rows.setdefault(code, row.number)
        stored = self.stored.get(code)
        if first != row.number:
            words = _("this tax code stands in row %(row)s already.")
            row.error("tax_code", words % {"row": first})
        elif stored is not None and stored.responsible_unit_id not in self.seen:
            row.error("tax_code", _("this tax code is in the list already."))
        return code

    def _responsible_unit(self, row: Row) -> Unit | None:
        code = row.text("responsible_unit", is_required=True)
        unit = self.units.get(code)
        if not code:
            return None
        if unit is None or not self.by.may(Permission.ENTERPRISES, unit):
            row.error("responsible_unit", no_such_unit(code))
        elif not unit.is_superior:
            words = _("%(code)s is a grassroots union, and so is responsible for none.")
            row.error("responsible_unit", words % {"code": code})
        elif unit.ended_on is not None:
            row.error("responsible_unit", _("%(code)s has ended.") % {"code": code})
        return unit

    def _union(self, row: Row) -> Unit | None:
        code = row.text("unit")
        unit = self.units.get(code)
        if not code:
            return None
        if unit is None or not self.by.may(Permission.ENTERPRISES, unit):
            row.error("unit", no_such_unit(code))
        elif not unit.is_reporting:
            row.error("unit", _("%(code)s is no grassroots union.") % {"code": code})
        elif unit.ended_on is not None:
            row.error("unit", _("%(code)s has ended.") % {"code": code})
        return unit

    def _check_union(self, row: Row, values: Values) -> None:
        """Founded, and with which union, are said together."""
        stored = self.stored.get(values["tax_code"])
        has_union = values["unit"] is not None or (stored is not None and stored.unit is not None)
        status = values["status"] or (stored.status if stored else None)
        if row.text("unit") and status != EnterpriseStatus.FOUNDED:
            row.error(
                "status",
                _("with a union the status is “%(status)s”.")
                % {"status": EnterpriseStatus.FOUNDED.label},
            )
        elif status == EnterpriseStatus.FOUNDED and not has_union and not row.text("unit"):
            row.error("unit", _("write the code of the union that was founded."))
        elif stored is not None and stored.unit is not None and status != EnterpriseStatus.FOUNDED:
            row.error("status", _("the enterprise has a union: %(unit)s.") % {"unit": stored.unit})


def _stored(codes: Collection[str]) -> dict[str, Enterprise]:
    wanted = sorted(code for code in codes if code)
    found: dict[str, Enterprise] = {}
    for start in range(0, len(wanted), AT_ONCE):
        some = Enterprise.objects.filter(tax_code__in=wanted[start : start + AT_ONCE])
        some = some.select_related("sector", "responsible_unit", "unit")
        found |= {enterprise.tax_code: enterprise for enterprise in some}
    return found


def _tax_code(row: Row) -> str:
    text = row.text("tax_code")
    # Excel drops the leading zero of what it takes for a number.
    return tax_code_of(text) or tax_code_of(f"0{text}")


def _past_day(row: Row, column: str) -> date | None:
    day = row.date(column)
    if day is not None and day > clock.today():
        row.error(column, _("this day lies in the future."))
    return day
