"""What surrounds the reports of the demo: the plan of the term, enterprises, ratings, figures typed
by hand, a published ranking, and the registration for next year. Invented like all the rest."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from members.enterprises import found
from members.imports.enterprises import bring_in_enterprises
from members.imports.ratings import bring_in_ratings
from members.models import Enterprise, EnterpriseStatus, Kind, Quarter, Unit, User
from targets import manual, registering, standings
from targets.actions import copy_plan, create_plan, put_in_force, set_targets
from targets.demo import story
from targets.lines import Line
from targets.models import ManualIndicator, ManualKind, Plan, Term, TypedBy
from targets.results import Question
from unionplan.lib.spreadsheets import csv_file

TERM_PLAN = "nhiem-ky-2023-2028"
NEXT_PLAN = "cdxd-2025"
INTRODUCED = "doan-vien-uu-tu"
TERM = "2023-2028"
STARTS_ON, ENDS_ON = date(2023, 1, 1), date(2028, 12, 31)
ISSUED_ON = date(2022, 12, 20)
RATED_YEAR, RATED_ON = 2023, date(2024, 1, 12)
SURVEYED_ON = date(2024, 3, 15)
REGISTER_UNTIL = date(2024, 11, 20)
# Unions founded at enterprises before the last quarter ended: they owe their first report.
FOUNDED = (
    ("CD03", "CD03-015", date(2024, 9, 12)),
    ("CD09", "CD09-013", date(2024, 9, 10)),
)
# indicator, sector group, minimum, and what else is said of the line
LINES: tuple[tuple[str, str, int, dict[str, object]], ...] = (
    ("members", "all", 70_000, {"due_on": date(2025, 12, 31)}),
    ("members", "all", 84_000, {"due_on": ENDS_ON}),
    ("admissions", "all", 36_000, {"owner": "Ban Tổ chức"}),
    ("density", "agencies", 100, {}),
    ("density", "state-enterprises", 95, {"desired": Decimal(98)}),
    ("density", "other-enterprises", 90, {"desired": Decimal(95)}),
    ("units-founded", "all", 8, {"rationale": "Khảo sát doanh nghiệp tháng 3/2024"}),
    ("enterprise-coverage", "other-enterprises", 90, {"parameter": 25}),
    ("superiors-rated-well", "all", 95, {"is_recurring": True}),
    ("units-rated-well", "all", 80, {"is_recurring": True}),
    (INTRODUCED, "all", 1_500, {"owner": "Ban Tuyên giáo"}),
)
SURVEYED = (
    "tax_code",
    "name",
    "sector",
    "workers",
    "responsible_unit",
    "status",
    "area",
    "surveyed_on",
    "unit",
)
LEVELS = (
    ("Hoàn thành xuất sắc nhiệm vụ", 18),
    ("Hoàn thành tốt nhiệm vụ", 64),
    ("Hoàn thành nhiệm vụ", 16),
    ("Không hoàn thành nhiệm vụ", 2),
)
NOT_APPROACHED = (
    EnterpriseStatus.NOT_APPROACHED,
    EnterpriseStatus.NOT_APPROACHED,
    EnterpriseStatus.APPROACHED,
    EnterpriseStatus.DIFFICULT,
    EnterpriseStatus.HELP,
)


def plan_of_the_term(*, by: User) -> Plan:
    """A term plan beside those of the years; both count, and are never added."""
    federation = Unit.objects.roots().get()
    manual.define(
        ManualIndicator(
            code=INTRODUCED,
            name="Đoàn viên ưu tú giới thiệu cho Đảng",
            name_en="Outstanding members introduced to the Party",
            unit=federation,
            kind=ManualKind.FLOW,
            counted_in="đoàn viên",
            method="Đoàn viên ưu tú được công đoàn giới thiệu cho cấp uỷ xem xét trong kỳ.",
            typed_by=TypedBy.UPPER,
        ),
        by=by,
    )
    plan = Plan(
        code=TERM_PLAN,
        title="Chương trình công tác nhiệm kỳ 2023 - 2028",
        unit=federation,
        term=Term(code=TERM, starts_on=STARTS_ON, ends_on=ENDS_ON),
        number="02/CTr-CĐN",
        issued_on=ISSUED_ON,
        starts_on=STARTS_ON,
        ends_on=ENDS_ON,
    )
    create_plan(plan, by=by)
    lines = [
        Line(
            unit=federation,
            indicator=indicator,
            sector_group=group,
            minimum=Decimal(minimum),
            in_force_on=STARTS_ON,
            decision_no=plan.number,
            decision_on=ISSUED_ON,
            **said,  # type: ignore[arg-type]
        )
        for indicator, group, minimum, said in LINES
    ]
    set_targets(plan, lines, by=by)
    return put_in_force(plan, by=by)


def survey(units: Iterable[story.UnitStory], *, by: User) -> None:
    """The register of enterprises: some with a union, some where one is still to be founded."""
    dice = random.Random(story.SEED + 6)
    rows = [
        (
            f"99{place:08d}",
            unit.name.removeprefix("CĐCS "),
            unit.sector,
            unit.workers[6],
            unit.parent,
            EnterpriseStatus.FOUNDED.value,
            unit.area,
            SURVEYED_ON,
            unit.code,
        )
        for place, unit in enumerate(units, start=1)
        if unit.group == story.OTHER and place % 3 == 0
    ]
    for place in range(1, 61):
        name = f"{dice.choice(story.WORKPLACES[story.OTHER])} {dice.choice(story.FIRST)}"
        rows.append(
            (
                f"98{place:08d}",
                f"{name} {dice.choice(story.SECOND)} {place}",
                dice.choice(("NNN", "NNN", "FDI", "HTX")),
                int(dice.lognormvariate(3.9, 0.9)) + 5,
                f"CD{1 + place % 22:02d}",
                dice.choice(NOT_APPROACHED).value,
                dice.choice(story.AREAS),
                SURVEYED_ON,
                "",
            )
        )
    bring_in_enterprises(csv_file(SURVEYED, rows), by=by)


def found_unions(*, by: User) -> None:
    """At the largest enterprise without a union of each of these branches, from below."""
    for parent, code, founded_on in FOUNDED:
        largest = Enterprise.objects.without_union().filter(responsible_unit__code=parent)
        enterprise = largest.order_by("-workers", "pk")[0]
        union = Unit(
            code=code,
            name=f"CĐCS {enterprise.name}",
            parent=enterprise.responsible_unit,
            founded_on=founded_on,
            area=enterprise.area,
        )
        decision = f"{code[-3:]}/QĐ-{parent}"
        found(enterprise, union, decision_no=decision, is_from_below=True, by=by)


def rate(*, by: User) -> None:
    """Ratings of the year before: most decided, some not yet, a few not eligible."""
    dice = random.Random(story.SEED + 7)
    names, weights = [name for name, _of in LEVELS], [of for _name, of in LEVELS]
    rows: list[tuple[str, str, str, str, str]] = []
    rated = Unit.objects.living().filter(kind__in=(Kind.GRASSROOTS, Kind.UPPER))
    for code, kind in rated.order_by("code").values_list("code", "kind"):
        level = dice.choices(names, weights)[0] if kind == Kind.GRASSROOTS else names[1]
        lot = dice.random()
        if lot < 0.03 and kind == Kind.GRASSROOTS:
            rows.append((code, "", "", "không", "Thành lập chưa đủ 12 tháng"))
        elif lot < 0.08:
            rows.append((code, level, "", "có", ""))
        elif lot < 0.12:
            rows.append((code, names[0], names[1], "có", "Thẩm định: thiếu hồ sơ đối thoại"))
        else:
            rows.append((code, level, level, "có", ""))
    header = ("unit", "self_level", "level", "eligible", "reason")
    bring_in_ratings(csv_file(header, rows), RATED_YEAR, by=by)


def type_by_hand(quarter: Quarter, reviewers: dict[str, User], federation: str) -> None:
    """Every upper-level union says how many members it introduced; in the open quarter a few wait
    for a check and some have not said anything."""
    dice = random.Random(story.SEED + 100 * quarter.year + quarter.number)
    known = ManualIndicator.objects.get(code=INTRODUCED)
    is_last = quarter.code == story.QUARTERS[story.LAST]
    sent = []
    for unit in Unit.objects.filter(kind=Kind.UPPER).order_by("code"):
        typed = manual.Typed(known, numerator=dice.randint(0, 4 + len(unit.code)))
        if is_last and dice.random() < 0.2:
            continue
        sent += manual.send(unit, quarter, [typed], by=reviewers[unit.code])
    decided = sent[: -len(sent) // 4] if is_last else sent
    seen = {figure.pk: figure.version for figure in decided}
    manual.accept(seen, by=reviewers[federation], on=quarter.federation_due_on)


def publish_ranking(quarter: Quarter, plan: Plan, *, by: User) -> None:
    asked = Question(plan=plan, quarter=quarter, plan_as_of=quarter.federation_due_on)
    standings.publish(asked, plan.unit, by=by)


def ask_for_next_year(plan: Plan, reviewers: dict[str, User], *, on: date, by: User) -> None:
    """Next year's plan out of this one, as a draft; its numbers are being registered."""
    years = plan.starts_on.year + 1
    draft = copy_plan(
        plan,
        code=NEXT_PLAN,
        title=plan.title.replace("2024", str(years)),
        starts_on=date(years, 1, 1),
        ends_on=date(years, 12, 31),
        term=plan.term,
        by=by,
    )
    asking = registering.open_round(draft, plan.unit, closes_on=REGISTER_UNTIL, by=by, on=on)
    target = draft.targets.get(unit=plan.unit, indicator="net-increase")
    dice = random.Random(story.SEED + 8)
    for unit in plan.unit.children.filter(kind=Kind.UPPER).order_by("code")[:9]:
        registering.register(
            asking,
            target,
            unit,
            dice.randrange(60, 260, 5),
            dice.choice(("Theo khảo sát Quý III", "Có 2 công trình mới", "")),
            by=reviewers[unit.code],
            on=on + timedelta(days=1),
        )
