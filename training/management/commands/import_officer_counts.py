"""Bring in, for a quarter, how many officers units do not list by name and how many are trained."""

from typing import Any

from django.core.management.base import CommandParser

from members.management.acting import ImportCommand, quarter_called
from training.imports.officer_counts import bring_in_officer_counts


class Command(ImportCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--quarter", required=True, metavar="2024Q1")

    def handle(self, **options: Any) -> None:
        by, content, dry_run = self.acting(options), self.content(options), options["dry_run"]
        quarter = quarter_called(options["quarter"])
        with self.sentences():
            done = bring_in_officer_counts(content, quarter, by=by, dry_run=dry_run)
        self.tell(done.lines(), done.sentence(), dry_run=dry_run)
