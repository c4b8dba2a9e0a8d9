"""The demo: one federation, built through the verbs, whose pages tell the story of the walks."""

from __future__ import annotations

import io
from datetime import date
from math import floor

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count

from members import actions, reference, totals
from members.access import Role
from members.models import (
    Assignment,
    HistoryEntry,
    Kind,
    Quarter,
    QuarterlyReport,
    Sector,
    SectorGroup,
    Status,
    Unit,
    User,
)
from targets.dashboards import dashboard
from targets.demo.build import FEDERATION, MAI, PEOPLE
from targets.models import Plan, Standing, Target
from targets.reading import lines
from tests.targets import made
from training.models import Course, CourseStatus, Officer, Tenure, TrainingNeed


def test_it_wants_a_database_of_its_own(tree):
    units = Unit.objects.count()
    with pytest.raises(CommandError, match="not the demo's"):
        call_command("demo")
    with pytest.raises(CommandError, match="not the demo's"):
        call_command("demo", reset=True)
    assert Unit.objects.count() == units


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """Built once for the tests below, each of which leaves it as it was, and then rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        reference.load(Sector, SectorGroup)
        call_command("demo", stdout=io.StringIO())
        yield
        transaction.set_rollback(True)


@pytest.fixture
def board(demo, db):
    plan, quarter = Plan.objects.get(code="cdxd-2024"), Quarter.objects.get(code="2024Q3")
    return dashboard(made.question(plan, quarter), Unit.objects.get(code=FEDERATION))


def test_its_tree_has_every_kind_of_unit(demo, db):
    kinds = dict(Unit.objects.order_by().values_list("kind").annotate(Count("pk")))
    assert (kinds[Kind.FEDERATION], kinds[Kind.UPPER], kinds[Kind.OCCUPATIONAL]) == (1, 24, 2)
    assert kinds[Kind.GRASSROOTS] >= 320
    federation = Unit.objects.get(code=FEDERATION)
    direct = federation.children.filter(kind=Kind.GRASSROOTS)
    assert direct.count() == 16
    sectors = set(Unit.objects.reporting().values_list("sector_id", flat=True))
    assert sectors == set(Sector.objects.values_list("code", flat=True))


def test_nine_quarters_of_which_the_last_is_open(demo, db):
    assert Quarter.objects.count() == 9
    assert [quarter.code for quarter in Quarter.objects.open()] == ["2024Q3"]
    reports = QuarterlyReport.objects.of(Quarter.objects.get(code="2024Q3"))
    assert set(reports.values_list("status", flat=True)) == set(Status)
    assert reports.exclude(queries=[]).exclude(note="").exists()
    earlier = QuarterlyReport.objects.owed().exclude(quarter__code="2024Q3")
    assert set(earlier.values_list("status", flat=True)) == {Status.ACCEPTED}
    assert all(report.is_balanced for report in QuarterlyReport.objects.sent())


def test_it_stands_where_the_walks_say(board):
    net, agencies, state, other = (line.progress for line in board.lines)
    pieces = board.lines[0].pieces
    assert (pieces.admitted, pieces.left, pieces.net_increase) == (5_912, 2_035, 3_877)
    assert (pieces.transferred_in, pieces.transferred_out) == (64, 64)
    assert (pieces.adjustment, pieces.brought_in) == (112, 0)
    assert (net.status, net.gap_people, floor(net.forecast)) == ("at_risk", 1_616, 5_169)
    assert (agencies.numerator, agencies.denominator) == (10_769, 10_810)
    assert (agencies.status, agencies.gap_people) == ("at_risk", 41)
    assert (state.numerator, state.denominator) == (18_992, 20_000)
    assert (state.status, state.gap_people) == ("on_track", 8)
    assert (other.numerator, other.denominator) == (36_044, 41_226)
    assert (other.status, other.gap_people) == ("behind", 1_060)
    assert len(board.rows) == 40
    assert board.carried_from[0].quarter.code == "2024Q2"


def test_its_page_prints_what_the_walks_print(demo, db, client, today):
    client.force_login(User.objects.get(username="demo.lan"))
    page = client.get("/").content.decode()
    for words in ("3.877", "5.493", "94,96%", "Đúng tiến độ", "10.769/10.810", "36.044/41.226"):
        assert words in page, words


def test_the_chair_of_the_walks_finds_her_figures(demo, db, client, today):
    client.force_login(User.objects.get(username="demo.mai"))
    page = client.get("/").content.decode()
    assert "Thực tăng 7/20 đoàn viên, đạt 35,00%" in page
    assert "Tỷ lệ đoàn viên 81,93%, mức giao 90%, còn thiếu 20 đoàn viên" in page
    assert "còn 1 ngày" in page


def test_the_numbers_assigned_add_up(demo, db):
    """Children get what the federation promised, and their unions what they were given."""
    given = {
        target.unit.code: (target.unit.parent_id, target.revisions.get().minimum)
        for target in Target.objects.filter(
            plan__code="cdxd-2024", indicator="net-increase"
        ).select_related("unit")
    }
    federation, branch = (Unit.objects.get(code=code) for code in (FEDERATION, "CD01"))
    for unit in (federation, branch):
        below = sum(minimum for parent, minimum in given.values() if parent == unit.pk)
        assert below == given[unit.code][1]
    assert given[MAI][1] == 20


def test_a_plan_of_the_term_runs_beside_that_of_the_year(demo, db):
    """Two years' history on every kind of source, and no line without a figure."""
    plan, quarter = Plan.objects.get(code="nhiem-ky-2023-2028"), Quarter.objects.get(code="2024Q3")
    found = dashboard(made.question(plan, quarter), Unit.objects.get(code=FEDERATION)).lines
    assert all(line.progress.actual is not None for line in found)
    assert {line.progress.status for line in found} >= {"on_track", "at_risk", "behind"}
    read = {line.indicator.read_from for line in found}
    assert read == {"reports", "units", "enterprises", "ratings", "manual"}
    assert [line.due_on.year for line in found if line.indicator.code == "members"] == [2025, 2028]
    assert next(ln for ln in found if ln.indicator.code == "units-founded").progress.numerator == 2


