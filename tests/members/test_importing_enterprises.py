"""Enterprises come in from a file: all of it or nothing, with every error at once."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command

from members.enterprises import propose
from members.imports import bring_in_enterprises
from members.models import Enterprise, EnterpriseNote, EnterpriseStatus, HistoryEntry
from unionplan.lib.spreadsheets import Invalid

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]
HEADER = "tax_code,name,sector,workers,responsible_unit,status"
MORE = f"{HEADER},eligible,operating,founded_on,area,surveyed_on,unit"
TWO = """0101234567,Công ty May Sông Thao,FDI,1.240,TS,chưa tiếp cận
202345678,Công ty Gốm Phù Lãng,NNN,85,CDN,difficult"""


@pytest.fixture
def cast(world, db, today):
    return world.cast


def bring_in(rows, *, by, header=HEADER, **options):
    quoted = "\n".join(";".join(row.split(",")) for row in (header, *rows.splitlines()))
    return bring_in_enterprises(quoted.encode(), by=by, **options)


def problems(rows, *, by, header=HEADER):
    before = Enterprise.objects.count(), HistoryEntry.objects.count()
    with pytest.raises(Invalid) as error:
        bring_in(rows, by=by, header=header)
    assert (Enterprise.objects.count(), HistoryEntry.objects.count()) == before
    return str(error.value).splitlines()


def test_a_survey_comes_in_and_again_changes_nothing(cast, tree):
    done = bring_in(TWO, by=cast.administrator)
    assert done.summary() == "Doanh nghiệp thêm mới: 2. Cập nhật: 0. Giữ nguyên: 0."
    kept = Enterprise.objects.order_by("tax_code")
    assert list(kept.values_list("tax_code", "workers", "responsible_unit__code", "status")) == [
        ("0101234567", 1240, "TS", "not_approached"),
        ("0202345678", 85, "CDN", "difficult"),  # Excel had dropped the zero
    ]
    assert HistoryEntry.objects.filter(kind="enterprise").count() == 2

    again = bring_in(TWO, by=cast.administrator)
    assert again.summary() == "Doanh nghiệp thêm mới: 0. Cập nhật: 0. Giữ nguyên: 2."
    assert HistoryEntry.objects.filter(kind="enterprise").count() == 2


def test_what_differs_is_followed_and_what_is_empty_stays(cast, tree, today):
    full = "0101234567,Công ty May,FDI,100,TS,đã tuyên truyền,có,không,01/02/2020,Việt Trì,,"
    bring_in(full, by=cast.administrator, header=MORE)
    done = bring_in("0101234567,Công ty May,FDI,120,TS,còn khó khăn", by=cast.administrator)

    assert [enterprise.workers for enterprise in done.changed] == [120]
    kept = Enterprise.objects.get()
    assert (kept.area, kept.founded_on, kept.is_operating) == ("Việt Trì", date(2020, 2, 1), False)
    assert kept.status == EnterpriseStatus.DIFFICULT
    notes = EnterpriseNote.objects.order_by("pk").values_list("status", "day")
    assert list(notes) == [("difficult", today)]
    line = HistoryEntry.objects.get(verb="changed the enterprise")
    assert line.changes == {"workers": [100, 120], "status": ["approached", "difficult"]}


def test_a_trial_writes_nothing(cast, tree):
    done = bring_in(TWO, by=cast.administrator, dry_run=True)
    assert [line[:12] for line in done.lines()] == ["+ 0101234567", "+ 0202345678"]
    assert not Enterprise.objects.exists()


def test_founded_and_with_which_union_are_said_together(cast, tree):
    rows = """0101234567,A,FDI,100,TS,đã thành lập,,,,,,TS-01
0101234568,B,FDI,100,TS,đã thành lập,,,,,,
0101234569,C,FDI,100,TS,còn khó khăn,,,,,,TS-01
0101234570,D,FDI,100,TS,đã thành lập,,,,,,SO-01"""
    assert problems(rows, by=cast.administrator, header=MORE) == [
        "dòng 3, cột unit: ghi mã công đoàn đã thành lập.",
        "dòng 4, cột status: đã có công đoàn thì tình trạng là “đã thành lập”.",
        "dòng 5, cột unit: không có đơn vị mã SO-01.",
    ]
    bring_in(rows.splitlines()[0], by=cast.administrator, header=MORE)
    assert Enterprise.objects.get().unit == tree.huong_giang
    back = "0101234567,A,FDI,100,TS,còn khó khăn"
    assert problems(back, by=cast.administrator) == [
        f"dòng 2, cột status: doanh nghiệp đã có công đoàn: {tree.huong_giang}."
    ]


def test_every_error_is_told_at_once(cast, tree):
    bring_in("0900000000,X,FDI,1,SO,help", by=cast.root)
    rows = """0101234567,,ND,mười,TS-01,tốt
0101234567,B,FDI,1,SO,
12,C,FDI,,TS,
0900000000,X,FDI,1,TS,
0101234571,D,FDI,1,TS,,2025-01-01"""
    assert problems(rows, by=cast.reviewer, header=f"{HEADER},founded_on") == [
        "dòng 2, cột name: ô này không được để trống.",
        "dòng 2, cột sector: không có giá trị “ND”.",
        "dòng 2, cột workers: Hãy nhập số nguyên, ví dụ 1.234.",
        "dòng 2, cột responsible_unit: TS-01 là CĐCS nên không phụ trách doanh nghiệp.",
        "dòng 2, cột status: không có giá trị “tốt”.",
        "dòng 3, cột tax_code: mã số thuế này đã có ở dòng 2.",
        "dòng 3, cột responsible_unit: không có đơn vị mã SO.",
        "dòng 4, cột tax_code: “12” không phải mã số thuế.",
        "dòng 5, cột tax_code: mã số thuế này đã có trong danh sách.",
        "dòng 6, cột founded_on: ngày này chưa đến.",
    ]


def test_a_proposal_in_the_file_is_taken_up(cast, tree):
    made = Enterprise(tax_code="0101234567", name="Công ty May", sector_id="FDI")
    propose(made, tree.huong_giang, by=cast.chair)
    bring_in("0101234567,Công ty May,FDI,,TS,", by=cast.reviewer)
    assert not Enterprise.objects.get().is_proposed


def test_the_command_says_what_it_did(cast, tree, tmp_path, capsys):
    file = tmp_path / "enterprises.csv"
    file.write_text(f"{HEADER}\n0101234567,Công ty May,FDI,100,TS,\n", encoding="utf-8")
    call_command("import_enterprises", file, "--as", "hoa", "--dry-run")
    assert not Enterprise.objects.exists()
    call_command("import_enterprises", file, "--as", "hoa")
    assert Enterprise.objects.get().added_by == cast.reviewer
    summary = "Doanh nghiệp thêm mới: 1. Cập nhật: 0. Giữ nguyên: 0."
    assert capsys.readouterr().out.splitlines() == [
        "+ 0101234567 Công ty May",
        summary,
        "Chưa ghi gì: đây là lần chạy thử.",
        summary,
    ]
    with pytest.raises(CommandError, match="sửa 2 lỗi"):
        call_command("import_enterprises", file, "--as", "mai")
