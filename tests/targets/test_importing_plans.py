"""Plans and their targets come in from files: all rows or none, every error at once."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.utils.translation import gettext as _

from members.access import Role
from members.imports import REPORT_COLUMNS, UNIT_COLUMNS
from members.models import HistoryEntry
from targets.imports import (
    BASELINE_COLUMNS,
    PLAN_COLUMNS,
    TARGET_COLUMNS,
    bring_in_plans,
    bring_in_targets,
)
from targets.indicators import SHIPPED
from targets.models import Plan, Target, TargetRevision, Term
from tests import factories
from unionplan.lib.spreadsheets import Invalid, xlsx_file

PLAN_HEADER = "plan,term,unit,title,number,issued_on,starts_on,ends_on"
CDN_2024 = f"""{PLAN_HEADER}
cdn-2024,2023-2028,CDN,Kế hoạch năm 2024,12/KH-CĐN,20/01/2024,2024-01-01,2024-12-31
cdn-term,2023-2028,CDN,Kế hoạch nhiệm kỳ,,,01/01/2023,31/12/2028
"""
HEADER = "unit,indicator,sector_group,minimum"
NET_INCREASE = SHIPPED["net-increase"].label


def bring_in(text, plan, *, by=None, **options):
    content = text if isinstance(text, bytes) else text.encode()
    return bring_in_targets(content, plan, by=by or factories.superuser(), **options)


def bring_in_plans_of(text, *, by=None, **options):
    return bring_in_plans(text.encode(), by=by or factories.superuser(), **options)


def problems(rows, plan, *, header=HEADER):
    before = Target.objects.count(), TargetRevision.objects.count(), HistoryEntry.objects.count()
    with pytest.raises(Invalid) as error:
        bring_in(f"{header}\n{rows}\n", plan)
    after = Target.objects.count(), TargetRevision.objects.count(), HistoryEntry.objects.count()
    assert after == before
    return str(error.value).splitlines()


def values(plan, on):
    return {
        (target.unit.code, target.indicator, target.sector_group_id): target.minimum
        for target in plan.targets.as_of(on).select_related("unit")
    }


@pytest.fixture
def plan(tree):
    bring_in_plans_of(CDN_2024)
    return Plan.objects.get(code="cdn-2024")


# --- plans ---------------------------------------------------------------------------------------


def test_plans_come_in_and_are_in_force(tree):
    done = bring_in_plans_of(CDN_2024)
    plan = Plan.objects.get(code="cdn-2024")
    assert (plan.unit, plan.status, plan.number) == (tree.building, "in_force", "12/KH-CĐN")
    assert (plan.issued_on, plan.starts_on, plan.ends_on) == (
        date(2024, 1, 20),
        date(2024, 1, 1),
        date(2024, 12, 31),
    )
    assert done.summary() == "Kế hoạch thêm mới và đưa vào thực hiện: 2. Giữ nguyên: 0."


def test_an_unknown_term_is_made_once_over_whole_years(tree):
    bring_in_plans_of(CDN_2024)
    assert list(Term.objects.values_list("code", "starts_on", "ends_on")) == [
        ("2023-2028", date(2023, 1, 1), date(2028, 12, 31))
    ]
    assert set(Plan.objects.values_list("term__code", flat=True)) == {"2023-2028"}


def test_the_same_plans_a_second_time_change_nothing(plan):
    lines = HistoryEntry.objects.count()
    done = bring_in_plans_of(CDN_2024)
    assert (done.added, done.unchanged, HistoryEntry.objects.count()) == ([], 2, lines)


def test_a_dry_run_of_plans_writes_nothing(tree):
    done = bring_in_plans_of(CDN_2024, dry_run=True)
    assert [*done.lines()] == ["+ cdn-2024 Kế hoạch năm 2024", "+ cdn-term Kế hoạch nhiệm kỳ"]
    assert (Plan.objects.count(), Term.objects.count()) == (0, 0)


def test_all_errors_of_plans_come_at_once(plan):
    rows = f"""{PLAN_HEADER}
