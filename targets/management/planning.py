"""Commands that bring a file into one plan."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from members.management.acting import ImportCommand
from members.models import User
from targets.models import Plan


class PlanImportCommand(ImportCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--plan", required=True, metavar="CODE", help="code of the plan")

    def plan(self, options: dict[str, Any], by: User) -> Plan:
        plan = Plan.objects.visible_to(by).filter(code=options["plan"]).first()
        if plan is None:
            raise CommandError(
                _("There is no plan with code %(code)s.") % {"code": options["plan"]}
            )
        return plan
