"""How a branch reports: in time, completely, rightly («kịp thời, đầy đủ, đúng yêu cầu»).

Of the reports a branch owes for a quarter: first sent by the due day; sent; accepted without ever
having been returned. Each is a count of the same number due. The branch is today's, as with a
sign-off: only its reviewers accept the reports, so they answer for them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from fractions import Fraction

from django.db.models import Case, Count, F, Q, Value, When
from django.db.models.functions import Substr

from members.models import Quarter, QuarterlyReport, Status, Unit
from members.models.reports import SENT
from unionplan.lib.numbers import percent_text, whole_number
from unionplan.lib.paths import WIDTH

DIRECT = ""  # in the place of a child's path: the units that report to the superior itself


@dataclass(frozen=True)
class Rates:
    due: int = 0
    on_time: int = 0
    complete: int = 0
    valid: int = 0
    accepted: int = 0

    def __add__(self, other: Rates) -> Rates:
        names = [field.name for field in fields(self)]
        return Rates(*(getattr(self, name) + getattr(other, name) for name in names))

    def percent(self, name: str) -> Fraction | None:
        """Nothing due, no rate."""
        return Fraction(getattr(self, name) * 100, self.due) if self.due else None

    def text(self, name: str) -> str:
        """«380/400 (95,00%)»; «0/0» where nothing was due."""
        words = f"{whole_number(getattr(self, name))}/{whole_number(self.due)}"
        percent = self.percent(name)
        return words if percent is None else f"{words} ({percent_text(percent)})"

    @property
    def on_time_text(self) -> str:
        return self.text("on_time")

    @property
    def complete_text(self) -> str:
        return self.text("complete")

    @property
    def valid_text(self) -> str:
        return self.text("valid")


COUNTED = {
    "due": Count("pk"),
    "on_time": Count("pk", filter=Q(first_sent_on__lte=F("quarter__due_on"))),
    "complete": Count("pk", filter=Q(status__in=SENT)),
    "valid": Count("pk", filter=Q(status=Status.ACCEPTED, times_returned=0)),
    "accepted": Count("pk", filter=Q(status=Status.ACCEPTED)),
}


def rates_of(unit: Unit, quarter: Quarter) -> Rates:
    """Of everything below one superior unit."""
    below = QuarterlyReport.objects.of(quarter).below(unit).owed()
    return Rates(**below.aggregate(**COUNTED))


def rates_by_child(unit: Unit, quarter: Quarter) -> dict[str, Rates]:
    """By the path of each superior child, and under ``DIRECT`` those of the units that report to
    the unit itself: one statement, whatever hangs below. Who owes nothing has no entry."""
    branch = Case(
        When(unit__parent=unit, then=Value(DIRECT)),
        default=Substr("unit__path", 1, len(unit.path) + WIDTH),
    )
    below = QuarterlyReport.objects.of(quarter).below(unit).owed()
    rows = below.order_by().annotate(branch=branch).values("branch").annotate(**COUNTED)
    counted = rows.values_list("branch", *COUNTED)
    return {path: Rates(**dict(zip(COUNTED, counts, strict=True))) for path, *counts in counted}
