"""A branch of 400 units as its officers find it on 04/10/2024: 268 reports wait, 6 are returned,
38 accepted, 12 being typed and 76 not begun. Of those that wait 231 agree and 37 want a close look.

Made in bulk: what people would have done one by one is done by the same verbs for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import count, islice
from types import SimpleNamespace
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db.models import F, OuterRef, Subquery

from members import actions
from members.access import Role
from members.models import (
    Assignment,
    Charge,
    OneTimeLink,
    Quarter,
    QuarterlyReport,
    Status,
    Unit,
    User,
)
from members.models.accounts import LinkPurpose
from tests import factories
from tests.targets import made
from unionplan.lib import clock

UNITS = 400
CLEAN, CAREFUL, RETURNED, ACCEPTED, DRAFT, DUE = 231, 37, 6, 38, 12, 76
IN_CHARGE, WITHOUT_CHAIR, UNUSED_LINKS, WITH_EMAIL = 134, 4, 9, 61
# What the 231 that agree add up to.
WORKERS, MEMBERS, ADMITTED, LEFT = 28_412, 26_108, 402, 289
BEGAN_ON = date(2020, 1, 1)

Figures = dict[str, Any]


def built(tree: SimpleNamespace, cast: SimpleNamespace) -> SimpleNamespace:
    """The branch of Truong Son with three quarters; the third is open."""
    units = _units(tree)
    groups = _grouped(tree, units)
    _plan(tree)
    late = [*groups.draft, *groups.due]
    _chairs(units, without=groups.due[-WITHOUT_CHAIR:], with_email=late[:WITH_EMAIL])
    _links(groups.due[:UNUSED_LINKS], by=cast.reviewer)
    colleagues = factories.people(
        {
            "tam": (tree.truong_son, Role.REVIEWER, {"full_name": "Đỗ Minh Tâm"}),
            "thu": (tree.truong_son, Role.REVIEWER, {"full_name": "Ngô Thị Thu"}),
        }
    )
    mine = [*groups.due[:1], tree.song_lam, tree.huong_giang, *groups.clean]
    Charge.objects.bulk_create(Charge(unit=unit, user=cast.reviewer) for unit in mine[:IN_CHARGE])
    quarters = [factories.open_quarter(code) for code in ("2024Q1", "2024Q2", "2024Q3")]
    _earlier(quarters[0], quarters[1], groups)
    _now(quarters[2], groups, cast)
    return SimpleNamespace(tree=tree, cast=cast, groups=groups, quarter=quarters[2], **colleagues)


def _units(tree: SimpleNamespace) -> list[Unit]:
    """Four are known; the others are numbered as they come."""
    known = [tree.huong_giang, tree.song_lam, tree.office, tree.masons]
    more = [
        factories._unit(
            f"TS-{number}", parent=tree.truong_son, name=f"CĐCS Công ty Xây lắp số {number}"
        )
        for number in range(101, 101 + UNITS - len(known))
    ]
    return [*known, *factories._found(more)]


def _grouped(tree: SimpleNamespace, units: Sequence[Unit]) -> SimpleNamespace:
    """Who is where. Song Lam is the oddest of all, Huong Giang is accepted."""
    huong_giang, song_lam, office, masons, *others = units
    rest = iter(others)

    def some(number: int) -> list[Unit]:
        return list(islice(rest, number))

    return SimpleNamespace(
        clean=some(CLEAN),
        careful=[song_lam, *some(CAREFUL - 1)],
        returned=some(RETURNED),
        accepted=[huong_giang, *some(ACCEPTED - 1)],
        draft=some(DRAFT),
        due=[*some(DUE - 2), office, masons],
    )


def _plan(tree: SimpleNamespace) -> None:
    plan = made.plan(tree.building, number="15/KH-CĐN", issued_on=date(2024, 1, 20))
    made.target(plan, tree.truong_son, "net-increase", 900)
    made.target(plan, tree.building, "density", 95, group="state-enterprises")
    made.target(plan, tree.building, "density", 90, group="other-enterprises")


def _chairs(units: Iterable[Unit], *, without: Sequence[Unit], with_email: Sequence[Unit]) -> None:
    """Every unit has one but four; Huong Giang and Song Lam have theirs already."""
    have = set(Assignment.objects.filter(role=Role.CHAIR).values_list("unit_id", flat=True))
    left_out = {unit.pk for unit in without}
    chairless = [unit for unit in units if unit.pk not in have | left_out]
    reached, password = {unit.pk for unit in with_email}, make_password("secret")
    people = [
        User(
            username=f"chair.{unit.code.lower()}",
            full_name=f"Phạm Văn {unit.code[-3:]}",
            phone=f"0911{unit.pk:06d}",
            email=f"{unit.code.lower()}@example.org" if unit.pk in reached else "",
            password=password,
        )
        for unit in chairless
    ]
    User.objects.bulk_create(people)
    Assignment.objects.bulk_create(
        Assignment(user=user, unit=unit, role=Role.CHAIR, valid_from=BEGAN_ON)
        for user, unit in zip(people, chairless, strict=True)
    )


def _links(units: Iterable[Unit], *, by: User) -> None:
    """Sent to these chairs and not opened yet."""
    held = list(Assignment.objects.filter(unit__in=list(units), role=Role.CHAIR))
    without_password = User.objects.filter(pk__in=[role.user_id for role in held])
    without_password.update(password=make_password(None))
    OneTimeLink.objects.bulk_create(
        OneTimeLink(
            user_id=role.user_id,
            unit_id=role.unit_id,
            purpose=LinkPurpose.INVITATION,
            token_hash=f"{role.pk:064d}",
            made_by=by,
            made_at=clock.now(),
            expires_on=clock.today() + timedelta(days=7),
        )
        for role in held
    )


# --- what was reported ---------------------------------------------------------------------------


def _earlier(first: Quarter, second: Quarter, groups: SimpleNamespace) -> None:
    """Two quarters. A few units did not send the second, and a few never sent any."""
    kinds = _kinds(groups.careful[1:])
    new, silent = set(kinds["first"]), set(kinds["silent"])
    song_lam, clean = groups.careful[0], _clean_figures()
    typed = {
        unit: {"opening_members": before["opening_members"], "workers": 122}
        for unit, before in zip(groups.clean, clean, strict=True)
    }
    others = (groups.careful, groups.returned, groups.accepted, groups.draft, groups.due)
    for unit in (unit for group in others for unit in group if unit not in new):
        typed[unit] = {"opening_members": 100, "workers": 120}
    typed[song_lam] = {"opening_members": 310, "workers": 329}
    typed[groups.accepted[0]] = {"opening_members": 195, "workers": 238}
    for quarter, left_out in ((first, set()), (second, silent)):
        _send(
            quarter,
            {u: _same(**now) for u, now in typed.items() if u not in left_out},
            accept=True,
        )
        in_time = QuarterlyReport.objects.of(quarter).sent()
        in_time.update(first_sent_on=quarter.due_on)


def _now(quarter: Quarter, groups: SimpleNamespace, cast: SimpleNamespace) -> None:
    root = factories.superuser()
    usual = {"opening_members": 100, "members": 104, "workers": 121, "admitted": 4}
    accepted = dict.fromkeys(groups.accepted, usual)
    accepted[groups.accepted[0]] = {
        **{"opening_members": 195, "admitted": 12, "transferred_in": 1, "left_job": 5},
        **{"members": 203, "workers": 231},
    }
    _send(quarter, accepted, accept=True)
    returned = dict.fromkeys(groups.returned, usual)
    waiting = dict(zip(groups.clean, _clean_figures(), strict=True))
    _send(quarter, {**waiting, **_careful_figures(groups.careful), **returned})
    _by_their_chairs(quarter)
    for unit in groups.returned:
        actions.return_report(
            factories.report(unit, quarter), by=cast.reviewer, reason="Sai phép tính."
        )
    drafts = _reports(quarter, groups.draft)
    actions.save_drafts([(report, {"workers": 119}) for report in drafts.values()], by=root)


def _clean_figures() -> list[Figures]:
    """231 reports that agree and hardly change, as alike as their sums allow."""
    shares = zip(*(_shared(whole) for whole in (WORKERS, MEMBERS, ADMITTED, LEFT)), strict=True)
    return [
        {
            "opening_members": members - admitted + left,
            "members": members,
            "workers": workers,
            "admitted": admitted,
            "left_job": left,
        }
        for workers, members, admitted, left in shares
    ]


def _shared(whole: int) -> list[int]:
    least, more = divmod(whole, CLEAN)
    return [least + 1] * more + [least] * (CLEAN - more)


def _kinds(careful: Sequence[Unit]) -> dict[str, list[Unit]]:
    """Why each of the others wants a close look, evenly."""
    names = ("first", "adjusted", "on_behalf", "silent", "fewer", "crowded")
    return {name: list(careful[start :: len(names)]) for start, name in zip(count(), names)}


def _careful_figures(careful: Sequence[Unit]) -> dict[Unit, Figures]:
    by_kind: dict[str, Figures] = {
        "first": {"opening_members": 90, "workers": 95},
        "adjusted": {
            "adjustment": -1,
            "members": 99,
            "adjustment_reason": "Rà soát thẻ đoàn viên.",
        },
        "on_behalf": {"received_on": date(2024, 10, 3)},
        "silent": {},
        "fewer": {"workers": 84, "members": 80, "left_job": 20, "note": "Hết hợp đồng."},
        "crowded": {"workers": 98, "note": "Hai đoàn viên nghỉ thai sản."},
    }
    found = {
        unit: {**_same(opening_members=100, workers=120), **by_kind[kind]}
        for kind, units in _kinds(careful[1:]).items()
        for unit in units
    }
    for figures in found.values():
        figures["members"] = _closing(figures)
    song_lam = {**_same(opening_members=310, workers=231), "note": "Kết thúc công trình."}
    return {careful[0]: song_lam, **found}


def _same(*, opening_members: int, workers: int) -> Figures:
    return {"opening_members": opening_members, "members": opening_members, "workers": workers}


def _closing(figures: Figures) -> int:
    return figures["opening_members"] + figures.get("adjustment", 0) - figures.get("left_job", 0)


def _send(quarter: Quarter, typed: dict[Unit, Figures], *, accept: bool = False) -> None:
    reports = _reports(quarter, typed)
    pairs = [(reports[unit.pk], figures) for unit, figures in typed.items()]
    actions.submit_all(pairs, by=factories.superuser(), accept=accept)


def _by_their_chairs(quarter: Quarter) -> None:
    """What was sent from no paper form was sent by the unit itself."""
    chair = Assignment.objects.filter(unit=OuterRef("unit"), role=Role.CHAIR).values("user")[:1]
    sent = QuarterlyReport.objects.of(quarter).sent().filter(received_on=None)
    sent.update(submitted_by=Subquery(chair))


def _reports(quarter: Quarter, units: Iterable[Unit]) -> dict[int, QuarterlyReport]:
    reports = QuarterlyReport.objects.of(quarter).filter(unit__in=list(units))
    return {report.unit_id: report for report in reports.select_related("unit", "quarter")}


def waiting(quarter: Quarter) -> Iterator[QuarterlyReport]:
    return QuarterlyReport.objects.of(quarter).waiting().order_by("pk").iterator()


def sent_late(quarter: Quarter, count: int) -> list[QuarterlyReport]:
    """So many of those that are not accepted send the figures of the quarter before, the units
    that never sent any first."""
    reports = QuarterlyReport.objects.of(quarter).filter(unit__parent__code="TS")
    late = reports.exclude(status=Status.ACCEPTED).select_related("unit", "quarter")
    first = F("opening_from").asc(nulls_first=True)
    no_change = dict.fromkeys(("admitted", "left_job", "adjustment"), 0)
    pairs = [
        (report, no_change | _same(opening_members=report.expected_opening or 90, workers=120))
        for report in late.order_by(first, "pk")[:count]
    ]
    return actions.submit_all(pairs, by=factories.superuser())