def test_next_year_is_being_registered(demo, db):
    draft = Plan.objects.get(code="cdxd-2025")
    asking = draft.rounds.get()
    assert draft.is_draft
    assert (asking.closes_on, asking.registrations.count()) == (date(2024, 11, 20), 9)


def test_a_ranking_is_published(demo, db):
    standing = Standing.objects.get()
    assert (standing.quarter.code, standing.units.count()) == ("2024Q2", 40)


def test_stored_sums_are_right(demo, db):
    assert list(totals.differences()) == []


def test_everybody_can_sign_in_and_everything_is_in_the_history(demo, db, settings):
    for username, _name, phone, role, unit in PEOPLE:
        user = User.objects.get(username=username, phone=phone)
        assert Assignment.objects.filter(user=user, role=role, unit__code=unit).exists()
        assert user.check_password(settings.DEMO_PASSWORD)
    assert {role for *_person, role, _unit in PEOPLE} == set(Role)
    noted = HistoryEntry.objects.filter(kind="report").values("unit", "quarter").distinct()
    assert noted.count() == QuarterlyReport.objects.exclude(status=Status.DUE).count()


def test_building_it_again_does_nothing(demo, db):
    before = HistoryEntry.objects.count(), QuarterlyReport.objects.count()
    out = io.StringIO()
    call_command("demo", stdout=out)
    assert (HistoryEntry.objects.count(), QuarterlyReport.objects.count()) == before
    assert all(phone in out.getvalue() for _u, _n, phone, _r, _unit in PEOPLE)


def test_its_last_quarter_can_be_finished(demo, db):
    """Whoever tries the demo accepts what waits, and totals stay right."""
    waiting = QuarterlyReport.objects.waiting().filter(unit__code__startswith="CD01")
    actions.accept(list(waiting), by=User.objects.get(username="demo.hoa"))
    assert list(totals.differences()) == []


def test_officers_courses_and_needs_belong_to_the_story(demo, db):
    assert Officer.objects.count() >= 900
    assert Course.objects.count() >= 30
    years = set(Course.objects.held().values_list("starts_on__year", flat=True))
    assert years == {2023, 2024}
    assert set(Course.objects.values_list("status", flat=True)) == set(CourseStatus)
    assert set(TrainingNeed.objects.values_list("year", flat=True)) == {2024, 2025}
    chairs = Tenure.objects.chairs().at(date(2024, 10, 7))
    without = Unit.objects.reporting().living().exclude(pk__in=chairs.values("unit"))
    assert {"CD01-039", "CD01-040"} <= set(without.values_list("code", flat=True))
    assert Officer.objects.get(account__username="demo.mai").name == "Trần Thị Mai"


def test_the_plan_of_training_moves(demo, db):
    plan, unit = Plan.objects.get(code="cdxd-training-2023-2028"), Unit.objects.get(code=FEDERATION)
    quarters = [Quarter.objects.get(code=code) for code in ("2023Q4", "2024Q2", "2024Q3")]
    shares = [
        [line.progress.actual for line in lines(made.question(plan, quarter), [unit])]
        for quarter in quarters
    ]

    assert [len(of_quarter) for of_quarter in shares] == [3, 3, 3]
    for of_line in zip(*shares, strict=True):
        assert 0 < of_line[0] < of_line[1] <= of_line[2] <= 100
