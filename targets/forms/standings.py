"""What of «Thi đua» somebody wants to see, beside the plan and the quarter."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from members.models import Tag, Unit
from targets.standings import SMALLEST, Ranking, line_code, tags_below
from unionplan.lib.fields import WholeNumberField

QUARTER, YEAR = "quarter", "year"
SPANS = ((QUARTER, _("The quarter alone")), (YEAR, _("From the start of the plan")))
FILES = ("xlsx", "csv", "commendations")


class RankingForm(forms.Form):
    """``line, tag, span, smallest, over, export``; what can only be a forged address is 404."""

    line = forms.CharField(label=_("Target line"), required=False, widget=forms.Select)
    tag = forms.ModelChoiceField(
        Tag.objects.none(),
        label=_("Block, emulation cluster"),
        required=False,
        to_field_name="name",
        empty_label=_("All units directly below"),
    )
    smallest = WholeNumberField(label=_("Do not rank units under … workers"), required=False)
    over = forms.BooleanField(label=_("Over the target"), required=False)
    span = forms.ChoiceField(choices=SPANS, required=False)
    export = forms.ChoiceField(choices=[(name, name) for name in FILES], required=False)

    def __init__(self, data: Any, *, unit: Unit) -> None:
        super().__init__(data)
        self.fields["tag"].queryset = tags_below(unit)  # type: ignore[attr-defined]
        if self.errors.keys() - {"smallest"}:
            raise Http404

    @property
    def chosen_span(self) -> str:
        return self.cleaned_data["span"] or YEAR

    @property
    def asked(self) -> dict[str, Any]:
        """The arguments of :func:`targets.standings.ranking`."""
        cleaned = self.cleaned_data
        smallest = cleaned.get("smallest")
        return {
            "line": cleaned["line"],
            "tag": cleaned["tag"],
            "is_of_year": self.chosen_span == YEAR,
            "smallest": SMALLEST if smallest is None else smallest,
        }

    def show(self, found: Ranking) -> None:
        """The lines there are to choose from, and what was chosen where nothing was asked for."""
        lines = [(line_code(line), line.label) for line in found.choices]
        self.fields["line"].widget.choices = lines
        shown: dict[str, Any] = {"line": line_code(found.chosen) if found.chosen else ""}
        if self.is_valid():
            shown["smallest"] = found.smallest
        self.data = {**{name: self.data[name] for name in self.data}, **shown}
