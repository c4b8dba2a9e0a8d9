"""From an empty database to a plan's progress, through files, commands and pages alone.

What others build on: the names of columns, options, addresses and form fields, and the figures.
"""

from __future__ import annotations

import json
import re

import pytest
from django.core.management import CommandError
from django.test import Client

from members.models import QuarterTotal, Unit

UNITS = """\
code;name;kind;parent;sector;founded_on
G1;CĐCS Xây lắp Một;grassroots;U1;NN;01/05/2012
U1;Công đoàn Tổng công ty;upper;F;;
G2;CĐCS Xây lắp Hai;Công đoàn cơ sở;U1;NN;
G3;CĐCS trực thuộc;grassroots;F;NNN;2010-01-01
N1;Nghiệp đoàn Thợ xây;occupational;F;ND;
F;Công đoàn ngành Xây dựng;federation;;;2015-01-01
"""
# 30.018 admitted and 10.979 left, in two branches; G1 and G2 pass 50 members to each other.
FIRST_QUARTER = """\
unit,workers,admitted,transferred_in,transferred_out,left_job,left_retired,members,opening_members
G1,60.000,20.018,50,0,979,0,37.998,18.909
G2,40.000,0,0,50,0,0,56.998,57.048
G3,30.000,10.000,,,4.000,6.000,20.000,20.000
N1,,0,,,,,500,500
"""
TARGETS = """\
unit,indicator,sector_group,minimum
F,net-increase,all,20.000
F,density,state-enterprises,95
F,density,other-enterprises,60
U1,net-increase,all,19.000
"""
PLANS = """\
plan,term,unit,title,number,issued_on,starts_on,ends_on
kh-2024,2023-2028,F,Kế hoạch năm 2024,01/KH,20/01/2024,2024-01-01,2024-12-31
"""


@pytest.fixture
def reported(run):
    """One quarter, accepted, and the plan it is held against."""
    run("import_units", UNITS)
    run("open_quarter", "2024Q1")
    run("import_reports", FIRST_QUARTER, "--quarter", "2024Q1", "--accept")
    run("import_plans", PLANS)
    run("import_targets", TARGETS, "--plan", "kh-2024")
    return run


@pytest.fixture
def site(reported):
    """The pages, signed in through the form by e-mail, with CSRF checks on."""
    client = Client(enforce_csrf_checks=True)
    page = client.get("/accounts/login/")
    names = {"username": "admin@example.org", "password": "mat-khau-dai"}
    assert client.post("/accounts/login/", names).status_code == 403
    answer = client.post("/accounts/login/", {**names, "csrfmiddlewaretoken": token(page)})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    return client


def token(page) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())
    assert found
    return found[1]


def rows(run, *options: str, quarter: str = "2024Q1") -> dict[tuple[str, str, str], dict]:
    said = run("progress", "--plan", "kh-2024", "--quarter", quarter, "--format", "json", *options)
    return {(r["unit"], r["indicator"], r["sector_group"]): r for r in json.loads(said)}


def test_ninety_four_point_996_percent_has_not_reached_95(reported):
    row = rows(reported)["F", "density", "state-enterprises"]
    assert (row["numerator"], row["denominator"]) == (94_996, 100_000)
    assert (row["actual"], row["minimum"]) == (94.996, 95)
    assert (row["status"], row["gap_people"]) == ("at_risk", 4)


def test_admissions_less_those_who_left_are_the_net_increase_and_transfers_cancel(reported):
    found = rows(reported, "--children")
    assert found["F", "net-increase", "all"]["numerator"] == 30_018 - 10_979 == 19_039
    assert found["U1", "net-increase", "all"]["numerator"] == 20_018 - 979
    assert found["U1", "net-increase", "all"]["status"] == "met"
    assert found["G3", "net-increase", "all"]["status"] is None  # none was assigned to it


def test_a_unit_without_a_rule_of_its_own_has_that_of_the_unit_above(reported):
    found = rows(reported, "--children")
    assert found["U1", "density", "state-enterprises"]["minimum"] == 95
    assert found["G3", "density", "other-enterprises"]["minimum"] == 60
    assert ("N1", "density", "other-enterprises") not in found


