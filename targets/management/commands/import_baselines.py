"""Bring in what was achieved before the product was used, for lines of a plan that add up."""

from typing import Any

from targets.imports import bring_in_baselines
from targets.management.planning import PlanImportCommand


class Command(PlanImportCommand):
    help = __doc__

    def handle(self, **options: Any) -> None:
        by, content, dry_run = self.acting(options), self.content(options), options["dry_run"]
        plan = self.plan(options, by)
        with self.sentences():
            done = bring_in_baselines(content, plan, by=by, dry_run=dry_run)
        self.tell(done.lines(), done.summary(), dry_run=dry_run)
