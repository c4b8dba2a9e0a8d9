"""Builds the demo through the same verbs as people use, quarter by quarter."""

from __future__ import annotations

import random
import secrets
from collections import defaultdict
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone
from tqdm import tqdm

from members import actions, charges, handing_over, periods, reminders, roles, signing_off
from members.access import Role
from members.founding import add_units
from members.inviting import invite_chairs, units_to_invite
from members.models import (
    Assignment,
    Kind,
    Quarter,
    QuarterlyReport,
    ReminderKind,
    Unit,
    User,
)
from members.models.quarters import Calendar, parse_code
from members.suspending import suspend
from targets.actions import create_from_shipped, put_in_force, set_targets
from targets.allocation import share_out
from targets.demo import learning, story, term
from targets.lines import Line
from targets.models import Plan, Term
from targets.shipped import shipped_plan
from unionplan.lib import clock

FEDERATION = "CDN"
FEDERATION_NAME = "Công đoàn ngành Xây dựng (minh hoạ)"
PLAN, PLANNED_FROM = "cdxd-2024", "2024Q1"
TERM_FROM, CONGRESS_OVER, RANKED = "2023Q1", "2023Q4", "2024Q2"
TOLD_ON = date(2024, 10, 7)  # two days after the due day of the last quarter
ASKED_ON = date(2024, 10, 1)
BEGAN_ON = date(2022, 7, 1)  # the federation's first quarter with the software
MAI, MAIS_TARGET = "CD01-001", 20

# user name, full name, telephone, role, unit, what they come for
PEOPLE = (
    ("demo.mai", "Trần Thị Mai", "0900000123", Role.CHAIR, "CD01-001"),
    ("demo.ha", "Vũ Thị Hà", "0900000125", Role.TYPIST, "CD01-001"),
    ("demo.son", "Nguyễn Đức Sơn", "0900000124", Role.CHAIR, "CD01-002"),
    ("demo.hoa", "Lê Văn Hoà", "0900000001", Role.REVIEWER, "CD01"),
    ("demo.thu", "Ngô Thị Thu", "0900000005", Role.REVIEWER, "CD01"),
    ("demo.huong", "Phạm Thu Hương", "0900000002", Role.REVIEWER, FEDERATION),
    ("demo.lan", "Hoàng Ngọc Lan", "0900000003", Role.VIEWER, FEDERATION),
    ("demo.bao", "Nguyễn Quốc Bảo", "0900000004", Role.ADMINISTRATOR, FEDERATION),
)

# Units that rest and owe no report.
SUSPENDED = (("CD02-901", "CĐCS Xí nghiệp Gạch Cũ"), ("CD05-901", "CĐCS Công ty CP Đá Núi Bạc"))

# What the officers of CD01 did about late units.
REMINDED = (
    ("CD01-005", ReminderKind.CALL, "Kế toán nghỉ, hẹn gửi 09/10", "demo.hoa"),
    ("CD01-011", ReminderKind.MESSAGE, "Đã nhắn chủ tịch, chưa trả lời", "demo.thu"),
)
VACANT = ("CD01-039", "CD01-040")  # no chair
INVITED = ("CD01-021", "CD01-026", "CD01-030")  # their chairs have a link and not used it
LEAVING = "CD01-014"  # its chair asks for a hand-over

# How the last quarter stands two days after its due day; a unit named nowhere is accepted.
DUE, DRAFT, WAITING, QUERIED, RETURNED = "due", "draft", "waiting", "queried", "returned"
TOLD = {
    "CD01-001": DUE,
    "CD01-002": QUERIED,
    **dict.fromkeys(("CD01-005", "CD01-011", "CD01-017", "TT-04"), DUE),
    **dict.fromkeys(("CD01-008", "CD01-023", "TT-09"), DRAFT),
    **dict.fromkeys(("CD01-009", "CD01-019"), RETURNED),
    **dict.fromkeys((f"CD01-{n:03d}" for n in range(28, 38)), WAITING),
    **dict.fromkeys(("TT-06", "TT-11"), WAITING),
}
RETURN_REASON = "Danh sách đoàn phí tháng 9 giảm 6 người, đề nghị kiểm tra."
QUERY_NOTE = "Kết thúc công trình."


