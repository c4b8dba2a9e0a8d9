"""Ratings of a year from a file: what units gave themselves and what was decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from members.access import Permission
from members.actions import Refused
from members.imports.units import no_such_unit, units_by_code
from members.models import Rating, RatingLevel, Unit, User
from members.models.reports import superiors_checked_by
from members.ratings import (
    Stated,
    bring_in,
    keep_scale,
    levels_of,
    may_set_scales,
    ratings_of,
    refusal_of,
    unit_refusal,
)
from members.scales import SCALES, Level
from unionplan.lib import clock
from unionplan.lib.numbers import whole_number
from unionplan.lib.spreadsheets import Choices, Column, Row, Sheet, read

Known = TypeVar("Known", Level, RatingLevel)

RATING_COLUMNS = [
    Column("unit", pgettext_lazy("column", "Unit code"), is_required=True, also=("Mã",)),
    Column(
        "self_level",
        pgettext_lazy("column", "Self-rating"),
        is_required=True,
        also=("Đơn vị tự xếp loại", "Tự đánh giá"),
    ),
    Column(
        "level",
        pgettext_lazy("column", "Decided level"),
        is_required=True,
        also=("Xếp loại", "Mức xếp loại", "Kết quả xếp loại"),
    ),
    Column(
        "eligible",
        pgettext_lazy("column", "Eligible"),
        is_required=True,
        also=("Đủ điều kiện đánh giá",),
    ),
    Column("reason", pgettext_lazy("column", "Reason")),
    # of a table that was downloaded here, for the eyes of whoever fills it in
    Column("name", pgettext_lazy("column", "Unit name"), also=("Tên đơn vị", "Đơn vị")),
]
# As people write yes and no; an empty cell is «yes», for most units are eligible.
YES_OR_NO = Choices(
    {
        **dict.fromkeys(("yes", "y", "true", "1", "x", "có", "c", "đúng", "đủ"), "yes"),
        **dict.fromkeys(("đủ điều kiện", "eligible"), "yes"),
        **dict.fromkeys(("no", "n", "false", "0", "không", "k", "sai", "chưa", "chưa đủ"), "no"),
        **dict.fromkeys(("chưa đủ điều kiện", "chưa đủ điều kiện đánh giá"), "no"),
        **dict.fromkeys(("không đủ điều kiện", "not eligible"), "no"),
    }
)
DUTY = " nhiệm vụ"  # left out where people write short: «hoàn thành tốt»


@dataclass(frozen=True)
class RatingsBroughtIn:
    year: int
    ratings: list[Rating]
    unchanged: int
    scale: str  # the shipped one that was taken for a year without any

    def lines(self) -> Iterator[str]:
        for rating in self.ratings:
            own, decided = rating.self_level, rating.level
            words = decided if rating.is_eligible else _("not eligible for a rating")
            yield f"{rating.unit.code} {rating.unit}: {own or '–'} → {words or '–'}"

    def summary(self) -> str:
        sentences = [
            ngettext(
                "Rating of %(year)s brought in for %(count)s unit; %(unchanged)s unchanged.",
                "Ratings of %(year)s brought in for %(count)s units; %(unchanged)s unchanged.",
                len(self.ratings),
            )
            % {
                "year": self.year,
                "count": whole_number(len(self.ratings)),
                "unchanged": whole_number(self.unchanged),
            }
        ]
        if self.scale:
            words = _("%(year)s had no scale yet; taken: %(scale)s.")
            sentences.append(words % {"year": self.year, "scale": self.scale})
        return " ".join(sentences)

    def sentence(self) -> str:
        return self.summary()


@transaction.atomic
def bring_in_ratings(
    content: bytes, year: int, *, by: User, dry_run: bool = False
) -> RatingsBroughtIn:
    """Bring the ratings of a file in; :class:`Invalid` says all errors.

    For a year without a scale the shipped one is taken that knows every level of the file.
    """
    sheet = read(content, RATING_COLUMNS)
    sheet.stop_if_wrong()
    taken = "" if levels_of(year) else _take_scale(sheet, year, by)
    found = _RatingFile(sheet, year, by)
    sheet.stop_if_wrong()
    ratings = bring_in(found.changes, year, by=by)
    if dry_run:
        transaction.set_rollback(True)
    return RatingsBroughtIn(year, ratings, found.unchanged, taken)


def _take_scale(sheet: Sheet, year: int, by: User) -> str:
    written = {row.text(name) for row in sheet.rows for name in ("self_level", "level")} - {""}
    for scale in SCALES:
        known = _level_choices(scale.levels)
        if all(known.called(text) for text in written):
            if not may_set_scales(by):
                break
            keep_scale(year, scale.levels, by=by)
            return str(scale.label)
    raise Refused(_("There is no rating scale of %(year)s yet.") % {"year": year})


def _level_choices(levels: Sequence[Known]) -> Choices[Known]:
    known: dict[str, Known] = {}
    for level in levels:
        for text in (level.name.removesuffix(DUTY), level.name_en, level.name, level.code):
            if text:
                known[text] = level
    return Choices(known)


class _RatingFile:
    """The rows of the file against the units and what is known of them."""

    def __init__(self, sheet: Sheet, year: int, by: User) -> None:
        self.year, self.by = year, by
        self.levels = _level_choices(levels_of(year))
        self.units = units_by_code({row.text("unit") for row in sheet.rows})
        self.known = ratings_of(list(self.units.values()), year)
        self.decides = superiors_checked_by(by, clock.today())
        self.changes: dict[Unit, Stated] = {}
        self.unchanged = 0
        rows_by_unit: dict[str, int] = {}
        for row in sheet.rows:
            self._read(row, rows_by_unit)

    def _read(self, row: Row, rows_by_unit: dict[str, int]) -> None:
        before = len(row.sheet.problems)
        code, stated = row.text("unit", is_required=True), self._stated(row)
        if not code:
            return
        first = rows_by_unit.setdefault(code, row.number)
        if first != row.number:
            row.error("unit", _("this unit stands in row %(row)s already.") % {"row": first})
        elif refusal := self._refusal(code):
            row.error("unit", refusal)
        elif len(row.sheet.problems) == before:  # else something of it could not be read
            self._keep(row, self.units[code], stated)

    def _stated(self, row: Row) -> Stated:
        return Stated(
            self_level=row.choice("self_level", self.levels),
            level=row.choice("level", self.levels),
            is_eligible=row.choice("eligible", YES_OR_NO) != "no",
            reason=row.text("reason", max_length=2000),
        )

    def _refusal(self, code: str) -> str:
        unit = self.units.get(code)
        if unit is None or not self._may_rate(unit):
            return no_such_unit(code)
        return unit_refusal(unit, self.year)

    def _may_rate(self, unit: Unit) -> bool:
        """Whoever decides the unit's rating, and the administrators above it."""
        return unit.parent_id in self.decides or self.by.may(Permission.PLAN, unit)

    def _keep(self, row: Row, unit: Unit, stated: Stated) -> None:
        rating = self.known.get(unit.pk) or Rating(unit=unit, year=self.year)
        if not stated.is_eligible and row.text("level"):
            row.error("level", _("a unit that is not eligible has no level."))
        elif stated.fits(rating):
            self.unchanged += 1
        elif refusal := _unexplained(rating, stated):
            row.error("reason", refusal)
        else:
            self.changes[unit] = stated


def _unexplained(rating: Rating, stated: Stated) -> str:
    """What the row leaves without a reason; of a unit that is not eligible it need not say why."""
    if stated.level is None and rating.decided_at is None:
        return ""
    own = stated.self_level or rating.self_level
    return refusal_of(rating, stated.level, stated.reason, own=own)
