"""Reporting periods and the calendars they come from."""

from __future__ import annotations

import calendar as days
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

ROMAN = ("I", "II", "III", "IV")
CODE = re.compile(r"^(?P<year>\d{4})Q(?P<number>[1-4])$")


@dataclass(frozen=True)
class Dates:
    """The dates of one quarter as its calendar proposes them."""

    year: int
    number: int
    starts_on: date
    cut_off_on: date
    due_on: date
    upper_due_on: date
    federation_due_on: date


class CalendarKind(models.TextChoices):
    CALENDAR_YEAR = "calendar_year", _("Calendar year (31/3, 30/6, 30/9, 31/12)")
    UNION_YEAR = "union_year", _("Union year (28/02, 31/5, 31/8, 30/11)")
    OWN = "own", _("Own dates")


CUT_OFFS = {
    CalendarKind.CALENDAR_YEAR: ["3-31", "6-30", "9-30", "12-31"],
    CalendarKind.UNION_YEAR: ["2-29", "5-31", "8-31", "11-30"],
}


class Calendar(models.Model):
    """How the dates of new quarters are proposed; one row, edited on the page of the quarters.

    The cut-offs alone decide: a quarter starts on the day after the cut-off before it. Due days
    are counted from the cut-off and may be negative («số ước»). Defaults: guidance differs by
    federation, so these are only proposals (DOMAIN 1.5).
    """

    kind = models.CharField(
        _("calendar"),
        max_length=20,
        choices=CalendarKind.choices,
        default=CalendarKind.CALENDAR_YEAR,
    )
    own_cut_offs = models.JSONField(default=list, blank=True)
    due_days = models.SmallIntegerField(_("days until grassroots unions are due"), default=5)
    upper_due_days = models.SmallIntegerField(_("days until upper unions are due"), default=10)
    federation_due_days = models.SmallIntegerField(
        _("days until the federation is due"), default=15
    )

    def __str__(self) -> str:
        return str(self.get_kind_display())

    @classmethod
    def current(cls) -> Calendar:
        return cls.objects.order_by("pk").first() or cls()

    @property
    def cut_offs(self) -> list[str]:
        """Four «month-day»; 2-29 is the last day of February in every year."""
        if self.kind == CalendarKind.OWN:
            return list(self.own_cut_offs)
        return CUT_OFFS[CalendarKind(self.kind)]

    def cut_off(self, year: int, number: int) -> date:
        month, day = map(int, self.cut_offs[number - 1].split("-"))
        return date(year, month, min(day, days.monthrange(year, month)[1]))

    def dates(self, year: int, number: int) -> Dates:
        cut_off = self.cut_off(year, number)
        before = self.cut_off(year - 1, 4) if number == 1 else self.cut_off(year, number - 1)
        return Dates(
            year=year,
            number=number,
            starts_on=before + timedelta(days=1),
            cut_off_on=cut_off,
            due_on=cut_off + timedelta(days=self.due_days),
            upper_due_on=cut_off + timedelta(days=self.upper_due_days),
            federation_due_on=cut_off + timedelta(days=self.federation_due_days),
        )


class QuarterQuerySet(models.QuerySet["Quarter"]):
    def open(self) -> Self:
        return self.filter(closed_at=None)

    def by_time(self) -> Self:
        return self.order_by("cut_off_on")

    def before(self, quarter: Quarter) -> Self:
        return self.filter(cut_off_on__lt=quarter.cut_off_on)

    def of_span(self, starts_on: date, ends_on: date) -> Self:
        """A quarter belongs to a span when its cut-off lies in it."""
        return self.filter(cut_off_on__range=(starts_on, ends_on))

    def latest_one(self) -> Quarter | None:
        return self.order_by("-cut_off_on").first()


class Quarter(models.Model):
    """A reporting period: first day, cut-off day, due day for each level; open or closed."""

    code = models.CharField(_("code"), max_length=6)
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveSmallIntegerField(_("quarter"))
    starts_on = models.DateField(_("first day"))
    cut_off_on = models.DateField(_("cut-off day"))
    due_on = models.DateField(_("due for grassroots unions"))
    upper_due_on = models.DateField(_("due for upper-level unions"))
    federation_due_on = models.DateField(_("due for the federation"))
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    objects = QuarterQuerySet.as_manager()

    class Meta:
        verbose_name = _("quarter")
        constraints = [
            models.UniqueConstraint(fields=["code"], name="quarter_code_unique"),
            models.UniqueConstraint(fields=["year", "number"], name="quarter_number_unique"),
            models.UniqueConstraint(fields=["cut_off_on"], name="quarter_cut_off_unique"),
            models.CheckConstraint(
                condition=Q(cut_off_on__gt=F("starts_on")), name="quarter_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1) & Q(number__lte=4), name="quarter_number_1_to_4"
            ),
        ]

    def __str__(self) -> str:
        """«Quý III/2024»."""
        return gettext("Quarter %(number)s/%(year)s") % {
            "number": ROMAN[self.number - 1],
            "year": self.year,
        }

    def get_absolute_url(self) -> str:
        return reverse("quarter-list")

    @property
    def short_name(self) -> str:
        """«Quý III»."""
        return gettext("Quarter %(number)s") % {"number": ROMAN[self.number - 1]}

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def is_estimate(self) -> bool:
        """Due before the cut-off: units send an estimate («số ước»)."""
        return self.due_on < self.cut_off_on


def parse_code(code: str) -> tuple[int, int]:
    """«2024Q3» → (2024, 3); ``ValueError`` otherwise."""
    match = CODE.match(code.strip())
    if match is None:
        raise ValueError(gettext("“%(code)s” is not a quarter; write 2024Q3.") % {"code": code})
    return int(match["year"]), int(match["number"])


def quarters_of_span(starts_on: date, ends_on: date) -> list[Quarter]:
    """Every quarter whose cut-off lies within the span: those that exist, and for the others
    unsaved ones as the calendar proposes them. One statement and the calendar's."""
    years = range(starts_on.year - 1, ends_on.year + 2)
    known = {(q.year, q.number): q for q in Quarter.objects.filter(year__in=years)}
    calendar = Calendar.current()
    numbers = [(year, number) for year in years for number in (1, 2, 3, 4)]
    found = [known.get(n) or Quarter(**vars(calendar.dates(*n))) for n in numbers]
    within = {q.cut_off_on: q for q in found if starts_on <= q.cut_off_on <= ends_on}
    return [within[cut_off] for cut_off in sorted(within)]
