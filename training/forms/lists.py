"""Reference data of training: a list of rows that are renamed, ordered, added and removed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.forms.reports import Post
from training.lists import Item, ListKind, in_use
from unionplan.lib.vietnamese import one_line

SPARE_ROWS = 2
MOST_ROWS = 60
WIDTHS = {"name": 28, "name_en": 22, "position": 3}  # characters


class ItemForm(forms.Form):
    code = forms.SlugField(max_length=40, required=False, widget=forms.HiddenInput)
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    name_en = forms.CharField(label=_("English name"), max_length=200, required=False)
    position = forms.IntegerField(
        label=pgettext_lazy("level", "Order"),
        min_value=1,
        max_value=99,
        required=False,
        widget=forms.TextInput({"inputmode": "numeric"}),
    )
    is_leading = forms.BooleanField(label=_("leads a union or a committee of it"), required=False)

    def __init__(self, *args: Any, of: ListKind, used: set[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code = self.initial.get("code", "")
        self.is_used = code in used
        if of.has_leading:
            self.fields["is_leading"].disabled = self.is_used
        else:
            del self.fields["is_leading"]
        for name, size in WIDTHS.items():
            self.fields[name].widget.attrs["size"] = size
        for bound in self:  # the head of the table is the label one sees
            bound.field.widget.attrs["aria-label"] = bound.label

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])

    def clean_name_en(self) -> str:
        return one_line(self.cleaned_data["name_en"])

    @property
    def item(self) -> Item | None:
        """A row without a name is none."""
        facts = self.cleaned_data
        if not facts.get("name"):
            return None
        is_leading = facts.get("is_leading", False)
        return Item(facts["code"], facts["name"], facts["name_en"], is_leading)


class ItemFormSet(forms.BaseFormSet):  # type: ignore[type-arg]
    @property
    def items(self) -> list[Item]:
        """In the order typed; what has no number comes last."""
        rows = [(form.cleaned_data.get("position") or MOST_ROWS * 10, form) for form in self]
        ordered = sorted(rows, key=lambda row: row[0])
        return [item for _position, form in ordered if (item := form.item) is not None]

    @property
    def removed(self) -> list[str]:
        """Rows whose name was taken away."""
        codes = [form.cleaned_data.get("code", "") for form in self if form.item is None]
        return [code for code in codes if code]


def list_form(data: Post | None, of: ListKind) -> ItemFormSet:
    made = forms.formset_factory(
        ItemForm,
        formset=ItemFormSet,
        extra=SPARE_ROWS,
        max_num=MOST_ROWS,
        absolute_max=MOST_ROWS,
        validate_max=True,
    )
    initial = [
        {
            "code": item.code,
            "name": item.name,
            "name_en": item.name_en,
            "position": position,
            "is_leading": item.is_leading,
        }
        for position, item in enumerate(of.items(), start=1)
    ]
    rows: ItemFormSet = made(  # type: ignore[assignment]
        data, initial=initial, prefix=of.key, form_kwargs={"of": of, "used": in_use(of)}
    )
    return rows