def states(units: Iterable[story.UnitStory]) -> dict[str, str]:
    """Which reports of the last quarter are not accepted, and how they stand."""
    dice = random.Random(story.SEED + 2)
    found = dict(TOLD)
    for unit in units:
        if unit.parent not in ("CD01", FEDERATION) and dice.random() < 0.1:
            found[unit.code] = dice.choice((DUE, DUE, DRAFT, WAITING, WAITING, RETURNED))
    return found


@transaction.atomic
def build(*, progress: bool = True) -> None:
    """The whole demo in one transaction: it is there, or nothing is."""
    units = story.units()
    last = states(units)
    story.tell(units, set(last))
    password = make_password(settings.DEMO_PASSWORD)  # once: it is slow on purpose
    with _at(BEGAN_ON):
        administrator = _first_administrator(password)
        _tree(units, by=administrator)
        for code, _name in SUSPENDED:
            suspend(Unit.objects.get(code=code), on=BEGAN_ON, by=administrator)
    reviewers = _people(units, password, by=administrator)
    quarters = tqdm(story.QUARTERS, disable=None if progress else True)
    for index, code in enumerate(quarters):
        _before(code, units, by=administrator)
        quarter = _open(code, by=administrator)
        _learn(quarter, units, reviewers, by=administrator)
        if code >= TERM_FROM:
            with _at(quarter.due_on):
                term.type_by_hand(quarter, reviewers, FEDERATION)
        if index == story.LAST:
            _last_quarter(quarter, units, last, reviewers)
            _sign_off(quarter, reviewers, on=quarter.due_on + timedelta(days=2))
            _around_the_reports(quarter, reviewers["CD01"])
            with _at(ASKED_ON):
                plan = Plan.objects.select_related("unit", "term").get(code=PLAN)
                term.ask_for_next_year(plan, reviewers, on=ASKED_ON, by=administrator)
                learning.state_needs(units, 2025, by=administrator)
            for year, number in ((2024, 4), (2025, 1), (2025, 2)):
                ahead = Calendar.current().dates(year, number)
                learning.hold_courses(ahead, reviewers, at=_at, today=TOLD_ON)
            continue
        if code < PLANNED_FROM:
            _earlier_quarter(quarter, units, by=reviewers[FEDERATION])
        else:
            _past_quarter(quarter, units, reviewers)
            _sign_off(quarter, reviewers, on=quarter.upper_due_on)
        _close(quarter, by=administrator)
        if code == RANKED:
            with _at(quarter.federation_due_on + timedelta(days=5)):
                plan = Plan.objects.select_related("unit").get(code=PLAN)
                term.publish_ranking(quarter, plan, by=reviewers[FEDERATION])


def _before(code: str, units: list[story.UnitStory], *, by: User) -> None:
    """What is done before a quarter opens."""
    if code == TERM_FROM:
        with _at(term.ISSUED_ON):
            term.plan_of_the_term(by=by)
        with _at(learning.ISSUED_ON):
            learning.plan_of_training(by=by)
    if code == PLANNED_FROM:
        with _at(term.RATED_ON):
            term.rate(by=by)
        _plan(units, by=by)
        with _at(term.SURVEYED_ON):
            term.survey(units, by=by)
    if code == story.QUARTERS[story.LAST]:
        with _at(date(2024, 9, 14)):
            term.found_unions(by=by)


def _learn(
    quarter: Quarter, units: list[story.UnitStory], reviewers: dict[str, User], *, by: User
) -> None:
    """Officers, courses and needs of the quarter."""
    if quarter.code < TERM_FROM:
        return
    if quarter.code == TERM_FROM:
        with _at(learning.SUPERIORS_LISTED_ON):
            learning.list_superiors(by=by)
    if quarter.code == CONGRESS_OVER:
        with _at(learning.UNIONS_LISTED_ON):
            learning.list_unions(units, VACANT, by=by)
        with _at(date(2023, 11, 2)):
            learning.state_needs(units, 2024, by=by)
    if quarter.code == PLANNED_FROM:
        learning.elect_later(make_password(secrets.token_urlsafe()), at=_at, by=by)
    learning.hold_courses(quarter, reviewers, at=_at, today=TOLD_ON)
    with _at(quarter.due_on):
        learning.count_others(quarter, units, by=by)


