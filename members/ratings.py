"""Ratings (đánh giá, xếp loại): a year's scale, what units give themselves, what is decided.

A unit rates itself; whoever accepts reports at its parent decides. Only the decided level counts.
Not eligible and not rated are states of their own, never a low level.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from django.db import models, transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext

from members.access import Permission
from members.actions import Refused
from members.models import (
    Calendar,
    HistoryEntry,
    HistoryKind,
    Kind,
    Quarter,
    Rating,
    RatingLevel,
    Unit,
    User,
)
from members.models.history import Changes, changes_between, entry, record
from members.models.reports import superiors_checked_by
from members.models.units import REPORTING_KINDS, UnitQuerySet
from members.scales import Level
from unionplan.lib import clock
from unionplan.lib.dates import in_text
from unionplan.lib.numbers import percent_text, whole_number

RATED_KINDS = (*REPORTING_KINDS, Kind.UPPER)
YEARS = range(2000, 2101)
FEWEST_LEVELS = 2
# What a file may change of a rating that is there.
BROUGHT_IN = (
    "self_level",
    "self_by",
    "self_at",
    "level",
    "is_eligible",
    "reason",
    "decided_by",
    "decided_at",
)


# --- the scale of a year -------------------------------------------------------------------------


def may_set_scales(user: User) -> bool:
    """A scale is of the whole tree, so it takes the permission at its root."""
    return user.may_at_root(Permission.PLAN)


def levels_of(year: int) -> list[RatingLevel]:
    """The best first; none where the year has no scale yet."""
    return list(RatingLevel.objects.filter(year=year).order_by("position"))


def scale_of(year: int) -> list[Level]:
    """The same as plain facts, to start another year's from."""
    return [Level(at.code, at.name, at.name_en, at.is_good) for at in levels_of(year)]


def is_in_use(year: int) -> bool:
    rated = Q(level__isnull=False) | Q(self_level__isnull=False)
    return Rating.objects.filter(rated, year=year).exists()


def year_with_scale(today: date) -> int:
    """The year that is being rated: the latest that has a scale, else this one."""
    found = RatingLevel.objects.filter(year__lte=today.year).aggregate(year=models.Max("year"))
    return found["year"] or today.year


@transaction.atomic
def keep_scale(year: int, levels: Sequence[Level], *, by: User) -> None:
    """Lay the scale of a year down. Once a rating uses it, only names and «đạt» change."""
    _refuse_scale(levels)
    before = list(
        RatingLevel.objects.filter(year=year).order_by("position").select_for_update(of=("self",))
    )
    after = [
        RatingLevel(
            year=year,
            code=level.code,
            name=level.name,
            name_en=level.name_en,
            is_good=level.is_good,
            position=position,
        )
        for position, level in enumerate(levels, start=1)
    ]
    changes = _scale_changes(before, after)
    if not changes:
        return
    if is_in_use(year):
        if [level.code for level in before] != [level.code for level in after]:
            raise Refused(
                _(
                    "The scale of %(year)s is in use: only names and what counts as reached can be"
                    " changed."
                )
                % {"year": year}
            )
        for old, new in zip(before, after, strict=True):
            new.pk = old.pk
        RatingLevel.objects.bulk_update(after, ["name", "name_en", "is_good"])
    else:
        RatingLevel.objects.filter(year=year).delete()
        RatingLevel.objects.bulk_create(after)
    record(
        HistoryKind.RATING,
        gettext_noop("set the rating scale"),
        by=by,
        unit=Unit.objects.roots().order_by("pk").first(),
        subject=str(year),
        changes=changes,
    )


def _refuse_scale(levels: Sequence[Level]) -> None:
    if len(levels) < FEWEST_LEVELS:
        raise Refused(_("A scale has at least two levels."))
    for texts in ([level.code for level in levels], [level.name.lower() for level in levels]):
        twice = next((text for text in texts if texts.count(text) > 1), None)
        if twice is not None:
            raise Refused(_("“%(text)s” stands on the scale twice.") % {"text": twice})
    if not any(level.is_good for level in levels):
        raise Refused(_("Tick at least one level that counts as reached."))


def _scale_changes(before: Iterable[RatingLevel], after: Iterable[RatingLevel]) -> Changes:
    old, new = ({level.code: _in_history(level) for level in levels} for levels in (before, after))
    return {
        code: [old.get(code), new.get(code)]
        for code in (*old, *(code for code in new if code not in old))
        if old.get(code) != new.get(code)
    }


