"""``manage.py progress``: how far units are against a plan, as rows for machines."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models import Basis, Quarter, Structure, Unit
from members.models.quarters import parse_code
from targets import exports
from targets.dashboards import children_of
from targets.models import Plan
from targets.reading import lines
from targets.results import Question
from unionplan.lib import clock
from unionplan.lib.fields import VietnameseDateField

FORMATS = {"csv": exports.as_csv, "json": exports.as_json}


class Command(BaseCommand):
    help = str(gettext_lazy("Print how far a unit is against a plan, one row for each line."))

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--plan", required=True, metavar="CODE")
        parser.add_argument("--quarter", required=True, metavar="2024Q3")
        parser.add_argument("--unit", metavar="CODE", help="default: the plan's owner")
        parser.add_argument("--children", action="store_true", help="also each unit directly below")
        parser.add_argument("--basis", choices=Basis.values, default=Basis.ACCEPTED.value)
        parser.add_argument(
            "--structure", choices=Structure.values, default=Structure.REPORTED.value
        )
        parser.add_argument("--plan-as-of", metavar="DATE", help="default: today")
        parser.add_argument("--format", choices=sorted(FORMATS), default="csv")

    def handle(self, **options: Any) -> None:
        plan = _plan(options["plan"])
        question = Question(
            plan=plan,
            quarter=_quarter(options["quarter"]),
            plan_as_of=_day(options["plan_as_of"]),
            basis=options["basis"],
            structure=options["structure"],
        )
        unit = _unit(options["unit"]) if options["unit"] else plan.unit
        below = children_of(unit, question) if options["children"] else []
        self.stdout.write(FORMATS[options["format"]](lines(question, [unit, *below])), ending="")


def _plan(code: str) -> Plan:
    plan = Plan.objects.select_related("unit").filter(code=code).first()
    if plan is None:
        raise CommandError(_("There is no plan “%(code)s”.") % {"code": code})
    return plan


def _unit(code: str) -> Unit:
    unit = Unit.objects.filter(code=code).first()
    if unit is None:
        raise CommandError(_("There is no unit “%(code)s”.") % {"code": code})
    return unit


def _quarter(code: str) -> Quarter:
    try:
        year, number = parse_code(code)
    except ValueError as error:
        raise CommandError(str(error)) from error
    quarter = Quarter.objects.filter(year=year, number=number).first()
    if quarter is None:
        raise CommandError(_("Quarter %(code)s was never opened.") % {"code": code})
    return quarter


def _day(text: str | None) -> date:
    if not text:
        return clock.today()
    try:
        day: date = VietnameseDateField().clean(text)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from error
    return day
