"""Units from a file: parents anywhere in it, all or nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from members.access import Permission
from members.founding import DETAILS, add_units, change_details
from members.kinds import KindCounts
from members.models import Kind, Sector, Unit, User
from members.models.units import OCCUPATIONAL_SECTOR, REPORTING_KINDS, SUPERIOR_KINDS
from unionplan.lib.numbers import whole_number
from unionplan.lib.paths import WIDTH, ids_on
from unionplan.lib.spreadsheets import Choices, Column, Row, Sheet, read
from unionplan.lib.vietnamese import phone_number
from unionplan.lib.watching import Watch, unwatched

UNIT_COLUMNS = [
    Column("code", pgettext_lazy("column", "Code"), is_required=True, also=("Mã đơn vị",)),
    Column("name", pgettext_lazy("column", "Name"), is_required=True, also=("Tên đơn vị",)),
    Column("kind", pgettext_lazy("column", "Kind of unit"), is_required=True),
    Column("parent", pgettext_lazy("column", "Superior union"), is_required=True),
    Column("sector", pgettext_lazy("column", "Sector"), is_required=True),
    Column("founded_on", pgettext_lazy("column", "Founded on")),
    Column("short_name", pgettext_lazy("column", "Short name")),
    Column("area", pgettext_lazy("column", "Area")),
    Column("tags", pgettext_lazy("column", "Tags"), also=("Khối, cụm thi đua",)),
    Column("contact_name", pgettext_lazy("column", "Contact person"), also=("Người liên hệ",)),
    Column("phone", pgettext_lazy("column", "Telephone"), also=("Số điện thoại",)),
    Column("email", pgettext_lazy("column", "E-mail"), also=("E-mail", "Thư điện tử")),
    Column("suspended_on", pgettext_lazy("column", "Suspended from"), also=("Tạm ngừng",)),
]
# As people write the kinds, beside our codes and labels.
KIND_WORDS = {
    "Tổng Liên đoàn": Kind.CONFEDERATION,
    "Liên đoàn lao động": Kind.FEDERATION,
    "LĐLĐ": Kind.FEDERATION,
    "Công đoàn ngành": Kind.FEDERATION,
    "Công đoàn cấp trên": Kind.UPPER,
    "Công đoàn cấp trên trực tiếp cơ sở": Kind.UPPER,
    "Công đoàn cơ sở": Kind.GRASSROOTS,
    "CĐCS": Kind.GRASSROOTS,
    "Nghiệp đoàn": Kind.OCCUPATIONAL,
}
ROOT_KINDS = (Kind.CONFEDERATION, Kind.FEDERATION)
DEEPEST = 64 // WIDTH  # levels that the path column has room for
AT_ONCE = 5000  # codes in one statement


@dataclass
class UnitRow:
    """What one row says; ``details`` and ``tags`` hold only what it does say."""

    row: Row
    code: str
    name: str
    kind: str | None
    parent: str
    sector: str | None
    founded_on: date | None
    suspended_on: date | None
    details: dict[str, str]
    tags: list[str]


@dataclass(frozen=True)
class UnitsBroughtIn:
    added: list[Unit]
    changed: list[Unit]
    unchanged: int
    suspended: frozenset[str] = frozenset()  # codes of those added that rest

    def lines(self) -> Iterator[str]:
        """What changes, unit by unit."""
        for unit in self.added:
            yield f"+ {unit.code} {unit.name}"
        for unit in self.changed:
            yield f"~ {unit.code} {unit.name}"

    def summary(self) -> str:
        return " ".join(
            [
                _("Units added: %(added)s.") % {"added": self._by_kind() or 0},
                _("Details changed: %(changed)s. Unchanged: %(unchanged)s.")
                % {
                    "changed": whole_number(len(self.changed)),
                    "unchanged": whole_number(self.unchanged),
                },
            ]
        )

    @property
    def counts(self) -> KindCounts:
        return KindCounts.of(self.added, self.suspended)

    def sentence(self) -> str:
        """«Đã nhập 24 công đoàn cấp trên trực tiếp cơ sở, 1.284 CĐCS (6 tạm ngừng), 2 nghiệp
        đoàn.»"""
        sentences = []
        if self.added:
            sentences.append(_("Brought in %(units)s.") % {"units": self.counts.words})
        if self.changed:
            sentences.append(
                ngettext(
                    "Contacts followed of %(count)s unit.",
                    "Contacts followed of %(count)s units.",
                    len(self.changed),
                )
                % {"count": whole_number(len(self.changed))}
            )
        return " ".join(sentences)

    def _by_kind(self) -> str:
        counts = self.counts
        return ", ".join(
            f"{whole_number(counts[kind])} {kind.label}" for kind in Kind if counts.get(kind)
        )


@transaction.atomic
def bring_in_units(
    content: bytes, *, by: User, dry_run: bool = False, watch: Watch = unwatched
) -> UnitsBroughtIn:
    """Add the units of a file and follow changed contacts; :class:`Invalid` says all errors.

    A row equal to what is stored is skipped. A unit is never changed here in anything that has a
    date and a decision: that is an event.
    """
    sheet = read(content, UNIT_COLUMNS)
    found = _UnitFile(sheet, by, watch)
    sheet.stop_if_wrong()
    resting = found.suspended()
    added = add_units(found.new_units(), by=by, tags=found.tags(), suspended=resting, watch=watch)
    changed = found.changed_details()
    change_details(changed, by=by, tags=found.tags())
    if dry_run:
        transaction.set_rollback(True)
    unchanged = len(found.rows) - len(added) - len(changed)
    return UnitsBroughtIn(added, [*changed], unchanged, frozenset(resting))


class _UnitFile:
    """The rows of the file against each other and against the units that exist."""

    def __init__(self, sheet: Sheet, by: User, watch: Watch) -> None:
        self.by = by
        named = {str(name): kind for kind in Kind for name in (kind.value, kind.label)}
        kinds = Choices(KIND_WORDS | named)
        sectors = Choices({n: s.code for s in Sector.objects.all() for n in (s.code, s.name)})
        self.rows = [_read(row, kinds, sectors) for row in watch(sheet.rows)]
        self.by_code: dict[str, UnitRow] = {}
        for row in self.rows:
            self._refuse_twice(row)
        self.stored = units_by_code({*self.by_code, *(row.parent for row in self.rows)})
        for row in watch(self.rows):
            self._check(row)

    def new_units(self) -> list[Unit]:
        made: dict[str, Unit] = {}
        for code, row in self.by_code.items():
            if code not in self.stored:
                made[code] = Unit(
                    code=code,
                    name=row.name,
                    kind=row.kind or "",
                    sector_id=row.sector,
                    founded_on=row.founded_on,
                    **row.details,
                )
        for code, unit in made.items():
            parent = self.by_code[code].parent
            unit.parent = made.get(parent) or self.stored.get(parent)
        return list(made.values())

    def changed_details(self) -> dict[Unit, Mapping[str, Any]]:
        return {
            self.stored[code]: row.details
            for code, row in self.by_code.items()
            if code in self.stored and self._differs(row, self.stored[code])
        }

    def tags(self) -> dict[str, list[str]]:
        return {code: row.tags for code, row in self.by_code.items() if row.tags}

    def suspended(self) -> dict[str, date]:
        return {
            code: row.suspended_on
            for code, row in self.by_code.items()
            if row.suspended_on and code not in self.stored
        }

    @staticmethod
    def _differs(row: UnitRow, unit: Unit) -> bool:
        tags = {tag.name for tag in unit.tags.all()}
        return any(getattr(unit, name) != value for name, value in row.details.items()) or bool(
            row.tags and set(row.tags) != tags
        )

    def _refuse_twice(self, row: UnitRow) -> None:
        if row.code and row.code in self.by_code:
            first = self.by_code[row.code].row.number
            row.row.error("code", _("this code stands in row %(row)s already.") % {"row": first})
        elif row.code:
            self.by_code[row.code] = row

    def _check(self, row: UnitRow) -> None:
        if row.code in self.stored:
            self._check_stored(row, self.stored[row.code])
        else:
            self._check_parent(row)
            self._check_chain(row)
            _check_sector(row)
            _check_suspension(row)

    def _check_stored(self, row: UnitRow, unit: Unit) -> None:
        if not self.by.may(Permission.UNITS, unit):
            row.row.error("code", _("this code is used by another unit."))
            return
        said = {  # None is what the row does not say, or says wrongly
            "name": row.name or None,
            "kind": row.kind,
            "parent": row.parent,
            "sector": row.sector if row.row.text("sector") else "",
            "founded_on": row.founded_on,
        }
        is_stored = {
            "name": unit.name,
            "kind": unit.kind,
            "parent": unit.parent.code if unit.parent else "",
            "sector": unit.sector_id or "",
            "founded_on": unit.founded_on,
        }
        for column, value in said.items():
            if value is not None and value != is_stored[column]:
                row.row.error(
                    column,
                    _("stored is “%(stored)s”; bring in changes of a unit with import_events.")
                    % {"stored": is_stored[column] or ""},
                )
        if row.suspended_on and row.suspended_on not in self._suspensions_of(unit):
            row.row.error("suspended_on", _("this unit is there already; suspend it on its page."))

    def _suspensions_of(self, unit: Unit) -> set[date]:
        return {rest.starts_on for rest in unit.suspensions.all() if rest.ends_on is None}

    def _check_parent(self, row: UnitRow) -> None:
        if not row.parent:
            self._check_root(row)
        elif row.parent in self.stored:
            self._check_stored_parent(row, self.stored[row.parent])
        elif row.parent not in self.by_code:
            row.row.error("parent", no_such_unit(row.parent))
        elif self.by_code[row.parent].kind in REPORTING_KINDS:
            row.row.error("parent", _not_superior(row.parent))

    def _check_root(self, row: UnitRow) -> None:
        if row.kind is not None and row.kind not in ROOT_KINDS:
            row.row.error("parent", _("this kind of unit needs a superior union."))
        elif not self.by.is_superuser:
            row.row.error("parent", _("only a superuser may add a unit without a superior."))

    def _check_stored_parent(self, row: UnitRow, parent: Unit) -> None:
        if not self.by.may(Permission.UNITS, parent):
            row.row.error("parent", no_such_unit(row.parent))
        elif not parent.is_superior:
            row.row.error("parent", _not_superior(row.parent))
        elif parent.ended_on is not None:
            row.row.error("parent", _("%(code)s has ended.") % {"code": row.parent})

    def _check_chain(self, row: UnitRow) -> None:
        """No unit is above itself, and none lies deeper than a path can say."""
        chain = {row.code: None}
        above = row.code
        while above in self.by_code and above not in self.stored:
            above = self.by_code[above].parent
            if above == row.code:
                circle = " → ".join([*chain, above])
                row.row.error("parent", _("a circle: %(circle)s.") % {"circle": circle})
            if above in chain:
                return
            chain[above] = None
        if len(chain) - 1 + _depth(self.stored.get(above)) > DEEPEST:
            row.row.error("parent", _("too many levels."))


def units_by_code(codes: Collection[str]) -> dict[str, Unit]:
    wanted = sorted(code for code in codes if code)
    found: dict[str, Unit] = {}
    for start in range(0, len(wanted), AT_ONCE):
        units = Unit.objects.filter(code__in=wanted[start : start + AT_ONCE])
        units = units.select_related("parent").prefetch_related("tags", "suspensions")
        found |= {unit.code: unit for unit in units}
    return found


def no_such_unit(code: str) -> str:
    return _("there is no unit with code %(code)s.") % {"code": code}


def _not_superior(code: str) -> str:
    return _("%(code)s is a grassroots union; nothing hangs below it.") % {"code": code}


def _depth(unit: Unit | None) -> int:
    return len(ids_on(unit.path)) if unit else 0


def _read(row: Row, kinds: Choices[Kind], sectors: Choices[str]) -> UnitRow:
    details = {
        "short_name": row.text("short_name", max_length=100),
        "area": row.text("area", max_length=100),
        "contact_name": row.text("contact_name", max_length=100),
        "phone": _phone(row),
        "email": _email(row),
    }
    return UnitRow(
        row=row,
        code=row.code("code", max_length=40),
        name=row.text("name", is_required=True, max_length=200),
        kind=row.choice("kind", kinds, is_required=True),
        parent=row.text("parent"),
        sector=row.choice("sector", sectors),
        founded_on=row.date("founded_on"),
        suspended_on=row.date("suspended_on"),
        details={name: details[name] for name in DETAILS if details[name]},
        tags=_tags(row),
    )


def _phone(row: Row) -> str:
    text = row.text("phone")
    # Excel drops the leading zero of what it takes for a number.
    number = phone_number(text) or phone_number(f"0{text}")
    if text and not number:
        row.error("phone", _("“%(text)s” is no telephone number.") % {"text": text})
    return number


def _email(row: Row) -> str:
    text = row.text("email", max_length=254)
    try:
        if text:
            validate_email(text)
    except ValidationError:
        row.error("email", _("“%(text)s” is no e-mail address.") % {"text": text})
    return text


def _tags(row: Row) -> list[str]:
    """«Khối A; Cụm 2»."""
    names = [name.strip() for name in row.text("tags").split(";")]
    if any(len(name) > 100 for name in names):
        row.error("tags", _("at most %(count)s characters.") % {"count": 100})
    return list(dict.fromkeys(name for name in names if name))


def _check_suspension(row: UnitRow) -> None:
    if row.suspended_on is None:
        return
    if row.kind in SUPERIOR_KINDS:
        row.row.error("suspended_on", _("only a unit that reports is suspended."))
    elif row.founded_on and row.suspended_on < row.founded_on:
        row.row.error("suspended_on", _("the unit was founded later than that day."))


def _check_sector(row: UnitRow) -> None:
    if row.kind in SUPERIOR_KINDS and row.sector:
        row.row.error("sector", _("only grassroots and occupational unions have a sector."))
    elif row.kind == Kind.OCCUPATIONAL and row.sector != OCCUPATIONAL_SECTOR:
        row.row.error("sector", _("the sector of an occupational union is ND."))
    elif row.kind == Kind.GRASSROOTS and row.sector == OCCUPATIONAL_SECTOR:
        row.row.error("sector", _("sector ND is of occupational unions only."))
    elif row.kind == Kind.GRASSROOTS and not row.row.text("sector"):
        row.row.error("sector", _("this must be filled in."))