def test_a_late_unit_stands_with_its_last_figures_until_its_report_is_accepted(reported):
    reported("open_quarter", "2024Q2")
    g1 = "unit,workers,admitted,members\nG1,60.000,2,38.000\n"
    late = rows(reported, quarter="2024Q2")["F", "density", "state-enterprises"]
    assert (late["numerator"], late["reports_carried"], late["reports_due"]) == (94_996, 2, 2)

    reported("import_reports", g1, "--quarter", "2024Q2", "--submit")
    sent = rows(reported, "--basis", "submitted", quarter="2024Q2")
    assert sent["F", "density", "state-enterprises"]["numerator"] == 94_998
    waiting = rows(reported, quarter="2024Q2")["F", "density", "state-enterprises"]
    assert (waiting["numerator"], waiting["reports_submitted"]) == (94_996, 1)

    reported("import_reports", g1, "--quarter", "2024Q2", "--accept")
    accepted = rows(reported, quarter="2024Q2")["F", "density", "state-enterprises"]
    assert (accepted["numerator"], accepted["reports_accepted"]) == (94_998, 1)
    assert reported("check_totals").startswith("0 ")


def test_a_quarter_is_closed_to_files_until_it_is_opened_again(reported):
    reported("close_quarter", "2024Q1")
    with pytest.raises(CommandError, match="đã khoá"):
        reported("import_reports", FIRST_QUARTER, "--quarter", "2024Q1", "--accept")
    reported("reopen_quarter", "2024Q1", "--reason", "đính chính")
    with pytest.raises(CommandError):  # they are accepted
        reported("import_reports", FIRST_QUARTER, "--quarter", "2024Q1", "--accept")


def test_every_error_of_a_file_is_told_at_once_and_nothing_is_written(run, capsys):
    wrong = UNITS.replace("G2;CĐCS", "G1;CĐCS").replace("NNN;2010-01-01", "XX;31/02/2024")
    with pytest.raises(CommandError):
        run("import_units", wrong)
    assert capsys.readouterr().err.splitlines() == [
        "dòng 4, cột code: mã này đã có ở dòng 2.",
        "dòng 5, cột sector: không có giá trị “XX”.",
        "dòng 5, cột founded_on: Ngày 31/02/2024 không có trong lịch.",
    ]
    assert not Unit.objects.exists()


def test_what_was_tampered_with_is_found_and_mended(reported):
    QuarterTotal.objects.filter(unit__code="F").update(members=1)
    with pytest.raises(SystemExit) as ended:
        reported("check_totals")
    assert ended.value.code == 1
    reported("rebuild_totals")
    assert reported("check_totals").startswith("0 ")


def test_the_page_gives_the_rows_of_the_command(site, reported):
    query = "plan=kh-2024&quarter=2024Q1&children=1&basis=submitted&format=json"
    page = site.get(f"/progress/F/?{query}")
    told = rows(reported, "--children", "--basis", "submitted")
    assert page.json() == list(told.values())


def test_out_of_sight_and_signed_out(site):
    assert site.get("/healthz").content == b"ok"
    assert site.get("/units/XX/").status_code == 404
    assert site.get("/reports/XX/2024Q1/").status_code == 404
    for address in ("/", "/reports/", "/units/", "/progress/F/", "/plans/", "/quarters/"):
        answer = Client().get(address)
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/accounts/login/")


def test_a_report_is_typed_sent_withdrawn_returned_and_accepted_on_its_page(site, reported):
    reported("open_quarter", "2024Q2")
    address = "/reports/G1/2024Q2/"

    def post(action: str, **fields: str) -> int:
        data = {"action": action, "csrfmiddlewaretoken": token(site.get(address)), **fields}
        return site.post(address, data).status_code

    def state() -> tuple[str, int | None]:
        report = Unit.objects.get(code="G1").reports.get(quarter__code="2024Q2")
        return report.status, report.members

    typed = {"workers": "60.000", "admitted": "2", "members": "38.000"}
    assert (post("draft", members="12,5"), state()) == (200, ("draft", None))
    assert (post("submit", **typed | {"members": "38.001"}), state()) == (200, ("draft", None))
    assert (post("submit", **typed), state()) == (302, ("submitted", 38_000))
    assert (post("withdraw"), state()) == (302, ("draft", 38_000))
    assert (post("submit", **typed), state()) == (302, ("submitted", 38_000))
    assert (post("return", reason=""), state()) == (200, ("submitted", 38_000))
    assert (post("return", reason="Xem lại số."), state()) == (302, ("returned", 38_000))
    assert (post("unchanged"), state()) == (302, ("submitted", 37_998))
    assert (post("accept"), state()) == (302, ("accepted", 37_998))
    assert rows(reported, quarter="2024Q2")["F", "net-increase", "all"]["numerator"] == 19_039