def _in_history(level: RatingLevel) -> str:
    """«1. Vững mạnh (Strong) ✓», where the tick is «tính là đạt»."""
    english = f" ({level.name_en})" if level.name_en else ""
    return f"{level.position}. {level.name}{english}{' ✓' if level.is_good else ''}"


# --- who -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rights:
    may_rate_itself: bool
    may_decide: bool


def rights_of(user: User, unit: Unit, on: date) -> Rights:
    """A unit that reports is rated by whoever sends its report, a superior by whoever accepts the
    reports below it; both are decided by whoever accepts at their parent."""
    checked = superiors_checked_by(user, on)
    itself = unit.pk in checked if unit.is_superior else user.may(Permission.SEND, unit)
    return Rights(may_rate_itself=itself, may_decide=unit.parent_id in checked)


def sees_ratings(user: User) -> bool:
    """The list of a branch is for superior unions; a unit sees its own on its page."""
    return user.has_branch


def units_to_rate(user: User, year: int, on: date) -> UnitQuerySet:
    """Those whose rating this person may bring in: as whoever decides it, or who plans above it."""
    decided = Q(parent__in=superiors_checked_by(user, on))
    planned = Q(pk__in=Unit.objects.open_to(user, Permission.PLAN).values("pk"))
    return rated_units(Unit.objects.filter(decided | planned), year)


def brings_in_ratings(user: User, decides: set[int]) -> bool:
    """``decides``: the superiors below which this person decides."""
    return bool(decides) or user.may_somewhere(Permission.PLAN)


# --- the verbs -----------------------------------------------------------------------------------


@transaction.atomic
def rate_itself(unit: Unit, level: RatingLevel, *, by: User, note: str = "") -> Rating:
    """What the unit gives itself, with a sentence; until its superior decides."""
    _refuse_unit(unit, level.year)
    rating = _locked(unit, level.year)
    if rating.decided_at is not None:
        raise Refused(_("The rating was decided already; ask the superior union to change it."))
    before = _facts(rating)
    rating.self_level, rating.self_by, rating.self_at = level, by, clock.now()
    rating.self_note = note.strip()
    rating.save()
    verb = gettext_noop("rated the unit itself")
    _line(verb, rating, before, by=by, reason=rating.self_note).save()
    return rating


@transaction.atomic
def decide(
    unit: Unit, year: int, level: RatingLevel | None, *, by: User, reason: str = ""
) -> Rating:
    """The superior's decision; without a level the unit is not eligible that year."""
    _refuse_unit(unit, year)
    rating, reason = _locked(unit, year), reason.strip()
    if refusal := refusal_of(rating, level, reason, own=rating.self_level):
        raise Refused(refusal)
    before = _facts(rating)
    verb = (
        gettext_noop("decided the rating")
        if rating.decided_at is None
        else gettext_noop("decided the rating again")
    )
    rating.level, rating.is_eligible, rating.reason = level, level is not None, reason
    rating.decided_by, rating.decided_at = by, clock.now()
    rating.save()
    _line(verb, rating, before, by=by, reason=reason).save()
    return rating


def refusal_of(
    rating: Rating, level: RatingLevel | None, reason: str, *, own: RatingLevel | None
) -> str:
    """Why it cannot be decided so without a word, where the unit gave itself ``own``; empty where
    it can."""
    if reason:
        return ""
    if rating.decided_at is not None:
        return _("The rating was decided already: write why it is decided again.")
    if level is None:
        return _("Write why the unit is not eligible.")
    if own is not None and own != level:
        return _("The level differs from the self-rating: write why.")
    return ""


@transaction.atomic
def accept_self_ratings(
    units: UnitQuerySet, year: int, ticked: Mapping[int, int], *, by: User, on: date
) -> int:
    """Decide as the units rated themselves: those ticked (unit → the level seen) that this person
    decides and that are as they were seen. In a fixed number of statements."""
    decided = units.filter(parent__in=superiors_checked_by(by, on), pk__in=ticked)
    waiting = Rating.objects.filter(state_is(State.WAITING), year=year, unit__in=decided)
    rows = waiting.select_related("unit", "self_level").order_by("unit_id")
    ratings = [
        rating
        for rating in rows.select_for_update(of=("self",))
        if rating.self_level_id == ticked[rating.unit_id]
    ]
    lines: list[HistoryEntry] = []
    at = clock.now()
    for rating in ratings:
        before = _facts(rating)
        rating.level = rating.self_level
        verb = gettext_noop("decided the rating")
        lines.append(_line(verb, rating, before, by=by))
    Rating.objects.filter(pk__in=[rating.pk for rating in ratings]).update(
        level=models.F("self_level"), decided_by=by, decided_at=at
    )
    HistoryEntry.objects.bulk_create(lines)
    return len(ratings)


