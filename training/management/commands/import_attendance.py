"""Bring in who was sent to courses and who completed them, from a file."""

from typing import Any

from members.management.acting import ImportCommand
from training.imports.attendance import bring_in_attendance


class Command(ImportCommand):
    help = __doc__

    def handle(self, **options: Any) -> None:
        by, content, dry_run = self.acting(options), self.content(options), options["dry_run"]
        with self.sentences():
            done = bring_in_attendance(content, by=by, dry_run=dry_run)
        self.tell(done.lines(), done.summary(), dry_run=dry_run)
