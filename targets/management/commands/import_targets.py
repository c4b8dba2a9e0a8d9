"""Bring in the targets of a plan; one that exists gets a revision where the value differs."""

from typing import Any

from targets.imports import bring_in_targets
from targets.management.planning import PlanImportCommand


class Command(PlanImportCommand):
    help = __doc__

    def handle(self, **options: Any) -> None:
        by, content, dry_run = self.acting(options), self.content(options), options["dry_run"]
        plan = self.plan(options, by)
        with self.sentences():
            done = bring_in_targets(content, plan, by=by, dry_run=dry_run)
        self.tell(done.lines(), done.summary(), dry_run=dry_run)
