"""Quarterly reports from a file: the same checks as the form, all rows or none."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from members.access import Permission
from members.actions import refuse_closed, save_drafts, submit_all
from members.checks import Figures, Finding, Situation, check
from members.imports.units import no_such_unit, units_by_code
from members.models import Quarter, QuarterlyReport, Status, User
from members.models.reports import FLOWS, STOCKS, TYPED
from members.situations import NAMES, situations_of
from unionplan.lib.numbers import whole_number
from unionplan.lib.spreadsheets import Column, Problem, Row, Sheet, Value, read, xlsx_file
from unionplan.lib.watching import Watch, unwatched

REPORT_COLUMNS = [
    Column("unit", pgettext_lazy("column", "Unit code"), is_required=True),
    Column("workers", pgettext_lazy("column", "Workers"), also=("Tổng số lao động",)),
    Column("women_workers", pgettext_lazy("column", "Women workers")),
    Column("admitted", pgettext_lazy("column", "Admitted")),
    Column(
        "transferred_in", pgettext_lazy("column", "Transferred in"), also=("Chuyển sinh hoạt đến",)
    ),
    Column(
        "transferred_out", pgettext_lazy("column", "Transferred out"), also=("Chuyển sinh hoạt đi",)
    ),
    Column("left_job", pgettext_lazy("column", "Left the job")),
    Column("left_retired", pgettext_lazy("column", "Retired")),
    Column("left_other", pgettext_lazy("column", "Left for other reasons"), also=("Giảm khác",)),
    Column(
        "left_reorganised",
        pgettext_lazy("column", "Left by reorganisation"),
        also=("Giảm do sắp xếp tổ chức",),
    ),
    Column("adjustment", pgettext_lazy("column", "Adjustment"), also=("Điều chỉnh sau rà soát",)),
    Column("members", pgettext_lazy("column", "Members"), also=("Tổng số đoàn viên",)),
    Column("women_members", pgettext_lazy("column", "Women members")),
    Column("note", pgettext_lazy("column", "Explanation")),
    Column("opening_members", pgettext_lazy("column", "Members at the start"), also=("Đầu quý",)),
    # In the file we hand out, for the eyes of whoever fills it in; nothing is read from them.
    Column("name", pgettext_lazy("column", "Unit name"), also=("Tên đơn vị",)),
    Column("last_workers", pgettext_lazy("column", "Workers, last quarter")),
    Column("last_members", pgettext_lazy("column", "Members, last quarter")),
]
# What that file asks for, left to right.
TEMPLATE = (
    "unit",
    "name",
    "last_workers",
    "last_members",
    "opening_members",
    "workers",
    "women_workers",
    "admitted",
    "transferred_in",
    "transferred_out",
    "left_job",
    "left_retired",
    "left_other",
    "left_reorganised",
    "adjustment",
    "members",
    "women_members",
    "note",
)
STATED = (*TYPED, "note")  # a row with none of these says nothing
AT_ONCE = 5000  # codes in one statement
# What a draft may still lack.
UNFINISHED = {"workers_missing", "opening_missing", "members_missing"}
Entry = tuple[Row, QuarterlyReport, dict[str, Any]]


class Intent(models.TextChoices):
    """How far the reports of a file go."""

    SAVE = "save"
    SUBMIT = "submit"
    ACCEPT = "accept"


@dataclass(frozen=True)
class ReportsBroughtIn:
    reports: list[QuarterlyReport]
    intent: Intent
    queries: list[Problem]  # what asks for an explanation; kept with the reports

    def lines(self) -> Iterator[str]:
        for report in self.reports:
            change = f"{whole_number(report.opening_members)} → {whole_number(report.members)}"
            yield f"{report.unit.code} {report.name}: {change}"

    def summary(self) -> str:
        sentences = {
            Intent.SAVE: _("Reports saved as drafts: %(count)s."),
            Intent.SUBMIT: _("Reports sent: %(count)s."),
            Intent.ACCEPT: _("Reports sent and accepted: %(count)s."),
        }
        return sentences[self.intent] % {"count": whole_number(len(self.reports))}


@transaction.atomic
def bring_in_reports(
    content: bytes,
    quarter: Quarter,
    *,
    by: User,
    intent: Intent = Intent.SAVE,
    dry_run: bool = False,
    received_on: date | None = None,
    skip_blank: bool = False,
    watch: Watch = unwatched,
) -> ReportsBroughtIn:
    """Type the reports of a file for their units; :class:`Invalid` says all errors.

    ``received_on`` is the day the units' papers came in; ``skip_blank`` passes over units of which
    the file says nothing, as in one that was handed out with all of them.
    """
    refuse_closed(quarter)
    sheet = read(content, REPORT_COLUMNS)
    if skip_blank:
        _skip_blank(sheet)
    found = _ReportFile(sheet, quarter, by, intent, watch)
    sheet.stop_if_wrong()
    paper = {} if received_on is None else {"received_on": received_on}
    pairs = [(report, figures | paper) for _row, report, figures in found.entries]
    if intent == Intent.SAVE:
        reports = save_drafts(pairs, by=by)
    else:
        reports = submit_all(pairs, by=by, accept=intent == Intent.ACCEPT)
    if dry_run:
        transaction.set_rollback(True)
    return ReportsBroughtIn(reports, intent, found.queries)


def _skip_blank(sheet: Sheet) -> None:
    had_rows = bool(sheet.rows)
    sheet.rows = [row for row in sheet.rows if any(row.text(name) for name in STATED)]
    if had_rows and not sheet.rows and not sheet.problems:
        sheet.problems.append(Problem(0, "", _("No row is filled in.")))


def template_of(reports: Sequence[QuarterlyReport]) -> bytes:
    """A workbook with a row for each of these reports and the last figures beside it."""
    labels = {column.name: str(column.label) for column in REPORT_COLUMNS}
    situations = situations_of(reports)
    rows: list[list[Value]] = []
    for report in reports:
        previous = situations[report.pk].previous or Figures()
        known = {
            "unit": report.unit.code,
            "name": report.name,
            "last_workers": previous.workers,
            "last_members": previous.members,
        }
        if situations[report.pk].opening_is_typed:
            known["opening_members"] = report.opening_members
        rows.append([known.get(name) for name in TEMPLATE])
    title = str(reports[0].quarter) if reports else ""
    return xlsx_file([labels[name] for name in TEMPLATE], rows, title=title)


class _ReportFile:
    """The rows of the file against the reports of the quarter."""

    def __init__(
        self, sheet: Sheet, quarter: Quarter, by: User, intent: Intent, watch: Watch
    ) -> None:
        self.sheet, self.quarter, self.by, self.intent = sheet, quarter, by, intent
        self.queries: list[Problem] = []
        codes = {row.text("unit") for row in sheet.rows}
        self.reports = _reports_by_code(quarter, codes)
        self.elsewhere = units_by_code(codes - self.reports.keys())
        self.waiting = _waiting_before(quarter, self.reports) if intent == Intent.ACCEPT else {}
        self.entries = list(self._entries(watch))
        situations = situations_of([report for _row, report, _figures in self.entries])
        for entry in watch(self.entries):
            self._check(entry, situations)

    def _entries(self, watch: Watch) -> Iterator[Entry]:
        rows_by_unit: dict[str, int] = {}
        for row in watch(self.sheet.rows):
            before = len(self.sheet.problems)
            code = row.text("unit", is_required=True)
            figures = _figures(row)
            if not code:
                continue
            first = rows_by_unit.setdefault(code, row.number)
            if first != row.number:
                row.error("unit", _("this unit stands in row %(row)s already.") % {"row": first})
            elif refusal := self._refusal(code):
                row.error("unit", refusal)
            elif len(self.sheet.problems) == before:  # else figures are missing from it
                yield row, self.reports[code], figures

    def _refusal(self, code: str) -> str:
        """Why nothing can be typed for this unit; empty where it can."""
        report = self.reports.get(code)
        unit = report.unit if report else self.elsewhere.get(code)
        if unit is None or not self.by.may(Permission.ENTER_ON_BEHALF, unit):
            return no_such_unit(code)
        if report is None:
            return _("this unit owes no report for %(quarter)s.") % {"quarter": self.quarter}
        if report.is_suspended:
            return _("this unit is suspended and owes no report.")
        if report.status == Status.ACCEPTED:
            return _("the report was accepted already.")
        if report.status == Status.SUBMITTED and self.intent != Intent.ACCEPT:
            return _("the report was sent already and waits for a check.")
        if earlier := self.waiting.get(report.unit_id):
            return _("decide on the report of %(quarter)s first.") % {"quarter": earlier}
        return ""

    def _check(self, entry: Entry, situations: Mapping[int, Situation]) -> None:
        row, report, figures = entry
        if figures["opening_members"] is None:
            figures["opening_members"] = report.opening_members
        found = check(_as_checked(report, figures), situations[report.pk])
        for finding in found:
            column = finding.field if finding.field in figures else "note"
            if not finding.is_error:
                label = self.sheet.label(column)
                self.queries.append(Problem(row.number, label, finding.flag))
            elif self._stops(finding):
                row.error(column, finding.message)
        figures["queries"] = [finding.code for finding in found if not finding.is_error]

    def _stops(self, finding: Finding) -> bool:
        """A draft may be unfinished, but never contradict itself."""
        return self.intent != Intent.SAVE or finding.code not in UNFINISHED


def _figures(row: Row) -> dict[str, Any]:
    """What the row states. Blank is not zero, but a blank flow counts 0."""
    figures: dict[str, Any] = {name: row.whole_number(name) for name in STOCKS}
    for name in TYPED:
        if name in FLOWS:
            figures[name] = row.whole_number(name) or 0
    figures["adjustment"] = row.whole_number("adjustment", allow_negative=True)
    figures["opening_members"] = row.whole_number("opening_members")
    if note := row.text("note"):
        figures["note"] = note
    return figures


def _as_checked(report: QuarterlyReport, figures: Mapping[str, Any]) -> Figures:
    """The report as it will be: what the row says, and what it leaves as it is."""
    return Figures(**{name: figures.get(name, getattr(report, name)) for name in NAMES})


def _reports_by_code(quarter: Quarter, codes: Collection[str]) -> dict[str, QuarterlyReport]:
    wanted = sorted(code for code in codes if code)
    reports = QuarterlyReport.objects.of(quarter).select_related("unit", "quarter")
    return {
        report.unit.code: report
        for start in range(0, len(wanted), AT_ONCE)
        for report in reports.filter(unit__code__in=wanted[start : start + AT_ONCE])
    }


def _waiting_before(quarter: Quarter, reports: Mapping[str, QuarterlyReport]) -> dict[int, Quarter]:
    """Units with an earlier report that nobody has decided on, and its quarter."""
    waiting = QuarterlyReport.objects.waiting().filter(quarter__in=Quarter.objects.before(quarter))
    units = {report.unit_id for report in reports.values()}
    return {
        report.unit_id: report.quarter
        for report in waiting.select_related("quarter").by_time()
        if report.unit_id in units
    }
