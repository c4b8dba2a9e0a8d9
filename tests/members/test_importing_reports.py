"""Reports of a quarter come in from a file: the same checks as the form, all rows or none."""

import pytest
from django.core.management import CommandError, call_command

from members import actions, periods, totals
from members.access import Role
from members.actions import Refused
from members.imports import Intent, bring_in_reports
from members.models import HistoryEntry, QuarterlyReport, Status
from members.models.reports import TYPED
from tests import factories
from unionplan.lib.spreadsheets import Invalid, xlsx_file

HEADER = "unit,workers,admitted,left_job,members,opening_members,note"
FIRST = f"""{HEADER}
TS-01,231,8,,203,195,
TS-02,"1.200",,20,1180,1.200,
"""


def bring_in(text, quarter, *, by=None, **options):
    content = text if isinstance(text, bytes) else text.encode()
    return bring_in_reports(content, quarter, by=by or factories.superuser(), **options)


def problems(rows, quarter, *, header=HEADER, **options):
    lines = HistoryEntry.objects.count()
    statuses = sorted(QuarterlyReport.objects.values_list("pk", "status", "version"))
    with pytest.raises(Invalid) as error:
        bring_in(f"{header}\n{rows}\n", quarter, **options)
    assert sorted(QuarterlyReport.objects.values_list("pk", "status", "version")) == statuses
    assert HistoryEntry.objects.count() == lines
    return str(error.value).splitlines()


def places(rows, quarter, **options):
    """Row and column of each problem; the words are those of the checks."""
    return [problem.partition(":")[0] for problem in problems(rows, quarter, **options)]


@pytest.fixture
def last_quarter(tree):
    """Quý III/2024, in which two units reported 203 and 1.180 members."""
    quarter = factories.open_quarter("2024Q3")
    bring_in(FIRST, quarter, intent=Intent.ACCEPT)
    return quarter


@pytest.fixture
def this_quarter(last_quarter):
    return factories.open_quarter("2024Q4")


def test_accepted_reports_count_in_every_total_at_once(tree, quarter):
    done = bring_in(FIRST, quarter, intent=Intent.ACCEPT)
    report = factories.report(tree.huong_giang, quarter)
    assert (report.status, report.opening_members, report.members) == (Status.ACCEPTED, 195, 203)
    assert done.summary() == "Đã gửi và duyệt 2 báo cáo."
    assert list(totals.differences()) == []


def test_what_was_sent_and_waits_is_accepted_as_the_file_says_it(tree, quarter):
    bring_in(FIRST, quarter, intent=Intent.SUBMIT)
    bring_in(FIRST, quarter, intent=Intent.ACCEPT)
    report = factories.report(tree.huong_giang, quarter)
    assert (report.status, report.members) == (Status.ACCEPTED, 203)
    assert list(totals.differences()) == []


def test_columns_may_be_headed_as_the_form_heads_them(tree, quarter):
    header = "Mã đơn vị,Tổng số lao động,Chuyển sinh hoạt đến,Giảm khác,Tổng số đoàn viên,Đầu quý"
    bring_in(f"{header}\nTS-01,231,2,1,196,195\n", quarter, intent=Intent.SUBMIT)
    report = factories.report(tree.huong_giang, quarter)
    assert (report.transferred_in, report.left_other, report.members) == (2, 1, 196)


def test_the_history_says_who_brought_in_and_accepted(tree, quarter):
    bring_in(FIRST, quarter, by=factories.superuser("importer"), intent=Intent.ACCEPT)
    line = HistoryEntry.objects.get(unit=tree.huong_giang)
    assert (line.by.username, line.verb) == ("importer", "brought in and accepted the report")
    assert line.changes["members"] == [None, 203]
    report = factories.report(tree.huong_giang, quarter)
    assert (report.submitted_by, report.checked_by) == (line.by, line.by)


@pytest.mark.parametrize(
    ("intent", "status"),
    [
        (Intent.SAVE, Status.DRAFT),
        (Intent.SUBMIT, Status.SUBMITTED),
        (Intent.ACCEPT, Status.ACCEPTED),
    ],
)
def test_reports_go_as_far_as_asked(tree, quarter, intent, status):
    bring_in(FIRST, quarter, intent=intent)
    assert factories.report(tree.huong_giang, quarter).status == status


def test_blank_is_not_stated_for_stocks_and_0_for_flows(tree, quarter):
    bring_in("unit,members,opening_members\nND-01,40,40\n", quarter, intent=Intent.ACCEPT)
    report = factories.report(tree.masons, quarter)
    typed = {name: getattr(report, name) for name in TYPED}
    assert typed == {
        **dict.fromkeys(TYPED, 0),
        "workers": None,
        "women_workers": None,
        "members": 40,
        "women_members": None,
        "adjustment": None,
    }


def test_an_empty_explanation_keeps_the_one_that_is_there(tree, quarter):
    actions.save_draft(
        factories.report(tree.huong_giang, quarter), {"note": "Thời vụ"}, by=factories.superuser()
    )
    bring_in(FIRST, quarter)
    assert factories.report(tree.huong_giang, quarter).note == "Thời vụ"


