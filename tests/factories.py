"""What tests are made of: functions with keyword-only defaults."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any

from django.contrib.auth.hashers import make_password

from members import actions, founding, periods
from members.models import (
    Assignment,
    Calendar,
    Kind,
    Placement,
    Quarter,
    QuarterlyReport,
    Unit,
    User,
)
from members.models.quarters import parse_code
from members.models.units import EARLIEST
from training.models import Attendance, Course, Officer, Tenure
from unionplan.lib.paths import segment


def superuser(username: str = "root") -> User:
    found = User.objects.filter(username=username).first()
    return found or User.objects.create_superuser(username, f"{username}@example.org", "secret")


def unit(code: str, **facts: Any) -> Unit:
    """A unit with its open placement."""
    return _found([_unit(code, **facts)])[0]


def _unit(
    code: str,
    *,
    parent: Unit | None = None,
    kind: str = Kind.GRASSROOTS,
    sector: str | None = None,
    name: str = "",
    **facts: Any,
) -> Unit:
    if sector is None and kind in (Kind.GRASSROOTS, Kind.OCCUPATIONAL):
        sector = "ND" if kind == Kind.OCCUPATIONAL else "NNN"
    name = name or f"Công đoàn {code}"
    return Unit(code=code, kind=kind, parent=parent, sector_id=sector, name=name, **facts)


def _found(units: Sequence[Unit]) -> list[Unit]:
    """Units, superiors first, in two statements whatever their number."""
    for made, pk in zip(units, founding.reserve_ids(len(units)), strict=True):
        made.pk, made.parent = pk, made.parent
        made.path = (made.parent.path if made.parent else "") + segment(pk)
        made.name_changed()
    Unit.objects.bulk_create(units)
    Placement.objects.bulk_create(
        Placement(
            unit=made,
            parent=made.parent,
            sector_id=made.sector_id,
            name=made.name,
            valid_from=made.founded_on or EARLIEST,
        )
        for made in units
    )
    return list(units)


def small_tree() -> SimpleNamespace:
    t = SimpleNamespace()
    t.confederation = _unit("TLD", kind=Kind.CONFEDERATION, name="Tổng Liên đoàn")
    t.building = _unit(
        "CDN", kind=Kind.FEDERATION, parent=t.confederation, name="Công đoàn ngành Xây dựng"
    )
    t.truong_son = _unit(
        "TS", kind=Kind.UPPER, parent=t.building, name="Công đoàn Tổng công ty Trường Sơn"
    )
    t.huong_giang = _unit("TS-01", parent=t.truong_son, name="CĐCS Công ty CP Xây dựng Hương Giang")
    t.song_lam = _unit("TS-02", parent=t.truong_son, sector="NN", name="CĐCS Nhà máy Gạch Sông Lam")
    t.office = _unit("TS-03", parent=t.truong_son, sector="HC", name="CĐCS Cơ quan Tổng công ty")
    t.hon_da = _unit("HD-01", parent=t.building, name="CĐCS Công ty CP Xi măng Hòn Đá")
    t.masons = _unit(
        "ND-01", parent=t.truong_son, kind=Kind.OCCUPATIONAL, name="Nghiệp đoàn Thợ xây"
    )
    t.textiles = _unit("DM", kind=Kind.FEDERATION, parent=t.confederation, name="Công đoàn Dệt may")
    t.spinning = _unit("SO", kind=Kind.UPPER, parent=t.textiles, name="Công đoàn Sợi Đông Đô")
    t.weavers = _unit("SO-01", parent=t.spinning, name="CĐCS Nhà máy Dệt Đông Đô")
    _found(list(vars(t).values()))
    return t


def person(username: str, at: Unit | None = None, role: str | None = None, **facts: Any) -> User:
    """Somebody with a role since 2020; the password is «secret»."""
    return people({username: (at, role, facts)})[username]


def people(roles: dict[str, tuple[Unit | None, str | None, dict[str, Any]]]) -> dict[str, User]:
    """People by their user names, each with a role at a unit, in two statements."""
    password = make_password("secret")
    made = {
        name: User(username=name, password=password, **{"email": f"{name}@example.org"} | facts)
        for name, (_at, _role, facts) in roles.items()
    }
    User.objects.bulk_create(made.values())
    Assignment.objects.bulk_create(
        Assignment(user=made[name], unit=at, role=role, valid_from=date(2020, 1, 1))
        for name, (at, role, _facts) in roles.items()
        if at is not None and role is not None
    )
    return made


def open_quarter(code: str, *, by: User | None = None) -> Quarter:
    return periods.open_quarter(Calendar.current().dates(*parse_code(code)), by=by or superuser())


def report(unit: Unit, quarter: Quarter) -> QuarterlyReport:
    return QuarterlyReport.objects.select_related("unit", "quarter").get(unit=unit, quarter=quarter)


def figures(opening: int = 0, **typed: int) -> dict[str, Any]:
    """Figures that add up: what is not typed is 0, members follow from opening and flows."""
    won = sum(typed.get(name, 0) for name in ("admitted", "transferred_in", "adjustment"))
    lost = ("transferred_out", "left_job", "left_retired", "left_other", "left_reorganised")
    members = opening + won - sum(typed.get(name, 0) for name in lost)
    return {
        "opening_members": opening,
        "members": members,
        "workers": typed.pop("workers", members),
        **typed,
    }


def submitted(
    unit: Unit, quarter: Quarter, *, opening: int = 0, by: User | None = None, **typed: int
) -> QuarterlyReport:
    """A report that was sent; its opening is the known one unless it is the unit's first."""
    found = report(unit, quarter)
    known = found.expected_opening
    start = opening if known is None else known
    return actions.submit(found, figures(start, **typed), by=by or superuser())


