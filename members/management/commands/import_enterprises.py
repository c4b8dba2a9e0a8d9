"""Bring in enterprises from a file: ``tax_code, name, sector, workers, responsible_unit`` ..."""

from typing import Any

from members.imports import bring_in_enterprises
from members.management.acting import ImportCommand
from unionplan.lib.watching import on_terminal


class Command(ImportCommand):
    help = __doc__

    def handle(self, **options: Any) -> None:
        by, content, dry_run = self.acting(options), self.content(options), options["dry_run"]
        with self.sentences():
            done = bring_in_enterprises(content, by=by, dry_run=dry_run, watch=on_terminal)
        self.tell(done.lines(), done.summary(), dry_run=dry_run)
