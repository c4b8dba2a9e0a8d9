"""Bring in plans from a file and put them in force; unknown terms are made."""

from typing import Any

from members.management.acting import ImportCommand
from targets.imports import bring_in_plans


class Command(ImportCommand):
    help = __doc__

    def handle(self, **options: Any) -> None:
        by, content, dry_run = self.acting(options), self.content(options), options["dry_run"]
        with self.sentences():
            done = bring_in_plans(content, by=by, dry_run=dry_run)
        self.tell(done.lines(), done.summary(), dry_run=dry_run)