class Stated(NamedTuple):
    """What a row of a file states of a unit; a blank level states nothing."""

    self_level: RatingLevel | None
    level: RatingLevel | None
    is_eligible: bool
    reason: str

    def fits(self, rating: Rating) -> bool:
        """Whether the rating says it already."""
        if self.self_level not in (None, rating.self_level) or (
            self.reason and self.reason != rating.reason
        ):
            return False
        same_level = self.level in (None, rating.level)
        return self.is_eligible == rating.is_eligible and same_level


@transaction.atomic
def bring_in(stated: Mapping[Unit, Stated], year: int, *, by: User) -> list[Rating]:
    """What a file says, checked by the import; in a fixed number of statements."""
    rows = Rating.objects.filter(year=year, unit__in=[unit.pk for unit in stated])
    rows = rows.select_related("self_level", "level").order_by("unit_id")
    known = {rating.unit_id: rating for rating in rows.select_for_update(of=("self",))}
    ratings, lines = [], []
    for unit, row in stated.items():
        rating = known.get(unit.pk) or Rating(unit=unit, year=year)
        rating.unit = unit
        before = _facts(rating)
        _take_over(rating, row, by=by)
        verb = gettext_noop("brought the rating in from a file")
        lines.append(_line(verb, rating, before, by=by, reason=row.reason))
        ratings.append(rating)
    Rating.objects.bulk_create([rating for rating in ratings if rating.pk is None])
    Rating.objects.bulk_update(
        [rating for rating in ratings if rating.unit_id in known], BROUGHT_IN, batch_size=500
    )
    HistoryEntry.objects.bulk_create(lines)
    return ratings


def _take_over(rating: Rating, row: Stated, *, by: User) -> None:
    at = clock.now()
    if row.self_level is not None and row.self_level != rating.self_level:
        rating.self_level, rating.self_by, rating.self_at = row.self_level, by, at
    if row.level is not None or not row.is_eligible:
        rating.level, rating.is_eligible, rating.reason = row.level, row.is_eligible, row.reason
        rating.decided_by, rating.decided_at = by, at
    elif not rating.is_eligible:  # eligible after all, and not decided
        rating.is_eligible, rating.reason = True, ""
        rating.decided_by, rating.decided_at = None, None


def _refuse_unit(unit: Unit, year: int) -> None:
    if refusal := unit_refusal(unit, year):
        raise Refused(refusal)


def unit_refusal(unit: Unit, year: int) -> str:
    """Why a unit has no rating of that year, in a sentence."""
    if unit.kind not in RATED_KINDS:
        return _("%(unit)s is not rated.") % {"unit": unit}
    if not existed(unit, year):
        return _("%(unit)s did not exist in %(year)s.") % {"unit": unit, "year": year}
    return ""


def existed(unit: Unit, year: int) -> bool:
    """On a day of that year."""
    is_later = unit.founded_on is not None and unit.founded_on.year > year
    return not is_later and (unit.ended_on is None or unit.ended_on > date(year, 1, 1))


def _locked(unit: Unit, year: int) -> Rating:
    made, _is_new = Rating.objects.get_or_create(unit=unit, year=year)
    rows = Rating.objects.select_related("self_level", "level").select_for_update(of=("self",))
    rating = rows.get(pk=made.pk)
    rating.unit = unit
    return rating


def _facts(rating: Rating) -> dict[str, str | None]:
    not_eligible = None if rating.is_eligible else str(_("not eligible for a rating"))
    return {
        "self_level": rating.self_level.name if rating.self_level else None,
        "level": rating.level.name if rating.level else not_eligible,
    }


def _line(
    verb: str, rating: Rating, before: dict[str, str | None], *, by: User, reason: str = ""
) -> HistoryEntry:
    return entry(
        HistoryKind.RATING,
        verb,
        by=by,
        unit=rating.unit,
        subject=f"{rating.unit.name} · {rating.year}",
        changes=changes_between(before, _facts(rating)),
        reason=reason,
    )


# --- what is read --------------------------------------------------------------------------------


class State(models.TextChoices):
    REACHED = "reached", gettext_lazy("Reached")
    MISSED = "missed", gettext_lazy("Not reached")
    UNRATED = "unrated", gettext_lazy("Not rated yet")
    WAITING = "waiting", gettext_lazy("To be decided")
    UNFIT = "unfit", gettext_lazy("Not eligible for a rating")


