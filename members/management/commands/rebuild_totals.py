"""Make all stored sums again from the reports."""

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
        quarters = list(Quarter.objects.by_time())
        totals.rebuild(on_terminal(quarters))
        self.stdout.write(
            ngettext(
                "Made the totals of %(count)s quarter again.",
                "Made the totals of %(count)s quarters again.",
                len(quarters),
            )
            % {"count": whole_number(len(quarters))}
        )
