"""Charts: the library takes them as they are, and the table beside them says the same."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import plotly.graph_objects as go
import pytest

from targets import charts
from targets.dashboards import dashboard
from tests import factories
from tests.factories import accepted
from tests.targets import made


@pytest.fixture
def plan(tree, today):
    return made.plan(tree.building)


def named(spec: Any) -> Any:
    """The figure with a colour of the library's own for each variable of the theme."""
    if isinstance(spec, dict):
        return {name: named(value) for name, value in spec.items()}
    if isinstance(spec, list):
        return [named(value) for value in spec]
    return "red" if isinstance(spec, str) and spec.startswith("var(--") else spec


def is_valid(chart: charts.Chart) -> bool:
    go.Figure(named(chart.figure))
    json.dumps(chart.figure, allow_nan=False)  # no Decimal, no NaN
    return all(len(row) == len(chart.columns) for row in chart.rows)


def board(plan, quarter, unit):
    return dashboard(made.question(plan, quarter), unit)


def test_a_trend_has_its_path_its_figures_and_its_forecast(plan, tree):
    made.target(plan, tree.building, "net-increase", 40)
    for code, admitted in (("2024Q1", 9), ("2024Q2", 7)):
        quarter = factories.open_quarter(code)
        accepted(tree.huong_giang, quarter, opening=190, admitted=admitted, workers=231)
    chart = charts.trend(board(plan, quarter, tree.building).lines[0])
    assert is_valid(chart)
    path, actual, forecast = chart.figure["data"]
    labels = ["Đầu năm", "Quý I", "Quý II", "Quý III", "Quý IV"]
    assert path["x"] == actual["x"] == [row[0] for row in chart.rows] == labels
    assert path["y"] == [0.0, 10.0, 20.0, 30.0, 40.0]
    assert actual["y"] == [0.0, 9.0, 16.0, None, None]
    assert (forecast["x"], forecast["y"]) == (["Quý II", "Quý IV"], [16.0, 32.0])
    assert [row[1:] for row in chart.rows] == [
        ["0", "0"],
        ["9", "10"],
        ["16", "20"],
        ["–", "30"],
        ["–", "40"],
    ]


def test_after_a_single_quarter_nothing_is_forecast(plan, tree):
    made.target(plan, tree.building, "net-increase", 40)
    quarter = factories.open_quarter("2024Q1")
    accepted(tree.huong_giang, quarter, opening=190, admitted=4, workers=231)
    chart = charts.trend(board(plan, quarter, tree.building).lines[0])
    assert is_valid(chart)
    assert len(chart.figure["data"]) == 2


def test_a_unit_without_a_target_has_no_path(plan, tree):
    made.target(plan, tree.building, "net-increase", 40)
    quarter = factories.open_quarter("2024Q1")
    accepted(tree.huong_giang, quarter, opening=190, left_job=4, workers=231)
    chart = charts.trend(board(plan, quarter, tree.truong_son).lines[0])
    assert is_valid(chart)
    [actual] = chart.figure["data"]
    assert actual["y"][:2] == [0.0, -4.0]
    assert {row[2] for row in chart.rows} == {"–"}


def test_nothing_reported_is_nothing_drawn_and_not_zero(plan, tree):
    made.target(plan, tree.building, "members", 400)
    made.target(plan, tree.building, "density", 90, group="other-enterprises")
    quarter = factories.open_quarter("2024Q1")
    asked = board(plan, quarter, tree.building)
    trend = charts.trend(asked.lines[0])
    density = charts.sectors(asked.sector_lines)
    assert is_valid(trend)
    assert is_valid(density)
    assert {row[1] for row in trend.rows} == {"–"}
    assert density.figure["data"][0]["x"] == []
    assert density.rows == [["Các loại hình doanh nghiệp khác", "–", "90%"]]


def test_sectors_stand_beside_their_thresholds(plan, tree):
    made.target(plan, tree.building, "density", 95, group="state-enterprises")
    made.target(plan, tree.building, "density", 90, group="other-enterprises")
    quarter = factories.open_quarter("2024Q1")
    accepted(tree.song_lam, quarter, opening=18_992, workers=20_000)
    accepted(tree.huong_giang, quarter, opening=203, workers=231)
    chart = charts.sectors(board(plan, quarter, tree.building).sector_lines)
    assert is_valid(chart)
    bars, marks = chart.figure["data"]
    assert bars["base"] == 80
    assert bars["x"] == pytest.approx([203 / 2.31 - 80, 14.96])  # the library draws from below
    assert bars["text"] == ["87,88%", "94,96%"]
    assert marks["x"] == [90.0, 95.0]
    assert [name.replace("<br>", " ") for name in bars["y"]] == [r[0] for r in chart.rows][::-1]
    assert chart.rows == [
        ["Doanh nghiệp nhà nước", "94,96%", "95%"],
        ["Các loại hình doanh nghiệp khác", "87,88%", "90%"],
    ]


def test_the_trend_of_a_ratio_is_in_percent(plan, tree):
    made.target(plan, tree.building, "density", 90, group="other-enterprises")
    before = factories.open_quarter("2023Q4")
    accepted(tree.huong_giang, before, opening=80, workers=100)
    quarter = factories.open_quarter("2024Q1")
    accepted(tree.huong_giang, quarter, admitted=2, workers=100)
    chart = charts.trend(board(plan, quarter, tree.building).lines[0])
    assert is_valid(chart)
    assert chart.figure["layout"]["yaxis"]["ticksuffix"] == "%"
    assert chart.rows[:2] == [["Đầu năm", "80,00%", "80,00%"], ["Quý I", "82,00%", "82,50%"]]


def test_a_plan_of_a_term_names_its_quarters_with_their_years(tree, today):
    plan = made.plan(
        tree.building, starts_on=date(2023, 1, 1), ends_on=date(2028, 12, 31), title="Nhiệm kỳ"
    )
    made.target(plan, tree.building, "admissions", 240)
    quarter = factories.open_quarter("2024Q1")
    accepted(tree.huong_giang, quarter, opening=190, admitted=4, workers=231)
    chart = charts.trend(board(plan, quarter, tree.building).lines[0])
    assert is_valid(chart)
    assert len(chart.rows) == 25
    assert len(set(chart.figure["data"][0]["x"])) == 25