def _at(day: date, hour: int = 9) -> AbstractContextManager[None]:
    zone = timezone.get_current_timezone()
    return clock.standing_at(datetime.combine(day, time(hour, 5), tzinfo=zone))


# --- who there is --------------------------------------------------------------------------------


def _first_administrator(password: str) -> User:
    """The administrator acts before there is a unit to hold the role at."""
    username, full_name, phone, _role, _unit = PEOPLE[-1]
    return User.objects.create(
        username=username, full_name=full_name, phone=phone, password=password
    )


def _tree(units: list[story.UnitStory], *, by: User) -> None:
    federation = Unit(code=FEDERATION, kind=Kind.FEDERATION, name=FEDERATION_NAME)
    dice = random.Random(story.SEED + 5)
    uppers = {
        f"CD{n:02d}": Unit(
            code=f"CD{n:02d}",
            kind=Kind.UPPER,
            name=f"Công đoàn {name}",
            parent=federation,
            contact_name=story.person(dice),
            phone=f"0902{dice.randrange(10**6):06d}",
        )
        for n, name in enumerate(story.UPPER_NAMES, start=1)
    }
    parents = {FEDERATION: federation, **uppers}
    below = [
        Unit(
            code=unit.code,
            kind=Kind.OCCUPATIONAL if unit.group == story.TRADES else Kind.GRASSROOTS,
            name=unit.name,
            parent=parents[unit.parent],
            sector_id=unit.sector,
            area=unit.area,
            contact_name=unit.contact,
            phone=unit.phone,
        )
        for unit in units
    ]
    resting = [
        Unit(code=code, kind=Kind.GRASSROOTS, name=name, parent=parents[code[:4]], sector_id="NNN")
        for code, name in SUSPENDED
    ]
    tags = {unit.code: unit.tags for unit in units}
    add_units([federation, *uppers.values(), *below, *resting], by=by, tags=tags)


def _people(units: list[story.UnitStory], password: str, *, by: User) -> dict[str, User]:
    """Everybody with a role; returns the reviewer of each branch by the code of its superior."""
    place = {unit.code: unit for unit in Unit.objects.all()}
    named = {unit for _username, _name, _phone, role, unit in PEOPLE if role == Role.CHAIR}
    dice = random.Random(story.SEED + 3)
    people = [
        (User(username=name, full_name=full, phone=phone, password=password), role, unit)
        for name, full, phone, role, unit in PEOPLE[:-1]
    ]
    for code in (f"CD{n:02d}" for n in range(2, 25)):
        reviewer = User(username=f"reviewer.{code.lower()}", full_name=story.person(dice))
        reviewer.phone = f"0901{dice.randrange(10**6):06d}"
        people.append((reviewer, Role.REVIEWER, code))
    for unit in units:
        if unit.code not in named and unit.code not in VACANT:
            chair = User(username=f"chair.{unit.code.lower()}", full_name=unit.contact)
            people.append((chair, Role.CHAIR, unit.code))
    taken = make_password(secrets.token_urlsafe())  # their own, which nobody knows
    for user, _role, code in people:
        if code in INVITED:
            user.set_unusable_password()
        user.password = user.password or taken
    User.objects.bulk_create([user for user, _role, _unit in people])
    with _at(BEGAN_ON):
        roles.give_role(
            by, unit=place[FEDERATION], role=Role.ADMINISTRATOR, valid_from=BEGAN_ON, by=by
        )
        for user, role, code in people:
            roles.give_role(user, unit=place[code], role=role, valid_from=BEGAN_ON, by=by)
    reviewers: dict[str, User] = {}
    for user, role, code in people:
        if role == Role.REVIEWER:
            reviewers.setdefault(code, user)
    return reviewers


