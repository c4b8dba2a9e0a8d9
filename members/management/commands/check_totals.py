"""Compare stored sums and carried stock with the reports; exits 1 where they differ."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import ngettext

from members import totals
from members.models import Quarter
from unionplan.lib.numbers import whole_number
from unionplan.lib.watching import on_terminal


class Command(BaseCommand):
    help = __doc__

    def handle(self, **options: Any) -> None:
        differences = 0
        quarters = on_terminal(list(Quarter.objects.by_time()))
        for difference in totals.differences(quarters):
            differences += 1
            self.stderr.write(difference)
        self.stdout.write(
            ngettext("%(count)s difference", "%(count)s differences", differences)
            % {"count": whole_number(differences)}
        )
        if differences:
            raise SystemExit(1)
