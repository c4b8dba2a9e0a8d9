"""The quarterly report as a chair types it, and the decision of a reviewer on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import BigAutoField
from django.utils.datastructures import MultiValueDict
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from members import further
from members.attachments import ACCEPT
from members.checks import Finding, Situation, blocking
from members.models import Quarter, QuarterlyReport, Status, User
from members.models.reports import STOCKS, TYPED
from members.queues import label_of
from members.scopes import NOT_SENT, SCOPES
from unionplan.lib import clock
from unionplan.lib.fields import VietnameseDateField, WholeNumberField
from unionplan.lib.numbers import whole_number
from unionplan.lib.vietnamese import nfc

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Post = Mapping[str, Any]

LONGEST = 1000  # characters of a sentence
MOVES = (
    "admitted",
    "transferred_in",
    "transferred_out",
    "left_job",
    "left_retired",
    "left_other",
    "left_reorganised",
    "adjustment",
)
TEXTS = ("note", "adjustment_reason", "remarks", "answer")
# How the running sum of the page names them (report-sum.js).
IN_THE_SUM = {
    "opening_members": {"data-opening-field": ""},
    "admitted": {"data-plus": "admitted"},
    "transferred_in": {"data-plus": "transferred_in"},
    "adjustment": {"data-plus": "adjustment"},
    "transferred_out": {"data-minus": "transferred_out"},
    "left_job": {"data-minus": "left"},
    "left_retired": {"data-minus": "left"},
    "left_other": {"data-minus": "left"},
    "left_reorganised": {"data-minus": "left"},
    "members": {"data-closing": ""},
}


class TextField(forms.CharField):
    """A few sentences, one code point a letter."""

    def __init__(self, *, rows: int = 2, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows})
        super().__init__(required=False, max_length=LONGEST, widget=widget, **kwargs)

    def to_python(self, value: Any) -> str:
        return nfc(super().to_python(value) or "")


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Any number of files; what they are is told elsewhere, one sentence a file."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[bytes]]:
        return [file for file in data or [] if file]


class ReceivedOnField(VietnameseDateField):
    """The day on which a paper form came in: not in the future, and of this quarter or later."""

    def __init__(self, quarter: Quarter, **kwargs: Any) -> None:
        self.quarter = quarter
        widget = forms.DateInput(attrs={"class": "short", "autocomplete": "off"})
        super().__init__(label=_("Received on"), widget=widget, **kwargs)

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day is not None and day > clock.today():
            raise forms.ValidationError(_("This day is still to come."))
        if day is not None and day < self.quarter.starts_on:
            raise forms.ValidationError(_("This day lies before the reporting period."))
        return day


class ReportForm(forms.Form):
    """The fields bear the names of the report's columns; what is not on the page stays as it is.

    ``on_behalf`` is the same form as somebody above the unit fills it in from a paper form.
    """

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    repeat_note = forms.BooleanField(required=False)
    attachment = ManyFilesField(
        label=_("Decision, list of admissions (photo, PDF, Excel; at most 10 MB)"),
        required=False,
        widget=ManyFilesInput(attrs={"accept": ACCEPT}),
    )

    def __init__(
        self,
        data: Post | None = None,
        files: MultiValueDict[str, UploadedFile[bytes]] | None = None,
        *,
        report: QuarterlyReport,
        situation: Situation,
        on_behalf: bool = False,
    ) -> None:
        self.report, self.situation, self.is_on_behalf = report, situation, on_behalf
        self.is_queried = False
        super().__init__(data, files, initial=_initial(report, situation))
        for name in self._names():
            self.fields[name] = self._field(name)
        for block in further.BLOCKS:
            self.fields.update(block.fields(report))
        self._offer_the_last_note()
        if on_behalf:
            self.fields["received_on"] = ReceivedOnField(report.quarter, required=False)
            self.fields["attachment"].label = _("Photo or paper form")

    def _names(self) -> Iterable[str]:
        if self.situation.opening_is_typed:
            yield "opening_members"
        yield from TYPED
        yield from TEXTS

    def _field(self, name: str) -> forms.Field:
        label = capfirst(str(getattr(QuarterlyReport._meta.get_field(name), "verbose_name", name)))
        if name in TEXTS:
            return TextField(label=label)
        field = WholeNumberField(label=label, required=False, allow_negative=name == "adjustment")
        field.widget.attrs |= {"class": "figure", **IN_THE_SUM.get(name, {})}
        before = getattr(self.situation.previous, name, None)
        if before is not None and name != "opening_members":
            field.note = gettext("%(quarter)s: %(figure)s") % {  # type: ignore[attr-defined]
                "quarter": self.situation.previous_quarter,
                "figure": whole_number(before),
            }
        return field

    def _offer_the_last_note(self) -> None:
        note = self.situation.previous.note if self.situation.previous else ""
        if not note:
            del self.fields["repeat_note"]
            return
        self.fields["repeat_note"].label = gettext("As in %(quarter)s: “%(note)s”") % {
            "quarter": self.situation.previous_quarter,
            "note": note,
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        previous = self.situation.previous
        if cleaned.get("repeat_note") and previous and not cleaned.get("note"):
            cleaned["note"] = previous.note
        for block in further.BLOCKS:
            if not self.errors.keys() & set(block.names):
                for name, words in block.problems(cleaned).items():
                    self.add_error(name, words)
        return cleaned

    def keep_further(self, *, by: User, is_sent: bool) -> None:
        """What the page asks beside the report, as far as it was there and can be read."""
        for block in further.BLOCKS:
            typed = {n: self.cleaned_data[n] for n in block.names if n in self.cleaned_data}
            if typed.keys() == set(block.names) and typed.keys() & self.data.keys():
                block.keep(self.report, typed, by=by, is_sent=is_sent)

    @property
    def further_blocks(self) -> list[tuple[StrOrPromise, list[forms.BoundField]]]:
        return [(block.title(), self.block(*block.names)) for block in further.BLOCKS]

    @property
    def figures(self) -> dict[str, Any]:
        """What was on the page and can be read."""
        typed = {
            name: self.cleaned_data[name]
            for name in self._names()
            if name in self.data and name in self.cleaned_data
        }
        if note := self.cleaned_data.get("note"):
            typed["note"] = note
        return typed

    @property
    def stored(self) -> dict[str, Any]:
        """The figures with the day the paper came in; whatever a unit types itself is no paper."""
        return {**self.figures, "received_on": self.received_on}

    @property
    def received_on(self) -> date | None:
        if not self.is_bound:
            return self.report.received_on
        return self.cleaned_data.get("received_on") if self.is_on_behalf else None

    def require_paper(self) -> None:
        """What makes an entry on behalf of a unit one that it can be shown later."""
        if not self.is_on_behalf:
            return
        if self.received_on is None and "received_on" not in self.errors:
            self.add_error("received_on", gettext("Write the day on which the paper was received."))
        if "attachment" not in self.errors and not self.report.attachments.exists():
            self.add_error("attachment", gettext("Attach a photo of the paper form."))

    @property
    def moves(self) -> bool:
        """Whether any change of members was typed."""
        return any(self.data.get(name, "").strip() not in ("", "0") for name in MOVES)

    @property
    def wants_note(self) -> bool:
        """The field «Giải trình» appears with the first question."""
        return bool(self.is_queried or self["note"].value() or "note" in self.errors)

    @property
    def is_unusual(self) -> bool:
        """Whether something stands under «Trường hợp khác»."""
        rare = ("left_reorganised", "adjustment", "adjustment_reason")
        return any(self[name].value() or name in self.errors for name in rare)

    def ask(self, findings: Iterable[Finding]) -> None:
        """Put every query as a question under its figure."""
        for found in findings:
            if not found.is_error and found.field in self.fields:
                self.is_queried = True
                self.fields[found.field].question = found.message  # type: ignore[attr-defined]

    def judge(self, findings: list[Finding], note: str) -> None:
        """Say at each figure what keeps the report from being sent."""
        self.ask(findings)
        stops = blocking(findings, note)
        for found in stops:
            if found.is_error:
                self.add_error(found.field if found.field in self.fields else None, found.message)
        if any(not found.is_error for found in stops):
            self.add_error("note", gettext("Write one sentence that explains it."))

    def ask_about_returned(self, words: str) -> None:
        """The reviewer's sentence on the very figures that were ticked."""
        for name in self.report.returned_figures:
            if name in self.fields:
                self.fields[name].question = words  # type: ignore[attr-defined]

    @property
    def verdict(self) -> str:
        """«Chưa gửi được: 1 lỗi phải sửa»"""
        errors = len([name for name in self.errors if name != "note"])
        if not errors:
            return gettext("Not sent yet: to be explained")
        words = ngettext(
            "Not sent yet: %(count)s error to be mended",
            "Not sent yet: %(count)s errors to be mended",
            errors,
        )
        return words % {"count": errors}

    def block(self, *names: str) -> list[forms.BoundField]:
        return [self[name] for name in names if name in self.fields]

    @property
    def workers_block(self) -> list[forms.BoundField]:
        return self.block("workers", "women_workers")

    @property
    def moves_block(self) -> list[forms.BoundField]:
        return self.block("opening_members", *MOVES[:-2])

    @property
    def members_block(self) -> list[forms.BoundField]:
        return self.block("members", "women_members")

    @property
    def rare_block(self) -> list[forms.BoundField]:
        return self.block("left_reorganised", "adjustment", "adjustment_reason")


