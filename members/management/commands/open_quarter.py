"""Open a reporting period; its dates are those of the chosen calendar unless given."""

from argparse import ArgumentTypeError
from dataclasses import replace
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from members.management.acting import QuarterCommand, year_and_number
from members.models import Calendar, QuarterlyReport
from members.models.quarters import Dates
from members.periods import open_quarter
from unionplan.lib.dates import in_text
from unionplan.lib.fields import VietnameseDateField
from unionplan.lib.numbers import whole_number


def day(text: str) -> date:
    try:
        return VietnameseDateField().clean(text)  # type: ignore[no-any-return]
    except ValidationError as error:
        raise ArgumentTypeError(" ".join(error.messages)) from None


class Command(QuarterCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--starts", type=day, help="first day, for example 2024-01-01")
        parser.add_argument("--cut-off", type=day, help="the day of the figures: 2024-03-31")
        parser.add_argument("--due", type=day, help="until when units report: 2024-04-05")

    def handle(self, **options: Any) -> None:
        by = self.acting(options)
        proposed = Calendar.current().dates(*year_and_number(options["quarter"]))
        dates = _moved(proposed, options["starts"], options["cut_off"], options["due"])
        with self.sentences():
            quarter = open_quarter(dates, by=by)
        self.stdout.write(
            _("%(quarter)s is open: %(reports)s units report figures of %(cut_off)s by %(due)s.")
            % {
                "quarter": quarter,
                "reports": whole_number(QuarterlyReport.objects.of(quarter).count()),
                "cut_off": in_text(quarter.cut_off_on),
                "due": in_text(quarter.due_on),
            }
        )


def _moved(dates: Dates, starts: date | None, cut_off: date | None, due: date | None) -> Dates:
    """The proposed dates with those given; due days keep their distances."""
    cut_off = cut_off or dates.cut_off_on
    due = due or dates.due_on + (cut_off - dates.cut_off_on)
    moved = due - dates.due_on
    return replace(
        dates,
        starts_on=starts or dates.starts_on,
        cut_off_on=cut_off,
        due_on=due,
        upper_due_on=dates.upper_due_on + moved,
        federation_due_on=dates.federation_due_on + moved,
    )