def test_a_later_report_starts_from_the_last_closing(tree, this_quarter):
    bring_in(
        "unit,workers,members,left_retired\nTS-01,230,200,3\n", this_quarter, intent=Intent.ACCEPT
    )
    assert factories.report(tree.huong_giang, this_quarter).opening_members == 203


def test_a_draft_may_be_unfinished_but_what_is_sent_may_not(tree, quarter):
    bring_in("unit,admitted\nTS-01,8\n", quarter)
    report = factories.report(tree.huong_giang, quarter)
    assert (report.status, report.admitted, report.members) == (Status.DRAFT, 8, None)
    assert places("TS-01,8", quarter, header="unit,admitted", intent=Intent.SUBMIT) == [
        "dòng 2, cột Lao động",
        "dòng 2, cột Đoàn viên đầu quý",
        "dòng 2, cột Đoàn viên",
    ]


@pytest.mark.parametrize("intent", Intent)
def test_figures_that_contradict_each_other_stop_the_file(tree, this_quarter, intent):
    header = "unit,workers,women_workers,admitted,members,adjustment,opening_members"
    rows = "TS-01,231,232,8,210,,\nTS-02,1200,,5,1184,,1179\n"
    assert places(rows, this_quarter, header=header, intent=intent) == [
        "dòng 2, cột members",
        "dòng 2, cột women_workers",
        "dòng 3, cột opening_members",
    ]


def test_all_errors_come_at_once_and_nothing_is_written(tree, this_quarter):
    factories.accepted(tree.huong_giang, this_quarter)
    factories.submitted(tree.song_lam, this_quarter)
    rows = """TS-01,231,,,203,,
TS-02,1200,,,1180,,
XX,1,,,1,1,
TS,1,,,1,1,
TS-03,"12,5",-3,,abc,10,
HD-01,10,,,10,10,
HD-01,11,,,11,11,
,1,,,1,1,"""
    assert problems(rows, this_quarter, intent=Intent.SUBMIT) == [
        "dòng 2, cột unit: báo cáo đã được duyệt.",
        "dòng 3, cột unit: báo cáo đã gửi, chờ kiểm tra.",
        "dòng 4, cột unit: không có đơn vị mã XX.",
        "dòng 5, cột unit: đơn vị này không phải báo cáo Quý IV/2024.",
        "dòng 6, cột workers: Số người không có phần lẻ (đã nhập 12,5).",
        "dòng 6, cột members: Hãy nhập số nguyên, ví dụ 1.234.",
        "dòng 6, cột admitted: Số này không thể âm.",
        "dòng 8, cột unit: đơn vị này đã có ở dòng 7.",
        "dòng 9, cột unit: ô này không được để trống.",
    ]


def test_a_column_with_a_slip_in_its_name_loses_no_figures(tree, quarter):
    assert problems("TS-01,1", quarter, header="unit,admited")[0].startswith(
        "dòng 1, cột admited: "
    )


def test_a_head_count_with_decimals_in_a_workbook_names_its_cell(tree, quarter):
    content = xlsx_file(["unit", "members"], [["TS-01", 5.493]])
    with pytest.raises(Invalid) as error:
        bring_in(content, quarter)
    assert str(error.value) == "dòng 2, cột members: ô B2 ghi 5,493, không phải số nguyên."


def test_a_unit_founded_after_the_cut_off_owes_no_report(tree, quarter):
    factories.unit("TS-09", parent=tree.truong_son, founded_on=quarter.due_on)
    assert problems("TS-09,1,,,1,1,", quarter) == [
        "dòng 2, cột unit: đơn vị này không phải báo cáo Quý III/2024."
    ]


def test_reports_of_another_branch_are_out_of_sight(tree, quarter, cast):
    assert problems("SO-01,1,,,1,1,", quarter, by=cast.reviewer) == [
        "dòng 2, cột unit: không có đơn vị mã SO-01."
    ]
    assert problems("TS-01,1,,,1,1,", quarter, by=cast.chair) == [
        "dòng 2, cột unit: không có đơn vị mã TS-01."
    ]
    bring_in("unit,members,workers,opening_members\nTS-01,1,1,1\n", quarter, by=cast.reviewer)


def test_a_closed_quarter_takes_nothing(tree, quarter):
    periods.close_quarter(quarter, by=factories.superuser())
    quarter.refresh_from_db()
    with pytest.raises(Refused, match="Quý III/2024"):
        bring_in(FIRST, quarter)
    assert set(QuarterlyReport.objects.values_list("status", flat=True)) == {Status.DUE}


def test_an_earlier_report_is_decided_on_first(tree, quarter):
    bring_in(FIRST, quarter, intent=Intent.SUBMIT)
    later = factories.open_quarter("2024Q4")
    rows = "TS-01,231,,,203,,"
    assert problems(rows, later, intent=Intent.ACCEPT) == [
        "dòng 2, cột unit: duyệt hoặc trả lại báo cáo Quý III/2024 trước."
    ]
    bring_in(f"{HEADER}\n{rows}\n", later, intent=Intent.SUBMIT)