cdn-2024,,CDN,Tên khác,,,2024-01-01,2024-12-31
kế hoạch,2028,XX,,,,2024-02-30,2024-12-31
a,2023-2028,CDN,Kế hoạch A,,,2022-01-01,2024-12-31
b,,CDN,Kế hoạch B,,,2024-12-31,2024-01-01
b,,CDN,Kế hoạch B,,,2024-01-01,2024-12-31
"""
    with pytest.raises(Invalid) as error:
        bring_in_plans_of(rows)
    outside_term = _("The plan lies outside the term %(term)s (%(starts_on)s–%(ends_on)s).") % {
        "term": "2023 - 2028",
        "starts_on": "01/01/2023",
        "ends_on": "31/12/2028",
    }
    assert str(error.value).splitlines() == [
        f"dòng 2, cột plan: {_('This plan code is already used.')}",
        "dòng 3, cột starts_on: Ngày 2024-02-30 không có trong lịch.",
        "dòng 3, cột plan: mã chỉ gồm chữ không dấu, chữ số và các dấu . _ -",
        "dòng 3, cột title: ô này không được để trống.",
        f"dòng 3, cột term: {_('Write a term as 2023-2028.')}",
        "dòng 3, cột unit: không có đơn vị mã XX.",
        f"dòng 4, cột term: {outside_term}",
        f"dòng 5, cột ends_on: {_('A plan must end after it starts.')}",
        "dòng 6, cột plan: mã này đã có trong tệp.",
    ]
    assert Plan.objects.count() == 2


def test_plans_are_made_in_the_own_branch_only(tree, cast):
    rows = f"{PLAN_HEADER}\ndm,,DM,Kế hoạch,,,2024-01-01,2024-12-31\n"
    with pytest.raises(Invalid) as error:
        bring_in_plans_of(rows, by=cast.administrator)
    assert str(error.value) == "dòng 2, cột unit: không có đơn vị mã DM."


# --- targets -------------------------------------------------------------------------------------


def test_targets_come_in_with_the_numbers_of_vietnam_and_of_machines(plan):
    done = bring_in(
        "unit;indicator;sector_group;minimum;desired\n"
        "CDN;net-increase;;5.493;6000\n"
        "CDN;density;agencies;100;\n"
        "CDN;density;state-enterprises;95,5;\n"
        "CDN;density;Các loại hình doanh nghiệp khác;90.25%;95\n"
        f"TS;{NET_INCREASE};all;120;\n",
        plan,
    )
    assert values(plan, date(2024, 1, 1)) == {
        ("CDN", "net-increase", "all"): 5493,
        ("CDN", "density", "agencies"): 100,
        ("CDN", "density", "state-enterprises"): Decimal("95.5"),
        ("CDN", "density", "other-enterprises"): Decimal("90.25"),
        ("TS", "net-increase", "all"): 120,
    }
    assert done.summary() == "Chỉ tiêu giao mới: 5, điều chỉnh: 0, giữ nguyên: 0."
    assert set(TargetRevision.objects.values_list("in_force_on", "decision_no")) == {
        (plan.starts_on, "12/KH-CĐN")
    }


def test_another_value_is_a_revision_and_the_same_one_is_not(plan):
    bring_in(f"{HEADER}\nCDN,net-increase,all,5493\nTS,net-increase,all,120\n", plan)
    done = bring_in(
        f"{HEADER},decision_no,in_force_on,reason\n"
        "CDN,net-increase,all,5600,45/QĐ-CĐN,01/07/2024,Bổ sung đơn vị\n"
        "TS,net-increase,all,120,,,\n",
        plan,
    )
    assert [*done.lines()] == [f"~ CDN · {NET_INCREASE} · Tất cả loại hình"]
    assert values(plan, date(2024, 6, 30))["CDN", "net-increase", "all"] == 5493
    assert values(plan, date(2024, 7, 1))["CDN", "net-increase", "all"] == 5600
    revision = TargetRevision.objects.get(minimum=5600)
    assert (revision.decision_no, revision.reason) == ("45/QĐ-CĐN", "Bổ sung đơn vị")
    assert TargetRevision.objects.count() == 3


def test_a_decision_comes_with_its_day_or_that_of_the_plan(plan):
    header = f"{HEADER},decision_no,decision_on"
    bring_in(
        f"{header}\nCDN,admissions,all,900,,\nTS,admissions,all,20,15/QĐ-CĐTCT,05/02/2024\n", plan
    )
    assert set(TargetRevision.objects.values_list("decision_no", "decision_on")) == {
        ("12/KH-CĐN", date(2024, 1, 20)),
        ("15/QĐ-CĐTCT", date(2024, 2, 5)),
    }
    changes = HistoryEntry.objects.filter(kind="target").order_by("pk").last().changes
    assert changes["decision_on"] == [None, "2024-02-05"]
    assert problems("TS,admissions,all,21,,05/02/2024", plan, header=header) == [
        "dòng 2, cột decision_no: Hãy nhập số quyết định ban hành ngày này."
    ]


def test_a_revision_without_decision_and_reason_says_so(plan):
    bring_in(f"{HEADER}\nCDN,net-increase,all,5493\n", plan)
    bring_in(f"{HEADER}\nCDN,net-increase,all,5600\n", plan)
    assert values(plan, plan.starts_on) == {("CDN", "net-increase", "all"): 5600}
    revision = TargetRevision.objects.get(minimum=5600)
    assert (revision.decision_no, revision.reason) == ("không ghi số", "Nhập từ tệp.")


def test_milestones_are_lines_of_their_own(plan):
    term = Plan.objects.get(code="cdn-term")
    bring_in(
        f"{HEADER},due_on\nCDN,members,all,1000,31/12/2025\nCDN,members,all,2000,31/12/2028\n", term
    )
    assert list(term.targets.order_by("due_on").values_list("due_on", "revisions__minimum")) == [
        (date(2025, 12, 31), 1000),
        (date(2028, 12, 31), 2000),
    ]


def test_all_errors_of_targets_come_at_once(plan):
    rows = """CDN,density,agencies,101
