"""Bring in the targets of a plan; one that exists gets a revision where the value differs."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from members.management.acting import ImportCommand
from targets.imports import bring_in_targets
from targets.models import Plan


class Command(ImportCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--plan", required=True, metavar="CODE", help="code of the plan")

    def handle(self, **options: Any) -> None:
        by, content, dry_run = self.acting(options), self.content(options), options["dry_run"]
        plan = Plan.objects.visible_to(by).filter(code=options["plan"]).first()
        if plan is None:
            raise CommandError(
                _("There is no plan with code %(code)s.") % {"code": options["plan"]}
            )
        with self.sentences():
            done = bring_in_targets(content, plan, by=by, dry_run=dry_run)
        self.tell(done.lines(), done.summary(), dry_run=dry_run)