def _initial(report: QuarterlyReport, situation: Situation) -> dict[str, Any]:
    """What is stored; on a report nobody has touched, last quarter's stocks as a proposal."""
    names = (*TYPED, *TEXTS, "opening_members", "received_on")
    stored = {name: getattr(report, name) for name in names}
    if report.status == Status.DUE and situation.previous:
        stored |= {name: getattr(situation.previous, name) for name in STOCKS}
    return stored


def unchanged(post: Post, report: QuarterlyReport, situation: Situation) -> dict[str, Any]:
    """The page as if last quarter's stocks and no change had been typed."""
    before = {name: getattr(situation.previous, name, None) for name in STOCKS}
    before["members"] = report.opening_members
    words = (*TEXTS, "version", "repeat_note", "received_on", *further.names())
    kept = {name: post[name] for name in words if name in post}
    return {**kept, **before, **dict.fromkeys(MOVES[:-1], 0), "adjustment": None}


# --- the reviewer --------------------------------------------------------------------------------

REASONS = [
    ("", _("Choose a reason")),
    ("sum", _("Wrong sum")),
    ("explanation", _("Explanation missing")),
    ("decision", _("Does not agree with the decision on admissions")),
    ("other", _("Other")),
]


class DecisionForm(forms.Form):
    """The version the reviewer saw; blank where a script decides without having looked."""

    version = forms.IntegerField(required=False, min_value=0)