XX,happiness,all,1
DM,net-increase,all,1
CDN,net-increase,moon,
CDN,net-increase,all,"12,5"
CDN,admissions,all,-3
CDN,density,agencies,95
CDN,admissions,all,10
CDN,admissions,,20"""
    elsewhere = _("%(unit)s does not belong to %(owner)s.") % {
        "unit": "Công đoàn Dệt may",
        "owner": "Công đoàn ngành Xây dựng",
    }
    assert problems(rows, plan) == [
        f"dòng 2, cột minimum: {_('A ratio cannot be above 100%.')}",
        "dòng 3, cột unit: không có đơn vị mã XX.",
        "dòng 3, cột indicator: không có giá trị “happiness”.",
        f"dòng 4, cột unit: {elsewhere}",
        "dòng 5, cột sector_group: không có giá trị “moon”.",
        "dòng 5, cột minimum: ô này không được để trống.",
        "dòng 6, cột minimum: Số người không có phần lẻ (đã nhập 12,5).",
        f"dòng 7, cột minimum: {_('A target cannot be negative.')}",
        "dòng 8: chỉ tiêu này đã có ở dòng 2.",
        "dòng 9: chỉ tiêu này đã có ở dòng 7.",
        "dòng 10: chỉ tiêu này đã có ở dòng 7.",
    ]


def test_two_density_targets_of_a_unit_share_no_sector(plan):
    (problem,) = problems("CDN,density,agencies,95\nCDN,density,state,95", plan)
    assert problem.startswith("dòng 3, cột sector_group: ")
    assert "HC, SN1, SN2" in problem


DEFINED = f"{HEADER},desired,due_on,recurring,parameter,topics,owner,rationale"


def test_a_line_is_defined_once_for_the_whole_plan(plan):
    """Who says nothing of how a line is counted follows what the plan says already."""
    rows = (
        "CDN,enterprise-coverage,non-state,100,,,có,20,,Ban Tổ chức,Khảo sát 2023\n"
        "TS,enterprise-coverage,non-state,90,,,,,,,\n"
        'CDN,full-time-trained,all,100,,,,,"theory, skills",,\n'
    )
    bring_in(f"{DEFINED}\n{rows}", plan)
    stored = Target.objects.order_by("pk")
    facts = [(t.unit.code, t.is_recurring, t.parameter, t.topics, t.owner) for t in stored]
    assert facts == [
        ("CDN", True, 20, "", "Ban Tổ chức"),
        ("TS", True, 20, "", ""),
        ("CDN", False, None, "theory,skills", ""),
    ]
    assert stored[0].rationale == "Khảo sát 2023"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            "CDN,net-increase,all,1,,,,20,,,",
            "cột parameter: Chỉ tiêu “Thực tăng đoàn viên” không dùng quy mô lao động.",
        ),
        (
            "CDN,density,agencies,100,,,,,theory,,",
            "cột topics: Chỉ tiêu “Tỷ lệ đoàn viên” không dùng chuyên đề đào tạo.",
        ),
        (
            "CDN,net-increase,all,1,,30/6/2024,có,,,,",
            "cột due_on: Chỉ tiêu hằng năm không có thời hạn riêng.",
        ),
        (
            "CDN,superiors-rated-well,state,95,,,,,,,",
            "cột sector_group: Công đoàn cấp trên không có loại hình; hãy chọn “Tất cả loại hình”.",
        ),
        (
            "CDN,enterprise-coverage,all,95,,,,0,,,",
            "cột parameter: Hãy nhập số lao động từ 1 trở lên.",
        ),
        ("CDN,density,agencies,95,90,,,,,,", "cột desired: Mức phấn đấu thấp hơn mức giao."),
        ("CDN,net-increase,all,1,,,hằng tuần,,,,", "cột recurring: không có giá trị “hằng tuần”."),
    ],
)
def test_what_an_indicator_has_no_use_for_is_refused(plan, row, expected):
    assert problems(row, plan, header=DEFINED) == [f"dòng 2, {expected}"]
    assert not Target.objects.exists()


def test_a_share_from_a_percent_cell_is_not_taken_for_percent(plan):
    content = xlsx_file(HEADER.split(","), [["CDN", "density", "agencies", Decimal("0.95")]])
    with pytest.raises(Invalid) as error:
        bring_in(content, plan)
    assert str(error.value) == (
        "dòng 2, cột minimum: hãy ghi 95 cho 95%, trong ô không định dạng phần trăm."
    )


def test_a_dry_run_of_targets_shows_and_writes_nothing(plan):
    done = bring_in(f"{HEADER}\nCDN,net-increase,all,5493\n", plan, dry_run=True)
    assert [*done.lines()] == [f"+ CDN · {NET_INCREASE} · Tất cả loại hình"]
    assert Target.objects.count() == 0


def test_targets_are_set_by_whoever_plans_for_the_owner(plan, cast):
    with pytest.raises(PermissionDenied):
        bring_in(f"{HEADER}\nTS,net-increase,all,1\n", plan, by=cast.reviewer)
    bring_in(f"{HEADER}\nTS,net-increase,all,1\n", plan, by=cast.administrator)


@pytest.mark.parametrize(
    "columns",
    [UNIT_COLUMNS, REPORT_COLUMNS, PLAN_COLUMNS, TARGET_COLUMNS, BASELINE_COLUMNS],
    ids=["units", "reports", "plans", "targets", "baselines"],
)
def test_a_heading_means_one_column_in_every_kind_of_file(columns):
    headings = [heading for column in columns for heading in column.headings()]
    assert len(headings) == len(set(headings))


# --- the commands --------------------------------------------------------------------------------


def test_the_commands_bring_in_a_plan_and_its_targets(tree, tmp_path, capsys):
    factories.person("bao", tree.confederation, Role.ADMINISTRATOR)
    plans, targets = tmp_path / "plans.csv", tmp_path / "targets.csv"
    plans.write_text(CDN_2024, encoding="utf-8")
    targets.write_text(f"{HEADER}\nCDN,net-increase,all,5493\n", encoding="utf-8")
    call_command("import_plans", plans)
    call_command("import_targets", targets, "--plan", "cdn-2024")
    assert values(Plan.objects.get(code="cdn-2024"), date(2024, 1, 1)) == {
        ("CDN", "net-increase", "all"): 5493
    }
    assert capsys.readouterr().out.splitlines() == [
        "Kế hoạch thêm mới và đưa vào thực hiện: 2. Giữ nguyên: 0.",
        "Chỉ tiêu giao mới: 1, điều chỉnh: 0, giữ nguyên: 0.",
    ]


def test_the_command_says_when_there_is_no_such_plan_for_the_acting_user(plan, cast, tmp_path):
    file = tmp_path / "targets.csv"
    file.write_text(f"{HEADER}\nCDN,net-increase,all,5493\n", encoding="utf-8")
    with pytest.raises(CommandError, match=r"^Không có kế hoạch mã cdn-2024\.$"):
        call_command("import_targets", file, "--plan", "cdn-2024", "--as", "far")
    with pytest.raises(CommandError, match=r"^Tài khoản này không được phân quyền làm việc đó\.$"):
        call_command("import_targets", file, "--plan", "cdn-2024", "--as", "hoa")