def test_queries_are_told_and_stay_on_the_report_and_stop_nothing(tree, quarter):
    done = bring_in(
        "unit,workers,members,opening_members,note\nTS-01,200,203,203,Lao động thời vụ\n",
        quarter,
        intent=Intent.ACCEPT,
    )
    report = factories.report(tree.huong_giang, quarter)
    assert [(query.row, query.column) for query in done.queries] == [(2, "members")]
    assert (report.status, report.note) == (Status.ACCEPTED, "Lao động thời vụ")
    assert len(report.queries) == 1


def test_a_large_change_on_last_quarter_is_a_query(tree, this_quarter):
    """The checks are told what the unit reported before."""
    done = bring_in(
        "unit,workers,members\nTS-01,500,203\nTS-02,1200,1180\n",
        this_quarter,
        intent=Intent.SUBMIT,
    )
    assert [(query.row, query.column) for query in done.queries] == [(2, "workers")]


def test_a_dry_run_shows_everything_and_writes_nothing(tree, quarter):
    done = bring_in(FIRST, quarter, intent=Intent.ACCEPT, dry_run=True)
    assert sorted(done.lines()) == [
        "TS-01 CĐCS Công ty CP Xây dựng Hương Giang: 195 → 203",
        "TS-02 CĐCS Nhà máy Gạch Sông Lam: 1.200 → 1.180",
    ]
    assert set(QuarterlyReport.objects.values_list("status", flat=True)) == {Status.DUE}


def test_ten_rows_cost_as_many_statements_as_one(tree, quarter, django_assert_max_num_queries):
    """Nothing is asked unit by unit."""
    units = [factories.unit(f"N-{n}", parent=tree.truong_son) for n in range(11)]
    periods.add_reports_to_open_quarters(units, by=factories.superuser())
    header = "unit,members,workers,opening_members\n"
    with django_assert_max_num_queries(100) as one:
        bring_in(f"{header}N-0,1,1,1\n", quarter, intent=Intent.ACCEPT)
    rows = "".join(f"N-{n},1,1,1\n" for n in range(1, 11))
    with django_assert_max_num_queries(100) as ten:
        bring_in(header + rows, quarter, intent=Intent.ACCEPT)
    assert len(ten) == len(one)


# --- the commands --------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "reports.csv"
    path.write_text(FIRST, encoding="utf-8")
    return path


def test_the_command_accepts_in_the_name_of_the_administrator(tree, quarter, file, capsys):
    bao = factories.person("bao", tree.confederation, Role.ADMINISTRATOR)
    call_command("import_reports", file, "--quarter", "2024Q3", "--accept")
    assert factories.report(tree.huong_giang, quarter).checked_by == bao
    assert capsys.readouterr().out.splitlines() == ["Đã gửi và duyệt 2 báo cáo."]


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("2024Q4", "Kỳ báo cáo 2024Q4 chưa mở."),
        ("Q4/2024", None),
    ],
)
def test_the_command_says_when_there_is_no_such_quarter(tree, quarter, file, code, sentence):
    factories.superuser()
    with pytest.raises(CommandError) as error:
        call_command("import_reports", file, "--quarter", code)
    assert str(error.value) == sentence if sentence else code in str(error.value)


def test_quarters_are_opened_closed_and_reopened_by_command(tree, capsys):
    factories.superuser()
    call_command("open_quarter", "2024Q3", "--cut-off", "31/08/2024", "--starts", "2024-06-01")
    call_command("close_quarter", "2024Q3")
    call_command("reopen_quarter", "2024Q3", "--reason", "Đính chính")
    assert capsys.readouterr().out.splitlines() == [
        "Đã mở Quý III/2024: 6 đơn vị phải báo cáo số liệu đến 31/8/2024, hạn gửi 05/9/2024.",
        "Đã khoá Quý III/2024.",
        "Đã mở lại Quý III/2024.",
    ]


def test_a_quarter_is_opened_by_whoever_holds_the_root(tree, cast):
    with pytest.raises(CommandError, match=r"^Tài khoản này không được phân quyền làm việc đó\.$"):
        call_command("open_quarter", "2024Q3", "--as", "bao")


def test_totals_are_checked_and_rebuilt_by_command(last_quarter, capsys):
    call_command("check_totals")
    assert capsys.readouterr().out == "0 sai lệch\n"
    QuarterlyReport.objects.filter(unit__code="TS-01").update(members=204)
    with pytest.raises(SystemExit) as stop:
        call_command("check_totals")
    assert stop.value.code == 1
    assert not capsys.readouterr().out.startswith("0")
    call_command("rebuild_totals")
    assert capsys.readouterr().out == "Đã tính lại tổng hợp của 1 kỳ báo cáo.\n"
    call_command("check_totals")
    assert capsys.readouterr().out == "0 sai lệch\n"
