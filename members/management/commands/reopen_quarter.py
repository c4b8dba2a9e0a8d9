"""Open a closed reporting period again, for a reason."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from members.management.acting import QuarterCommand, quarter_called
from members.periods import reopen_quarter


class Command(QuarterCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--reason", required=True, help="why, for the history")

    def handle(self, **options: Any) -> None:
        by, quarter = self.acting(options), quarter_called(options["quarter"])
        with self.sentences():
            reopen_quarter(quarter, by=by, reason=options["reason"])
        self.stdout.write(_("%(quarter)s is open again.") % {"quarter": quarter})
