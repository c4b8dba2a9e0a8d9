"""The sheet of an allocation and the registration of a unit, as people type them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from targets.allocating import (
    NOTHING,
    Cell,
    Cells,
    Decision,
    Draft,
    Row,
    Sheet,
    balance_of,
    keeping_words,
)
from targets.allocation import Balance
from targets.models import SharedBy
from targets.models.allocation import LARGEST
from targets.registering import Asked, AskedLine, Promise
from unionplan.lib.fields import VietnameseDateField, WholeNumberField
from unionplan.lib.numbers import whole_number
from unionplan.lib.vietnamese import one_line

LONGEST = 300  # a sentence


@dataclass(frozen=True)
class TypedRow:
    """A row of the sheet with what is typed in it, and what is wrong with that."""

    row: Row
    number: str
    is_kept: bool
    fault: str = ""
    stored: str = ""  # where somebody else stored another number meanwhile


class SheetForm(forms.Form):
    """Of each unit ``n<id>`` and ``k<id>``, read without a field of its own: there may be
    thousands. What is not among the units of the sheet is not read at all."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    shared_by = forms.ChoiceField(
        label=_("Split by"), choices=SharedBy.choices, widget=forms.RadioSelect
    )
    keeps_rest = forms.BooleanField(required=False)
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=LONGEST,
        help_text=_("Needed where something is left or too much is allocated."),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, sheet: Sheet) -> None:
        stored = sheet.draft
        initial = {
            "version": sheet.version,
            "shared_by": stored.shared_by,
            "keeps_rest": stored.keeps_rest,
            "reason": stored.reason,
        }
        super().__init__(data, initial=initial)
        self.sheet = sheet
        self.fields["keeps_rest"].label = keeping_words(sheet.target.unit)
        self.cells: dict[int, Cell] = {}
        self.faults: dict[int, str] = {}
        self.is_overtaken = False

    def clean_reason(self) -> str:
        return one_line(self.cleaned_data["reason"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        number = WholeNumberField(required=False, largest=LARGEST)
        for row in self.sheet.rows:
            pk = row.unit.pk
            try:
                cell = Cell(number.clean(self._typed(pk)), self._is_ticked(pk))
            except forms.ValidationError as error:
                self.faults[pk] = " ".join(error.messages)
            else:
                self.cells[pk] = cell
        if count := len(self.faults):
            words = ngettext(
                "%(count)s number cannot be read.", "%(count)s numbers cannot be read.", count
            )
            self.add_error(None, words % {"count": whole_number(count)})
        return cleaned

    @property
    def draft(self) -> Draft:
        cleaned = self.cleaned_data
        cells: Cells = {pk: cell for pk, cell in self.cells.items() if cell != NOTHING}
        return Draft(cells, cleaned["shared_by"], cleaned["keeps_rest"], cleaned["reason"])

    @property
    def balance(self) -> Balance:
        """Of what is typed, as far as it can be read."""
        if not self.is_bound:
            return self.sheet.balance
        return balance_of(self.sheet.number, self.cells.values())

    def overtaken(self, sheet: Sheet, sentence: str) -> None:
        """Show what is stored by now beside what was typed; saving again settles it."""
        self.sheet, self.is_overtaken = sheet, True
        self.data = self.data.copy()  # type: ignore[attr-defined]
        self.data["version"] = str(sheet.version)  # type: ignore[index]
        self.add_error(None, sentence)

    def rows(self) -> list[TypedRow]:
        if not self.is_bound:
            return [
                TypedRow(row, _in_a_field(row.cell.number), row.cell.is_kept)
                for row in self.sheet.rows
            ]
        return [
            TypedRow(
                row,
                self._typed(row.unit.pk),
                self._is_ticked(row.unit.pk),
                self.faults.get(row.unit.pk, ""),
                self._stored(row),
            )
            for row in self.sheet.rows
        ]

    def _stored(self, row: Row) -> str:
        typed = self.cells.get(row.unit.pk, NOTHING)
        if not self.is_overtaken or typed.number == row.cell.number:
            return ""
        return whole_number(row.cell.number)

    def _typed(self, pk: int) -> str:
        return str(self.data.get(f"n{pk}", ""))

    def _is_ticked(self, pk: int) -> bool:
        return f"k{pk}" in self.data


def _in_a_field(number: int | None) -> str:
    return "" if number is None else whole_number(number)


class DecisionForm(forms.Form):
    """By which «Giao chỉ tiêu» is done."""

    decision_no = forms.CharField(
        label=_("Decision number"),
        max_length=100,
        error_messages={"required": _("Enter the number of the decision.")},
    )
    decision_on = VietnameseDateField(
        label=_("Date of the decision"),
        error_messages={"required": _("Enter the date of the decision.")},
    )
    in_force_on = VietnameseDateField(label=_("In force from"))

    def clean_decision_no(self) -> str:
        return one_line(self.cleaned_data["decision_no"])

    @property
    def decision(self) -> Decision:
        cleaned = self.cleaned_data
        return Decision(cleaned["decision_no"], cleaned["decision_on"], cleaned["in_force_on"])


class RoundForm(forms.Form):
    closes_on = VietnameseDateField(
        label=_("Register until"), widget=forms.DateInput({"class": "short"})
    )


@dataclass(frozen=True)
class LineFields:
    """A line a unit is asked for, with its two fields."""

    line: AskedLine
    number: forms.BoundField
    sentence: forms.BoundField
    seen: forms.BoundField


ASKED = ("number", "sentence", "seen")


class RegisterForm(forms.Form):
    """One number and one sentence for each line of the superior's that is a number."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, asked: Asked) -> None:
        super().__init__(data)
        self.asked = asked
        for line in asked.lines:
            said = line.registration
            self.fields[self._name("number", line)] = WholeNumberField(
                label=_("Registered number"),
                required=False,
                largest=LARGEST,
                initial=said.number if said else None,
                widget=forms.TextInput({"class": "figure"}),
            )
            self.fields[self._name("sentence", line)] = forms.CharField(
                label=_("One sentence"),
                required=False,
                max_length=LONGEST,
                initial=said.sentence if said else "",
                help_text=_("What the number rests on, for example a workshop that opens."),
            )
            self.fields[self._name("seen", line)] = forms.CharField(
                required=False, initial=said.number if said else "", widget=forms.HiddenInput
            )

    def lines(self) -> list[LineFields]:
        return [
            LineFields(line, *(self[self._name(what, line)] for what in ASKED))
            for line in self.asked.lines
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for line in self.asked.lines:
            name = self._name("number", line)
            is_blank = name not in self.errors and cleaned.get(name) is None
            if is_blank and self._said("sentence", line):
                self.add_error(name, gettext("Enter the number that the sentence is about."))
        return cleaned

    @property
    def promises(self) -> list[Promise]:
        """Of the lines that stood on the page: one that joined since takes nothing back."""
        return [
            Promise(
                line.target,
                self.cleaned_data[self._name("number", line)],
                self._said("sentence", line),
                self.data.get(self._name("seen", line)),
            )
            for line in self.asked.lines
            if self._name("number", line) in self.data
        ]

    def _said(self, what: str, line: AskedLine) -> str:
        return one_line(self.cleaned_data.get(self._name(what, line)) or "")

    @staticmethod
    def _name(what: str, line: AskedLine) -> str:
        return f"{what}-{line.target.pk}"


def first_day_proposed(sheet: Sheet, today: date) -> date:
    """From when the numbers are to hold: with the plan, or from today where some hold already."""
    plan = sheet.target.plan
    if plan.is_draft or not sheet.has_targets:
        return plan.starts_on
    return min(max(today, plan.starts_on), plan.ends_on)
