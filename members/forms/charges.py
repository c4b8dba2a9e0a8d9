"""Finding units to be given to people, and giving them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members.access import Permission
from members.charges import Candidate, looked_after_by, without_anybody
from members.forms.reports import Post
from members.models import Sector, Unit, User
from members.models.units import UnitQuerySet

NOBODY = "nobody"


class ChargeFilter(forms.Form):
    q = forms.CharField(label=_("Name or code"), max_length=100, required=False)
    parent = forms.ModelChoiceField(
        Unit.objects.none(),
        label=_("Directly under"),
        required=False,
        to_field_name="code",
        empty_label=_("All superior unions"),
    )
    sector = forms.ModelChoiceField(
        Sector.objects.order_by("position", "code"),
        label=_("Sector"),
        required=False,
        empty_label=_("All sectors"),
    )
    person = forms.ChoiceField(label=_("In charge"), required=False)

    def __init__(self, data: Post, *, user: User, candidates: Sequence[Candidate]) -> None:
        super().__init__(data)
        superiors = Unit.objects.open_to(user, Permission.ACCOUNTS).superiors().living()
        self.fields["parent"].queryset = superiors.by_name()  # type: ignore[attr-defined]
        self.people = {str(candidate.user.pk): candidate.user for candidate in candidates}
        self.fields["person"].choices = [  # type: ignore[attr-defined]
            ("", _("Anybody")),
            (NOBODY, _("Nobody yet")),
            *((pk, str(user)) for pk, user in self.people.items()),
        ]

    def apply(self, units: UnitQuerySet, *, on: date) -> UnitQuerySet:
        """A filter that makes no sense finds nothing."""
        if not self.is_valid():
            return units.none()
        asked = self.cleaned_data
        found = units.search(asked["q"])
        for name in ("parent", "sector"):
            if asked[name]:
                found = found.filter(**{name: asked[name]})
        if asked["person"] == NOBODY:
            return without_anybody(found, on=on)
        person = self.people.get(asked["person"])
        return looked_after_by(found, person) if person else found


class ChargeForm(forms.Form):
    """Whom the ticked units are given to, or taken from."""

    person = forms.ChoiceField(label=_("Whom to put in charge"), required=False)

    def __init__(self, data: Any = None, *, candidates: Sequence[Candidate]) -> None:
        super().__init__(data, auto_id="give_%s")
        self.people = {str(candidate.user.pk): candidate.user for candidate in candidates}
        self.fields["person"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose a person")),
            *((str(candidate.user.pk), candidate.words) for candidate in candidates),
        ]

    @property
    def chosen(self) -> User | None:
        return self.people.get(self.cleaned_data.get("person", "")) if self.is_valid() else None
