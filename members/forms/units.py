"""Finding units, and whom to call there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from members.access import Permission
from members.contacts import CONTACT
from members.forms.accounts import clean_phone
from members.models import Kind, Sector, Unit, User
from members.models.units import UnitQuerySet
from unionplan.lib.vietnamese import nfc, one_line


class UnitFilter(forms.Form):
    q = forms.CharField(label=_("Name or code"), max_length=100, required=False)
    kind = forms.ChoiceField(
        label=_("Kind"),
        required=False,
        choices=[("", _("All kinds")), *((kind, capfirst(label)) for kind, label in Kind.choices)],
    )
    sector = forms.ModelChoiceField(
        Sector.objects.order_by("position", "code"),
        label=_("Sector"),
        required=False,
        empty_label=_("All sectors"),
    )
    parent = forms.ModelChoiceField(
        Unit.objects.none(),
        label=_("Directly under"),
        required=False,
        to_field_name="code",
        empty_label=_("All superior unions"),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        superiors = Unit.objects.open_to(user, Permission.VIEW).superiors().living().by_name()
        self.fields["parent"].queryset = superiors  # type: ignore[attr-defined]

    def apply(self, units: UnitQuerySet) -> UnitQuerySet:
        """A filter that makes no sense finds nothing: better than everything."""
        if not self.is_valid():
            return units.none()
        asked = {name: self.cleaned_data[name] for name in ("kind", "sector", "parent")}
        return units.search(self.cleaned_data["q"]).filter(
            **{name: value for name, value in asked.items() if value}
        )


class UnitField(forms.CharField):
    """One of the units offered, by code or by its whole name; any other is simply unknown."""

    def __init__(self, **kwargs: Any) -> None:
        self.units: UnitQuerySet = Unit.objects.none()
        super().__init__(max_length=200, widget=forms.TextInput({"list": "units"}), **kwargs)

    def clean(self, value: Any) -> Unit | None:
        typed = nfc(super().clean(value)).strip()
        if not typed:
            return None
        found = list(self.units.filter(Q(code__iexact=typed) | Q(name=typed))[:2])
        if len(found) > 1:
            raise forms.ValidationError(gettext("Several units bear this name; enter the code."))
        if not found:
            raise forms.ValidationError(
                gettext("There is no unit %(code)s among your units.") % {"code": typed}
            )
        return found[0]


class ContactForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Unit
        fields = CONTACT

    def clean_contact_name(self) -> str:
        return one_line(self.cleaned_data["contact_name"])

    def clean_phone(self) -> str:
        return clean_phone(self.cleaned_data["phone"])