def accepted(
    unit: Unit, quarter: Quarter, *, opening: int = 0, by: User | None = None, **typed: int
) -> QuarterlyReport:
    """A report that was sent and accepted, in one step as an import does it."""
    return all_accepted(quarter, {unit: {"opening": opening, **typed}}, by=by)[0]


def all_accepted(
    quarter: Quarter, typed: dict[Unit, dict[str, int]], *, by: User | None = None
) -> list[QuarterlyReport]:
    """The same of many units at once."""
    pairs = []
    for unit, numbers in typed.items():
        found, opening = report(unit, quarter), numbers.get("opening", 0)
        start = opening if found.expected_opening is None else found.expected_opening
        flows = {name: number for name, number in numbers.items() if name != "opening"}
        pairs.append((found, figures(start, **flows)))
    return actions.submit_all(pairs, by=by or superuser(), accept=True)


def officer(
    unit: Unit,
    name: str = "Trần Văn Bình",
    *,
    position: str = "chair",
    elected_on: date = date(2023, 6, 1),
    left_on: date | None = None,
    officer: Officer | None = None,
    begins_on: date | None = None,
    **facts,
) -> Tenure:
    """Somebody who serves at the unit; with ``officer`` somebody who is known already."""
    if officer is None:
        officer = Officer(name=name, gender=facts.pop("gender", ""))
        officer.name_changed()
        officer.save()
    return Tenure.objects.create(
        officer=officer,
        unit=unit,
        position_id=position,
        elected_on=elected_on,
        valid_from=begins_on or facts.get("first_elected_on") or elected_on,
        valid_to=left_on,
        **facts,
    )


def course(
    unit: Unit,
    topic: str = "skills",
    *,
    starts_on: date = date(2024, 5, 6),
    status: str = "held",
    **facts,
) -> Course:
    """A class of the unit's calendar, held unless it is said otherwise."""
    facts.setdefault("title", f"Lớp {topic} {starts_on:%d/%m/%Y}")
    facts.setdefault("ends_on", starts_on)
    facts.setdefault("planned_on", starts_on if status == "planned" else None)
    made = Course(unit=unit, topic_id=topic, starts_on=starts_on, status=status, **facts)
    made.words_changed()
    made.save()
    return made


def attended(course: Course, *tenures: Tenure, completed: bool = True) -> None:
    """These people were at the course, and completed it."""
    day = course.ends_on if completed else None
    for tenure in tenures:
        Attendance.objects.create(
            course=course, officer=tenure.officer, unit=tenure.unit, completed_on=day
        )
