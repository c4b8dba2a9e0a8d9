"""Bring in the reports of a quarter from a file: as drafts, sent, or sent and accepted."""

from typing import Any

from django.core.management.base import CommandParser

from members.imports import Intent, bring_in_reports
from members.management.acting import ImportCommand, quarter_called
from unionplan.lib.watching import on_terminal


class Command(ImportCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--quarter", required=True, metavar="2024Q1")
        how_far = parser.add_mutually_exclusive_group()
        for intent in (Intent.SUBMIT, Intent.ACCEPT):
            how_far.add_argument(
                f"--{intent}",
                dest="intent",
                action="store_const",
                const=intent,
                default=Intent.SAVE,
            )

    def handle(self, **options: Any) -> None:
        by, content, dry_run = self.acting(options), self.content(options), options["dry_run"]
        quarter = quarter_called(options["quarter"])
        with self.sentences():
            done = bring_in_reports(
                content,
                quarter,
                by=by,
                intent=options["intent"],
                dry_run=dry_run,
                watch=on_terminal,
            )
        for query in done.queries:
            self.stdout.write(str(query))
        self.tell(done.lines(), done.summary(), dry_run=dry_run)
