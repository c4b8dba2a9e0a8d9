"""Reports of many units at once: a row of figures each, and one day on which the papers came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext

from members.checks import Figures, Finding, Situation, blocking, check
from members.forms.importing import FileForm
from members.forms.reports import LONGEST, ReceivedOnField
from members.models import Quarter, QuarterlyReport
from members.queues import label_of
from members.situations import figures_of
from unionplan.lib.fields import WholeNumberField
from unionplan.lib.vietnamese import nfc

# The columns of the grid, in the order in which a block copied from Excel falls into them.
COLUMNS = (
    "opening_members",
    "workers",
    "admitted",
    "transferred_in",
    "transferred_out",
    "left_job",
    "left_retired",
    "left_other",
    "members",
)


class RowForm(forms.Form):
    """What is typed for one unit. A row left empty says nothing and is skipped."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    note = forms.CharField(required=False, max_length=LONGEST, widget=forms.TextInput)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        report: QuarterlyReport,
        situation: Situation,
    ) -> None:
        self.report, self.situation = report, situation
        self.findings: list[Finding] = []
        first = {"opening_members": report.opening_members, "version": report.version}
        super().__init__(data, prefix=f"r{report.pk}", initial=first)
        for place, name in enumerate(COLUMNS):
            if name == "opening_members" and not situation.opening_is_typed:
                continue
            self.fields[name] = WholeNumberField(label=label_of(name), required=False)
            self._place(name, place)
            self.fields[name].widget.attrs["class"] = "figure"
        self.fields["note"].label = label_of("note")
        self._place("note", len(COLUMNS))

    def _place(self, name: str, place: int) -> None:
        """A cell says its column and row to those who see neither; paste.js reads its place."""
        field = self.fields[name]
        label = f"{field.label}, {self.report.name}"
        field.widget.attrs |= {"data-cell": str(place), "aria-label": label}

    @property
    def last(self) -> Figures:
        """What the unit sent before."""
        return self.situation.previous or Figures()

    @property
    def shows_opening(self) -> bool:
        """Where it is typed, or is not what last quarter closed with."""
        opening = self.report.opening_members
        return self.situation.opening_is_typed or opening != self.last.members

    @property
    def cells(self) -> list[forms.BoundField | None]:
        """In the order of the columns; ``None`` where the opening is known."""
        return [self[name] if name in self.fields else None for name in (*COLUMNS, "note")]

    @property
    def is_filled(self) -> bool:
        names = [name for name in (*COLUMNS, "note") if name != "opening_members"]
        return any(self.data.get(self.add_prefix(name), "").strip() for name in names)

    def clean_note(self) -> str:
        return nfc(self.cleaned_data["note"])

    @property
    def figures(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}

    def judge(self) -> None:
        """Hold the row to what the form of one report is held to."""
        self.full_clean()
        version = self.cleaned_data.get("version")
        if version is not None and version != self.report.version:
            self.add_error(None, gettext("The report was changed meanwhile; look at it first."))
        if self.errors:
            return
        self.findings = check(replace(figures_of(self.report), **self.figures), self.situation)
        for found in blocking(self.findings, self.figures["note"]):
            field = "note" if not found.is_error else found.field
            self.add_error(field if field in self.fields else None, found.message)

    @property
    def sentences(self) -> list[str]:
        """«Tổng số đoàn viên: 195 đầu quý + … »"""
        return [
            f"{self.fields[name].label}: {error}" if name in self.fields else str(error)
            for name, errors in self.errors.items()
            for error in errors
        ]

    @property
    def stored(self) -> dict[str, Any]:
        queries = [found.code for found in self.findings if not found.is_error]
        return {**self.figures, "queries": queries}


class DayForm(forms.Form):
    """When the papers of all rows were received."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, quarter: Quarter) -> None:
        super().__init__(data)
        self.fields["received_on"] = ReceivedOnField(quarter)


class UploadForm(FileForm):
    """A file of many reports, and the day their papers were received."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        files: MultiValueDict[str, UploadedFile[bytes]] | None = None,
        *,
        quarter: Quarter,
    ) -> None:
        super().__init__(data, files, prefix="upload")
        self.fields["received_on"] = ReceivedOnField(quarter)
