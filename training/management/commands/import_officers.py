"""Bring in officers by name from a file: new ones, and what has become of those who are known."""

from typing import Any

from members.management.acting import ImportCommand
from training.imports.officers import bring_in_officers


class Command(ImportCommand):
    help = __doc__

    def handle(self, **options: Any) -> None:
        by, content, dry_run = self.acting(options), self.content(options), options["dry_run"]
        with self.sentences():
            done = bring_in_officers(content, by=by, dry_run=dry_run)
        self.tell(done.lines(), done.summary(), dry_run=dry_run)
