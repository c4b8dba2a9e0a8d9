"""The file somebody brings in."""

from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import RegexValidator
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from members.models import Kind, Unit
from unionplan.lib.vietnamese import nfc

LARGEST_FILE = 10 * 1024 * 1024


class TopUnitForm(forms.Form):
    """The unit at the top of the tree, under which everything else is brought in."""

    name = forms.CharField(label=_("Name"), max_length=200)
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("Letters without accents, digits and . _ - only."),
        validators=[RegexValidator(r"^[A-Za-z0-9._-]+$")],
        widget=forms.TextInput({"class": "short"}),
    )
    kind = forms.ChoiceField(
        label=_("Kind of unit"),
        choices=[(kind, capfirst(kind.label)) for kind in (Kind.FEDERATION, Kind.CONFEDERATION)],
    )

    @property
    def unit(self) -> Unit:
        facts = self.cleaned_data
        return Unit(name=nfc(facts["name"]), code=facts["code"], kind=facts["kind"])


class FileForm(forms.Form):
    file = forms.FileField(
        label=_("Choose a file"),
        help_text=_("Excel (.xlsx) or CSV in UTF-8, at most 10 MB."),
        error_messages={
            "required": _("Choose a file first."),
            "empty": _("The file is empty."),
        },
        widget=forms.FileInput({"accept": ".xlsx,.csv"}),
    )

    def clean_file(self) -> UploadedFile[bytes]:
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_FILE:
            raise forms.ValidationError(gettext("The file is larger than 10 MB."))
        return file
