"""Plans and targets of tests, as short as they are said."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from members.models import Quarter, Unit
from targets.models import Baseline, Plan, Standing, Target, TargetRevision
from targets.results import Question
from tests import factories

AT = datetime(2024, 1, 20, 9, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


def plan(unit: Unit, *, code: str = "ke-hoach-2024", **facts) -> Plan:
    """The plan of a year, in force."""
    facts.setdefault("starts_on", date(2024, 1, 1))
    facts.setdefault("ends_on", date(2024, 12, 31))
    title = facts.pop("title", "Kế hoạch phát triển đoàn viên năm 2024")
    return Plan.objects.create(
        code=code, title=title, unit=unit, status=Plan.Status.IN_FORCE, **facts
    )


def target(
    plan: Plan,
    unit: Unit,
    indicator: str,
    minimum: int | str,
    *,
    group: str = "all",
    due_on: date | None = None,
    in_force_on: date = date(2024, 1, 1),
    desired: int | None = None,
    decision_no: str = "12/QĐ-CĐN",
    decision_on: date | None = None,
) -> Target:
    """A line of the plan with its first value, or another value of a line that is there."""
    found, _new = Target.objects.get_or_create(
        plan=plan, unit=unit, indicator=indicator, sector_group_id=group, due_on=due_on
    )
    TargetRevision.objects.create(
        target=found,
        minimum=Decimal(minimum),
        desired=desired,
        decision_no=decision_no,
        decision_on=decision_on,
        in_force_on=in_force_on,
        by=factories.superuser(),
        at=AT,
    )
    return found


def baseline(plan: Plan, unit: Unit, indicator: str, value: int, *, group: str = "all") -> Baseline:
    """A result from before the product, up to the first day of the plan."""
    return Baseline.objects.create(
        plan=plan,
        unit=unit,
        indicator=indicator,
        sector_group_id=group,
        up_to=plan.starts_on,
        value=value,
        by=factories.superuser(),
        at=AT,
    )


def standing(plan: Plan, unit: Unit, quarter: Quarter) -> Standing:
    """A published ranking that lists the first unit below, and no rows."""
    found = Standing.objects.create(
        unit=unit,
        plan=plan,
        quarter=quarter,
        line="Thực tăng đoàn viên",
        rows=[],
        by=factories.superuser(),
        at=AT,
    )
    found.units.add(unit.children.get(code=f"{unit.code}-01"))
    return found


def question(plan: Plan, quarter: Quarter, **facts) -> Question:
    facts.setdefault("plan_as_of", date(2024, 10, 4))
    return Question(plan=plan, quarter=quarter, **facts)