class ReturnForm(DecisionForm):
    figures = forms.MultipleChoiceField(
        label=_("Figures to be mended"), required=False, widget=forms.CheckboxSelectMultiple
    )
    reason_kind = forms.ChoiceField(label=_("Reason"), required=False, choices=REASONS)
    reason = forms.CharField(
        label=_("Sentence for the unit"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": _("Write the reason, so that the unit knows what to mend."),
        },
    )

    def __init__(self, data: Post | None = None, *, reason: str = "") -> None:
        super().__init__(data, initial={"reason": reason})
        figures = self.fields["figures"]
        assert isinstance(figures, forms.MultipleChoiceField)  # noqa: S101
        figures.choices = [(name, label_of(name)) for name in TYPED]

    def clean_reason(self) -> str:
        return nfc(self.cleaned_data["reason"])

    @property
    def words(self) -> str:
        """The kind of reason and the sentence."""
        kind = self.cleaned_data["reason_kind"]
        sentence: str = self.cleaned_data["reason"]
        if kind in ("", "other"):
            return sentence
        return f"{dict(REASONS)[kind]}: {sentence}"


class QueueFilter(forms.Form):
    """Which quarter, which box, whose units; what cannot be read falls back to the default."""

    quarter = forms.ModelChoiceField(
        Quarter.objects.order_by("-cut_off_on"), required=False, to_field_name="code"
    )
    status = forms.ChoiceField(choices=[*Status.choices, (NOT_SENT, "")], required=False)
    scope = forms.ChoiceField(choices=[(name, "") for name in SCOPES], required=False)

    def __init__(self, data: Post) -> None:
        super().__init__(data)
        self.is_valid()

    def chosen_quarter(self) -> Quarter | None:
        """The one asked for, else the latest open one, else the last there was."""
        asked: Quarter | None = self.cleaned_data.get("quarter")
        return asked or Quarter.objects.open().latest_one() or Quarter.objects.latest_one()

    @property
    def status_or_waiting(self) -> str:
        return self.cleaned_data.get("status") or Status.SUBMITTED

    @property
    def asked_scope(self) -> str:
        return self.cleaned_data.get("scope") or ""


class BulkForm(forms.Form):
    """Reports to be accepted together, each «id:version» as it was seen."""

    quarter = forms.ModelChoiceField(Quarter.objects.all(), to_field_name="code")
    scope = forms.CharField(required=False, max_length=20)
    offered = forms.CharField(required=False)
    seen = forms.CharField(required=False)

    def clean_seen(self) -> dict[int, int]:
        return _versions(self.cleaned_data["seen"].split())

    def clean_offered(self) -> dict[int, int]:
        return _versions(self.cleaned_data["offered"].split())


def _versions(pairs: Iterable[str]) -> dict[int, int]:
    """«12:3» → {12: 3}; ``ValidationError`` for anything else."""
    try:
        seen = {int(pk): int(version) for pk, version in (pair.split(":") for pair in pairs)}
    except ValueError:
        raise forms.ValidationError(gettext("This list cannot be read.")) from None
    if not all(0 < pk <= BigAutoField.MAX_BIGINT for pk in seen):
        raise forms.ValidationError(gettext("This list cannot be read."))
    return seen
