"""Of which quarter a file of officer counts is."""

from django import forms
from django.utils.translation import gettext_lazy as _

from members.forms.reports import Post
from members.models import Quarter


class QuarterChoice(forms.Form):
    quarter = forms.ModelChoiceField(
        Quarter.objects.order_by("-cut_off_on"),
        label=_("Quarter"),
        required=False,
        to_field_name="code",
        empty_label=None,
    )

    def __init__(self, data: Post) -> None:
        super().__init__(data, initial={"quarter": Quarter.objects.latest_one()})
        if not data.get("quarter"):
            self.is_bound = False
