"""Charts as plain dictionaries for the chart library, each with the same figures as a table.

Pure functions from the dashboard's dataclasses; Decimals become floats here and nowhere else.
Colours are names of CSS variables: the theme lives in one place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from django.utils.translation import gettext as _

from targets.progress import Number
from targets.results import Line
from targets.wording import forecast_name, path_text, target_text, value_text
from unionplan.lib.numbers import UNKNOWN, whole_number

COLOURS = {
    "met": "var(--color-good)",
    "on_track": "var(--color-good)",
    "at_risk": "var(--color-risk)",
    "behind": "var(--color-late)",
    "missed": "var(--color-late)",
}
NEUTRAL = "var(--chart-path)"


@dataclass(frozen=True)
class Chart:
    id: str
    title: str
    figure: dict[str, Any]
    columns: list[str]
    rows: list[list[str]]


def trend(line: Line) -> Chart:
    """Quarter by quarter against the path of the target, and where it leads."""
    labels = [_tick(point.label) for point in line.trend]
    actual = [_float(point.actual) for point in line.trend]
    expected = [_float(point.expected) for point in line.trend]
    solid = {"color": "var(--chart-line)", "width": 3}
    traces = [_curve(labels, actual, _("Actual"), solid, marked=True)]
    if line.target is not None:
        dashed = {"color": NEUTRAL, "dash": "dash", "width": 2}
        traces.insert(0, _curve(labels, expected, _("Path of the target"), dashed))
    traces += _forecast(line, labels, actual)
    return Chart(
        id="trend",
        title=_("%(label)s against its path") % {"label": line.indicator.short_label},
        figure={"data": traces, "layout": _layout(line)},
        columns=[_("Quarter"), _("Actual"), _("Path of the target")],
        rows=[
            [point.label, value_text(line, point.actual), _path_text(line, point.expected)]
            for point in line.trend
        ],
    )


def _forecast(line: Line, labels: list[str], actual: list[float | None]) -> list[dict[str, Any]]:
    known = [i for i, value in enumerate(actual) if value is not None]
    if line.progress.forecast is None or not known or known[-1] == len(labels) - 1:
        return []
    ahead = [labels[known[-1]], labels[-1]]
    values = [actual[known[-1]], _float(line.progress.forecast)]
    dotted = {"color": "var(--chart-line)", "dash": "dot", "width": 2}
    return [_curve(ahead, values, forecast_name(line), dotted)]


def sectors(lines: Sequence[Line]) -> Chart:
    """Each sector group's density beside its threshold."""
    shown = [line for line in lines if line.progress.actual is not None][::-1]
    names = [_in_lines(str(line.group)) for line in shown]
    actual = [_float(line.progress.actual) for line in shown]
    minimum = [_float(line.target.minimum) if line.target else None for line in shown]
    values = [x for x in [*actual, *minimum] if x is not None]
    low = max(0.0, (min(values, default=10.0) - 0.001) // 10 * 10)
    bars = {
        "type": "bar",
        "orientation": "h",
        "base": low,  # where the axis begins, so that a short bar keeps its text in sight
        "x": [x - low for x in actual if x is not None],
        "y": names,
        "marker": {"color": [COLOURS.get(str(line.progress.status), NEUTRAL) for line in shown]},
        "text": [value_text(line, line.progress.actual) for line in shown],
        "name": _("Actual"),
        "hoverinfo": "y+text",
        "showlegend": False,
    }
    marks = {
        "type": "scatter",
        "mode": "markers",
        "x": minimum,
        "y": names,
        "marker": {
            "symbol": "line-ns-open",
            "size": 34,
            "line": {"width": 3},
            "color": "var(--color-text)",
        },
        "name": _("Target"),
        "text": [target_text(line) for line in shown],
        "hoverinfo": "y+text",
    }
    axis = {
        "range": [low, max([100.5, *values])],
        "ticksuffix": "%",
        "tickangle": 0,
        "nticks": 4,
    }
    return Chart(
        id="sectors",
        title=_("Union density by sector group"),
        figure={"data": [bars, marks], "layout": {"xaxis": axis, "showlegend": False}},
        columns=[_("Sector group"), _("Actual"), _("Target")],
        rows=[
            [str(line.group), value_text(line, line.progress.actual), target_text(line)]
            for line in lines
        ],
    )


def _curve(
    x: list[str],
    y: list[float | None],
    name: str,
    line: dict[str, Any],
    *,
    marked: bool = False,
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers" if marked else "lines",
        "x": x,
        "y": y,
        "name": name,
        "line": line,
        **({"marker": {"size": 9}} if marked else {}),
    }


def _layout(line: Line) -> dict[str, Any]:
    axis = {"ticksuffix": "%"} if line.indicator.is_percentage else {"rangemode": "tozero"}
    legend: dict[str, Any] = {"orientation": "h"}
    if any("/" in point.label for point in line.trend):
        legend |= {"y": -0.25, "yanchor": "top"}  # below labels of two lines
    return {"yaxis": axis, "xaxis": {"tickangle": 0, "nticks": 5}, "legend": legend}


def _tick(label: str) -> str:
    """«Quý III/2024» in two lines, so that those of a whole term stand beside each other."""
    return "<br>".join(wrap(label.replace("/", " "), width=8))


def _in_lines(name: str) -> str:
    """A long name in several short lines, so that the bars keep room on a telephone."""
    return "<br>".join(wrap(name, width=20))


def _path_text(line: Line, value: Number | None) -> str:
    if value is None:
        return UNKNOWN
    return path_text(line, value) if line.indicator.is_ratio else whole_number(round(value))


def _float(value: Number | None) -> float | None:
    return None if value is None else float(value)