# --- what was promised ---------------------------------------------------------------------------


def _plan(units: list[story.UnitStory], *, by: User) -> None:
    federation = Unit.objects.get(code=FEDERATION)
    with _at(date(2024, 1, 20)):
        shipped = shipped_plan(PLAN)
        assert shipped is not None  # noqa: S101 (it comes with the code)
        plan = create_from_shipped(
            shipped,
            Plan(
                code=PLAN,
                title=shipped.title,
                unit=federation,
                term=Term.objects.get(code=term.TERM),
                number="12/KH-CĐN",
                issued_on=date(2024, 1, 20),
                starts_on=shipped.starts_on,
                ends_on=shipped.ends_on,
            ),
            by=by,
        )
        put_in_force(plan, by=by)
        set_targets(plan, _allocated(units), by=by)


def _allocated(units: list[story.UnitStory]) -> list[Line]:
    """The net increase shared out by head-room: over 40 children, and by them over their units."""
    place = {unit.code: unit for unit in Unit.objects.all()}
    counted = [unit for unit in units if unit.group != story.TRADES]
    room: dict[str, int] = defaultdict(int)
    for unit in counted:
        room[unit.code] = max(1, unit.workers[5] - unit.members[5])
        if unit.parent != FEDERATION:
            room[unit.parent] += room[unit.code]
    children = [u.code for u in counted if u.parent == FEDERATION]
    children = [*sorted({u.parent for u in counted} - {FEDERATION}), *children[:-1]]
    minimum = dict(zip(children, share_out(5493, [room[c] for c in children]), strict=True))
    for parent in children:
        below = [u.code for u in counted if u.parent == parent and u.code != MAI]
        if below:
            rest = minimum[parent] - (MAIS_TARGET if parent == "CD01" else 0)
            shares = share_out(rest, [room[code] for code in below])
            minimum |= dict(zip(below, shares, strict=True))
    minimum[MAI] = MAIS_TARGET
    return [
        Line(
            unit=place[code],
            indicator="net-increase",
            minimum=Decimal(number),
            in_force_on=date(2024, 2, 5) if code == MAI else date(2024, 1, 20),
            decision_no="15/QĐ-CĐTCT" if code == MAI else "12/QĐ-CĐN",
            decision_on=date(2024, 2, 5) if code == MAI else date(2024, 1, 20),
            reason="Phân bổ kế hoạch năm 2024",
        )
        for code, number in minimum.items()
        if number
    ]


# --- what was done -------------------------------------------------------------------------------


def _open(code: str, *, by: User) -> Quarter:
    dates = Calendar.current().dates(*parse_code(code))
    with _at(dates.cut_off_on - timedelta(days=10)):
        return periods.open_quarter(dates, by=by)


def _close(quarter: Quarter, *, by: User) -> None:
    with _at(quarter.federation_due_on + timedelta(days=1)):
        periods.close_quarter(quarter, by=by)


def _pairs(
    quarter: Quarter, units: Iterable[story.UnitStory]
) -> dict[str, list[tuple[QuarterlyReport, story.Figures]]]:
    """Reports of the quarter with the figures of the story, by the superior."""
    told = {unit.code: unit for unit in units}
    reports = QuarterlyReport.objects.of(quarter).filter(unit__code__in=told)
    found: dict[str, list[tuple[QuarterlyReport, story.Figures]]] = defaultdict(list)
    for report in reports.select_related("unit", "parent").order_by("pk"):
        figures = dict(told[report.unit.code].figures[story.QUARTERS.index(quarter.code)])
        if figures["adjustment"]:
            figures["adjustment_reason"] = "Rà soát danh sách đoàn viên"  # type: ignore[assignment]
        found[report.parent.code].append((report, figures))
    return found


