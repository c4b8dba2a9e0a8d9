"""Close a reporting period: what is not accepted by then stays carried."""

from typing import Any

from django.utils.translation import gettext as _

from members.management.acting import QuarterCommand, quarter_called
from members.periods import close_quarter


class Command(QuarterCommand):
    help = __doc__

    def handle(self, **options: Any) -> None:
        by, quarter = self.acting(options), quarter_called(options["quarter"])
        with self.sentences():
            close_quarter(quarter, by=by)
        self.stdout.write(_("%(quarter)s is closed.") % {"quarter": quarter})
