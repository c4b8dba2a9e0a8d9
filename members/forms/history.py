"""What of the history somebody wants to read."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from members.access import Permission
from members.models import HistoryKind, Unit, User
from unionplan.lib.fields import VietnameseDateField
from unionplan.lib.paths import tops
from unionplan.lib.vietnamese import search_text

if TYPE_CHECKING:
    from members.models.history import HistoryEntryQuerySet

MOST_BRANCHES = 100  # that one statement asks for


def _day(label: Any) -> VietnameseDateField:
    return VietnameseDateField(
        label=label, required=False, widget=forms.DateInput({"class": "short"})
    )


class HistoryFilter(forms.Form):
    """A unit stands for its whole branch. People are looked for by name among those who wrote the
    lines in sight, so nobody learns of an account elsewhere."""

    unit = forms.CharField(label=_("Unit name or code"), max_length=100, required=False)
    person = forms.CharField(label=_("Done by"), max_length=100, required=False)
    kind = forms.ChoiceField(label=_("Kind of change"), required=False)
    first = _day(_("From day"))
    last = _day(_("Until day"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        kinds = [(kind, capfirst(label)) for kind, label in HistoryKind.choices]
        self.fields["kind"].choices = [("", gettext("All kinds of change")), *kinds]  # type: ignore[attr-defined]

    def clean_unit(self) -> list[str] | None:
        """The branches found, none within another."""
        words = self.cleaned_data["unit"].strip()
        if not words:
            return None
        units = Unit.objects.open_to(self.user, Permission.VIEW)
        exact = list(units.filter(code__iexact=words).values_list("path", flat=True))
        branches = tops(exact or units.search(words).values_list("path", flat=True))
        if len(branches) > MOST_BRANCHES:
            raise forms.ValidationError(
                gettext("More than %(count)s units fit: write more of the name, or the code."),
                params={"count": MOST_BRANCHES},
            )
        return branches

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and last < first:
            self.add_error("last", gettext("This day lies before the first one."))
        return cleaned

    def apply(self, entries: HistoryEntryQuerySet) -> HistoryEntryQuerySet:
        """A filter that makes no sense finds nothing: better than everything."""
        if not self.is_valid():
            return entries.none()
        asked = self.cleaned_data
        if asked["unit"] is not None:
            entries = entries.filter(unit__in=Unit.objects.within_paths(asked["unit"]))
        if words := search_text(asked["person"]).split():
            entries = entries.filter(by__in=_people(words))
        if asked["kind"]:
            entries = entries.filter(kind=asked["kind"])
        if asked["first"]:
            entries = entries.filter(at__gte=_midnight(asked["first"]))
        if asked["last"]:
            entries = entries.filter(at__lt=_midnight(asked["last"] + timedelta(days=1)))
        return entries


_searched = lru_cache(maxsize=20_000)(search_text)


def _people(words: list[str]) -> list[int]:
    """Names are compared here: no database leaves out tone marks as people do."""
    names = User.objects.values_list("pk", "full_name", "username")
    return [
        pk
        for pk, full_name, username in names
        if all(word in _searched(full_name or username) for word in words)
    ]


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