def _earlier_quarter(quarter: Quarter, units: list[story.UnitStory], *, by: User) -> None:
    """Before the plan began the federation itself brought in what was in its Excel files."""
    pairs = [pair for of_parent in _pairs(quarter, units).values() for pair in of_parent]
    with _at(quarter.federation_due_on):
        actions.submit_all(pairs, by=by, accept=True)


def _past_quarter(
    quarter: Quarter, units: list[story.UnitStory], reviewers: dict[str, User]
) -> None:
    for days, (parent, pairs) in enumerate(sorted(_pairs(quarter, units).items())):
        with _at(quarter.due_on - timedelta(days=days % 6)):
            actions.submit_all(pairs, by=reviewers[parent], accept=True)


def _last_quarter(
    quarter: Quarter,
    units: list[story.UnitStory],
    last: dict[str, str],
    reviewers: dict[str, User],
) -> None:
    _past_quarter(quarter, [unit for unit in units if unit.code not in last], reviewers)
    chairs = {
        role.unit.code: role.user
        for role in Assignment.objects.filter(role=Role.CHAIR).select_related("unit", "user")
    }
    open_ones = [unit for unit in units if last.get(unit.code, DUE) != DUE]
    for parent, pairs in sorted(_pairs(quarter, open_ones).items()):
        for report, figures in pairs:
            code = report.unit.code
            with _at(quarter.due_on - timedelta(days=1), hour=14):
                _as_the_chair(report, figures, last[code], by=chairs[code])
            if last[code] == RETURNED:
                report.refresh_from_db()
                with _at(quarter.due_on, hour=8):
                    actions.return_report(
                        report, by=reviewers[parent], reason=RETURN_REASON, figures=["left_job"]
                    )


def _around_the_reports(quarter: Quarter, reviewer: User) -> None:
    """Two officers share the units of CD01 and remind the late ones; one chair leaves."""
    colleague = User.objects.get(username="demo.thu")
    units = list(Unit.objects.filter(parent__code="CD01").order_by("code"))
    with _at(quarter.cut_off_on):
        charges.put_in_charge(units[::2], reviewer, by=reviewer)
        charges.put_in_charge(units[1::2], colleague, by=reviewer)
    with _at(quarter.due_on):
        invited = units_to_invite(reviewer, on=quarter.due_on).filter(code__in=INVITED)
        invite_chairs(invited, on=quarter.due_on, by=reviewer)
    reports = QuarterlyReport.objects.of(quarter).select_related("unit", "quarter")
    for code, kind, note, by in REMINDED:
        day = quarter.due_on + timedelta(days=2)
        with _at(day):
            reminders.note_reminder(
                reports.get(unit__code=code),
                kind=kind,
                day=day,
                note=note,
                by=reviewer if by == reviewer.username else colleague,
            )
    leaving = Assignment.objects.select_related("user", "unit").get(
        unit__code=LEAVING, role=Role.CHAIR, valid_to=None
    )
    successor = roles.Person("Đặng Thị Yến", "0900000126")
    with _at(quarter.due_on):
        handing_over.ask_hand_over(
            leaving.unit, successor, valid_from=date(2024, 10, 15), by=leaving.user
        )


def _sign_off(quarter: Quarter, reviewers: dict[str, User], *, on: date) -> None:
    """By every upper-level union that has all its reports."""
    for unit in Unit.objects.filter(kind=Kind.UPPER).order_by("pk"):
        state = signing_off.state_of(unit, quarter)
        if state.accepted == state.due:
            with _at(on, hour=16):
                signing_off.sign_off(
                    unit,
                    quarter,
                    by=reviewers[unit.code],
                    signatory=f"{unit.contact_name}, Chủ tịch",
                )


def _as_the_chair(report: QuarterlyReport, figures: story.Figures, state: str, *, by: User) -> None:
    if state == DRAFT:
        actions.save_draft(report, {"workers": figures["workers"]}, by=by)
    elif state == QUERIED:
        noted = {
            **figures,
            "note": QUERY_NOTE,
            "queries": ["members-above-workers", "workers-fell"],
        }
        actions.submit(report, noted, by=by)
    else:
        actions.submit(report, figures, by=by)
