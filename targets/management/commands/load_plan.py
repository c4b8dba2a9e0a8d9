"""Copy a plan we ship to a unit and put it in force."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from members.access import Permission
from members.management.acting import ActingCommand
from members.models import Unit
from targets.actions import load_plan
from targets.shipped import ShippedPlan, shipped_plan, shipped_plans


class Command(ActingCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("template", metavar="TEMPLATE", help="for example cdxd-2024")
        parser.add_argument("--unit", required=True, metavar="CODE", help="whose plan it becomes")
        parser.add_argument("--code", metavar="NEW", help="code of the plan, else the template’s")
        super().add_arguments(parser)

    def handle(self, **options: Any) -> None:
        by = self.acting(options)
        template = _template(options["template"])
        unit = _unit(options["unit"])
        with self.sentences():
            by.require(Permission.PLAN, unit)
            plan = load_plan(template, unit, code=options["code"] or template.code, by=by)
        words = {"plan": plan, "code": plan.code, "unit": unit}
        self.stdout.write(_("“%(plan)s” (%(code)s) is in force for %(unit)s.") % words)


def _template(code: str) -> ShippedPlan:
    if (template := shipped_plan(code)) is None:
        known = ", ".join(plan.code for plan in shipped_plans())
        sentence = _("There is no template “%(code)s”; there are: %(known)s.")
        raise CommandError(sentence % {"code": code, "known": known})
    return template


def _unit(code: str) -> Unit:
    if (unit := Unit.objects.living().filter(code=code).first()) is None:
        raise CommandError(_("There is no unit with the code %(code)s.") % {"code": code})
    return unit