def state_is(state: str) -> Q:
    """Of a rating; of those not rated at all there may be no rating to ask."""
    return {
        State.REACHED: Q(level__is_good=True),
        State.MISSED: Q(level__is_good=False),
        State.UNFIT: Q(is_eligible=False),
        State.WAITING: Q(is_eligible=True, level=None, self_level__isnull=False),
        State.UNRATED: Q(is_eligible=True, level=None),
    }[State(state)]


def state_of(rating: Rating | None) -> State:
    if rating is None:
        return State.UNRATED
    if not rating.is_eligible:
        return State.UNFIT
    if rating.level is not None:
        return State.REACHED if rating.level.is_good else State.MISSED
    return State.UNRATED if rating.self_level is None else State.WAITING


def decided_words(rating: Rating | None) -> str:
    """«Vững mạnh», «Chưa đủ điều kiện đánh giá», «Chưa xếp loại», on the page of a unit."""
    if rating is not None and rating.level is not None:
        return str(rating.level)
    state = state_of(rating)
    return _("Rated itself, not decided yet") if state == State.WAITING else str(state.label)


def in_state(units: UnitQuerySet, year: int, state: str) -> UnitQuerySet:
    ratings = Rating.objects.filter(year=year)
    if state == State.UNRATED:
        return units.exclude(pk__in=ratings.exclude(state_is(state)).values("unit"))
    return units.filter(pk__in=ratings.filter(state_is(state)).values("unit"))


def last_day(year: int) -> date:
    """The cut-off of the year's fourth quarter, as opened or as the calendar has it."""
    opened = Quarter.objects.filter(year=year, number=4).first()
    return opened.cut_off_on if opened else Calendar.current().cut_off(year, 4)


def rated_units(units: UnitQuerySet, year: int) -> UnitQuerySet:
    """Those of the units that are to be rated that year."""
    return units.filter(kind__in=RATED_KINDS).active(last_day(year))


def rating_of(unit: Unit, year: int) -> Rating | None:
    found = Rating.objects.filter(unit=unit, year=year)
    return found.select_related("self_level", "level", "self_by", "decided_by").first()


def ratings_of(units: Iterable[Unit] | QuerySet[Unit], year: int) -> dict[int, Rating]:
    """By unit, in one statement."""
    found = Rating.objects.filter(year=year, unit__in=units).select_related("self_level", "level")
    return {rating.unit_id: rating for rating in found}


def doubt_of(unit: Unit, year: int) -> str:
    """Why the unit may not be eligible; it is for the superior to say."""
    until = last_day(year)
    a_year_before = until.replace(year=until.year - 1, day=min(until.day, 28))
    if unit.founded_on is None or unit.founded_on <= a_year_before:
        return ""
    words = _("Founded on %(day)s: less than 12 months at the end of %(year)s.")
    return words % {"day": in_text(unit.founded_on), "year": year}


@dataclass(frozen=True)
class Counts:
    """Of some units: eligible = decided + unrated."""

    units: int
    unfit: int
    decided: int
    good: int

    @property
    def eligible(self) -> int:
        return self.units - self.unfit

    @property
    def unrated(self) -> int:
        return self.eligible - self.decided

    @property
    def words(self) -> str:
        """«Đạt 212/240 đơn vị đủ điều kiện (88,33%) · chưa xếp loại 12 · chưa đủ điều kiện 8»"""
        share = Fraction(100 * self.good, self.eligible) if self.eligible else None
        words = ngettext(
            "Reached %(good)s/%(eligible)s eligible unit (%(share)s) · not rated yet %(unrated)s"
            " · not eligible %(unfit)s",
            "Reached %(good)s/%(eligible)s eligible units (%(share)s) · not rated yet %(unrated)s"
            " · not eligible %(unfit)s",
            self.eligible,
        )
        numbers = ("good", "eligible", "unrated", "unfit")
        shown = {name: whole_number(getattr(self, name)) for name in numbers}
        return words % (shown | {"share": percent_text(share)})


def counts_of(units: UnitQuerySet, year: int) -> Counts:
    """In two statements."""
    found = Rating.objects.filter(year=year, unit__in=units.order_by()).aggregate(
        unfit=Count("pk", filter=Q(is_eligible=False)),
        decided=Count("pk", filter=Q(level__isnull=False)),
        good=Count("pk", filter=Q(level__is_good=True)),
    )
    return Counts(units=units.count(), **found)
