"""``manage.py progress`` and its rows, as the contract states them."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from members.models import Quarter
from targets import exports
from targets.dashboards import children_of
from targets.reading import lines
from tests import factories
from tests.factories import accepted, submitted
from tests.targets import made

FIELDS = (
    "unit,indicator,sector_group,kind,due_on,numerator,denominator,actual,minimum,desired,"
    "attained_percent,expected_by_now,status,gap_people,forecast,"
    "reports_due,reports_submitted,reports_accepted,reports_carried"
)
OPTIONS = {"plan": "ke-hoach-2024", "quarter": "2024Q3"}


@pytest.fixture
def plan(tree, today):
    """Two quarters of reports against a count and a ratio."""
    for code in ("2024Q2", "2024Q3"):
        quarter = factories.open_quarter(code)
        accepted(tree.huong_giang, quarter, opening=190, admitted=4, workers=231)
    submitted(tree.song_lam, quarter, opening=50, admitted=6, workers=50)
    made_plan = made.plan(tree.building)
    made.target(made_plan, tree.building, "net-increase", 20, desired=25)
    made.target(made_plan, tree.building, "density", "89.5", group="other-enterprises")
    return made_plan


def run(**options) -> str:
    out = io.StringIO()
    call_command("progress", stdout=out, **OPTIONS | options)
    return out.getvalue()


def rows(**options) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run(format="json", **options))
    return found


def test_rows_are_csv_with_plain_numbers_and_nothing_for_what_is_not_known(plan):
    assert run() == (
        f"{FIELDS}\n"
        "CDN,net-increase,all,flow,,8,,8,20,25,40,15,behind,12,16,5,1,1,0\n"
        "CDN,density,other-enterprises,ratio,,198,231,85.714285714285,89.5,,95.770151636073,89.5,"
        "behind,9,,2,0,1,0\n"
    )


def test_json_has_the_same_rows_with_null(plan):
    read = list(csv.DictReader(io.StringIO(run())))
    assert [
        {name: "" if cell is None else str(cell) for name, cell in row.items()}
        for row in json.loads(run(format="json"), parse_float=Decimal)
    ] == read
    assert rows()[1]["desired"] is None
    assert rows()[1]["actual"] == pytest.approx(198 / 231 * 100, abs=1e-9)


def test_children_follow_their_parent_with_the_same_lines(plan):
    assert [(row["unit"], row["indicator"]) for row in rows(children=True)] == [
        ("CDN", "net-increase"),
        ("CDN", "density"),
        ("HD-01", "net-increase"),
        ("HD-01", "density"),
        ("TS", "net-increase"),
        ("TS", "density"),
    ]


def test_another_unit_can_be_asked_for(plan):
    assert [(row["unit"], row["minimum"], row["status"]) for row in rows(unit="TS-01")] == [
        ("TS-01", None, None),
        ("TS-01", 89.5, "behind"),
    ]


def test_waiting_reports_count_on_the_submitted_basis(plan):
    [net, _density] = rows(basis="submitted")
    assert (net["actual"], net["status"], net["reports_submitted"]) == (14, "at_risk", 1)


def test_the_plan_can_be_asked_as_it_stood(plan, tree):
    made.target(plan, tree.building, "net-increase", 40, in_force_on=date(2024, 10, 1))
    assert rows()[0]["minimum"] == 40
    assert rows(plan_as_of="30/9/2024")[0]["minimum"] == 20
    assert rows(plan_as_of="2024-10-05")[0]["minimum"] == 40


def test_both_structures_can_be_asked(plan, tree):
    tree.hon_da.parent = tree.truong_son
    tree.hon_da.save()
    found = [
        {row["unit"] for row in rows(children=True, structure=structure)}
        for structure in ("reported", "current")
    ]
    assert found == [{"CDN", "HD-01", "TS"}, {"CDN", "TS"}]


@pytest.mark.parametrize(
    "options",
    [
        {"plan": "unknown"},
        {"unit": "unknown"},
        {"quarter": "2019Q1"},
        {"quarter": "third"},
        {"plan_as_of": "31/02/2024"},
    ],
)
def test_what_is_unknown_is_said_in_a_sentence(plan, options):
    with pytest.raises(CommandError, match=next(iter(options.values()))) as raised:
        run(**options)
    assert raised.value.returncode == 1


def test_excel_holds_the_same_rows(plan, tree):
    question = made.question(plan, Quarter.objects.get(code="2024Q3"))
    found = lines(question, [tree.building, *children_of(tree.building, question)])
    book = openpyxl.load_workbook(io.BytesIO(exports.as_xlsx(found, title="Tiến độ")))
    header, *cells = book.active.iter_rows(values_only=True)
    assert list(header) == FIELDS.split(",")
    as_read = csv.reader(io.StringIO(exports.as_csv(found)))
    assert [[str(cell) if cell is not None else "" for cell in row][:7] for row in cells] == [
        row[:7] for row in list(as_read)[1:]
    ]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (None, "None"),
        (Fraction(20), "20"),
        (Decimal("5493.0000"), "5493"),
        (Decimal("1E+3"), "1000"),
        (Fraction("99.875"), "99.875"),
        (Fraction(1, 3), "0.333333333333"),
        (Fraction(-1, 3), "-0.333333333334"),
        (Fraction(1, 400_000), "0.0000025"),
        (100 - Fraction(1, 10**15), "99.999999999999"),
    ],
)
def test_numbers_are_written_without_exponent_and_never_as_what_they_have_not_reached(number, text):
    plain = exports.plain(number)
    assert (f"{plain:f}" if isinstance(plain, Decimal) else str(plain)) == text
