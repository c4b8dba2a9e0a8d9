"""Bring in the ratings of a year from a file: self-ratings, decisions, units not eligible."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from members.imports import bring_in_ratings
from members.management.acting import ImportCommand
from members.ratings import YEARS


class Command(ImportCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--year", required=True, type=int, metavar="2024")

    def handle(self, **options: Any) -> None:
        by, content, dry_run = self.acting(options), self.content(options), options["dry_run"]
        year: int = options["year"]
        if year not in YEARS:
            raise CommandError(_("%(year)s is no year of ratings.") % {"year": year})
        with self.sentences():
            done = bring_in_ratings(content, year, by=by, dry_run=dry_run)
        self.tell(done.lines(), done.summary(), dry_run=dry_run)
