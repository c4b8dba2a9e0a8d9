"""The same for training: officers, counts and attendance by files, and what comes of them."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError

from training.models import Attendance, Course, Officer, OfficerCount

UNITS = """\
code,name,kind,parent,sector,founded_on
F,Công đoàn ngành Xây dựng,federation,,,
U1,Công đoàn Tổng công ty Một,upper,F,,
U2,Công đoàn Tổng công ty Hai,upper,F,,
A1,CĐCS Một,grassroots,U1,NNN,2010-01-01
A2,CĐCS Hai,grassroots,U1,NN,2010-01-01
B1,CĐCS Ba,grassroots,U2,HC,2010-01-01
"""
OFFICERS = """\
unit,name,position,full_time,elected_on,first_elected_on,gender,education,political_theory,duties,left_on
U1,Nguyễn Văn Một,chủ tịch,có,2022-05-01,,nam,đại học,cao cấp,tiền lương,
U1,Trần Thị Hai,phó chủ tịch,có,01/06/2022,,nữ,thạc sĩ,trung cấp,,
F,Lê Ba,trưởng ban,x,2021-03-03,,nam,sau đại học,sơ cấp,đối thoại,
A1,Phạm Bốn,chủ tịch,không,2023-03-01,,nữ,,,,
A2,Vũ Năm,chủ tịch,không,2023-09-01,2018-01-01,nam,,,,
B1,Hồ Sáu,chủ tịch,không,2024-02-01,,nam,,,,
B1,Đỗ Bảy,chủ tịch,không,2017-02-01,,nam,,,,2024-02-01
A1,Mai Tám,uỷ viên BCH,no,2023-03-01,,nữ,,,,
"""
COUNTS = """\
unit;others;others_trained
A1;10;6
B1;5;1
"""
ATTENDANCE = """\
course,topic,starts_on,unit,officer,completed
Lớp lý luận 1,lý luận,2023-05-10,U1,Nguyễn Văn Một,có
Lớp lý luận 1,lý luận,2023-05-10,U1,Trần Thị Hai,có
Lớp lý luận 1,lý luận,2023-05-10,A1,Phạm Bốn,x
Lớp nghiệp vụ 1,nghiệp vụ,2024-05-10,U1,Nguyễn Văn Một,12/05/2024
Lớp nghiệp vụ 1,nghiệp vụ,2024-05-10,A1,Phạm Bốn,1
Lớp nghiệp vụ 1,nghiệp vụ,2024-05-10,A1,Mai Tám,không
Lớp trước nhiệm kỳ,nghiệp vụ,2022-12-10,A2,Vũ Năm,có
"""
PLANS = """\
plan,term,unit,title,number,issued_on,starts_on,ends_on
dt,2023-2028,F,Kế hoạch đào tạo,01/KH,2023-01-01,2023-01-01,2028-12-31
"""
TARGETS = """\
unit,indicator,sector_group,minimum,topics
F,full-time-trained,all,100,"lý luận,nghiệp vụ"
F,new-chairs-trained,all,100,lý luận;nghiệp vụ
F,officers-trained,all,70,nghiệp vụ
F,full-time-degree,all,100,
F,full-time-postgraduate,all,15,
F,leaders-political-theory,all,100,
F,training-classes,all,10,
F,training-turns,all,100,
F,units-per-full-time-officer,all,2,
"""


@pytest.fixture
def trained(run):
    run("import_units", UNITS)
    for quarter in ("2023Q4", "2024Q2", "2024Q3"):
        run("open_quarter", quarter)
    run("import_officers", OFFICERS)
    run("import_officer_counts", COUNTS, "--quarter", "2024Q2")
    run("import_attendance", ATTENDANCE)
    run("import_plans", PLANS)
    run("import_targets", TARGETS, "--plan", "dt")
    return run


def rows(run, quarter, *options):
    told = run("progress", "--plan", "dt", "--quarter", quarter, "--format", "json", *options)
    return {
        (row["unit"], row["indicator"]): (row["numerator"], row["denominator"])
        for row in json.loads(told)
    }


def test_training_from_files_alone(trained):
    assert rows(trained, "2024Q3") == {
        ("F", "full-time-trained"): (1, 3),
        ("F", "new-chairs-trained"): (1, 2),
        ("F", "officers-trained"): (2 + 7, 7 + 15),
        ("F", "full-time-degree"): (3, 3),
        ("F", "full-time-postgraduate"): (2, 3),
        ("F", "leaders-political-theory"): (2, 3),
        ("F", "training-classes"): (2, None),
        ("F", "training-turns"): (5, None),
        ("F", "units-per-full-time-officer"): (3, 3),
    }
    before = rows(trained, "2023Q4", "--children")
    assert before["F", "full-time-trained"] == (0, 3)
    assert before["F", "new-chairs-trained"] == (0, 1)
    assert before["F", "officers-trained"] == (0, 7)
    assert before["U1", "training-turns"] == (3, None)
    assert before["U2", "full-time-trained"] == (None, None)


def test_the_past_stays_when_files_bring_what_is_new(trained):
    before = {quarter: rows(trained, quarter, "--children") for quarter in ("2023Q4", "2024Q3")}
    later = OFFICERS.replace("đại học,cao cấp", "sau đại học,cao cấp").replace(
        "A1,Phạm Bốn,chủ tịch,không,2023-03-01,,nữ,,,,",
        "A1,Phạm Bốn,chủ tịch,không,2023-03-01,,nữ,,,,2026-01-01",
    )
    told = trained("import_officers", later)

    assert "Cập nhật: 2" in told
    assert {q: rows(trained, q, "--children") for q in before} == before


@pytest.mark.parametrize(
    ("command", "file", "lines"),
    [
        (
            ("import_officers",),
            "unit,name,position,full_time,elected_on\n"
            "A1,Người Mới,chủ tịch,không,2024-05-01\n"
            "B1,Người Tương Lai,phó chủ tịch,không,2099-05-01\n"
            "ZZ,Không Đơn Vị,chủ tịch,không,2024-01-01\n",
            ["dòng 2, cột position", "dòng 3, cột elected_on", "dòng 4, cột unit"],
        ),
        (
            ("import_officer_counts", "--quarter", "2024Q3"),
            "unit,others,others_trained\nA1,3,4\nZZ,1,0\n",
            ["dòng 2, cột others_trained", "dòng 3, cột unit"],
        ),
        (
            ("import_attendance",),
            "course,topic,starts_on,unit,officer,completed\n"
            "Lớp X,nghiệp vụ,2024-06-10,A1,Không Có Ai,có\n"
            "Lớp X,nghiệp vụ,2024-06-10,B1,Đỗ Bảy,có\n"
            "Lớp X,nghiệp vụ,2024-06-10,A1,Phạm Bốn,2024-06-01\n"
            "Lớp X,nghiệp vụ,2024-06-10,A1,Chẳng Ai,có\n",
            [
                "dòng 2, cột officer",
                "dòng 3, cột officer",
                "dòng 4, cột completed",
                "dòng 5, cột officer",
            ],
        ),
    ],
    ids=["officers", "counts", "attendance"],
)
def test_every_error_is_told_and_nothing_is_written(trained, capsys, command, file, lines):
    models = (Officer, OfficerCount, Course, Attendance)
    before = [model.objects.count() for model in models]
    name, *options = command
    with pytest.raises(CommandError, match=f"sửa {len(lines)} lỗi"):
        trained(name, file, *options)

    told = capsys.readouterr().err
    assert [line for line in lines if line not in told] == []
    assert [model.objects.count() for model in models] == before
