"""Form fields that read numbers and dates as Vietnamese people type them."""

import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import get_format
from django.utils.translation import gettext_lazy as _

from unionplan.lib.numbers import LARGEST, parse_whole_number, whole_number

YEARS = range(1900, 2200)  # a slip of the finger elsewhere, and some days there have no midnight


class WholeNumberField(forms.Field):
    """A count of people: «1.234» and «1234» are the same, blank is None and not 0."""

    def __init__(
        self, *, allow_negative: bool = False, largest: int = LARGEST, **kwargs: Any
    ) -> None:
        self.allow_negative, self.largest = allow_negative, largest
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        # The numeric keypad of telephones has no minus sign.
        keypad = {} if self.allow_negative else {"inputmode": "numeric"}
        return {"autocomplete": "off", **keypad}

    def to_python(self, value: Any) -> int | None:
        if value is None or isinstance(value, int):
            return value
        return parse_whole_number(
            str(value),
            thousands=get_format("THOUSAND_SEPARATOR"),
            allow_negative=self.allow_negative,
            largest=self.largest,
        )

    def prepare_value(self, value: Any) -> Any:
        return whole_number(value) if isinstance(value, int) else value


class VietnameseDateField(forms.DateField):
    """Day before month in every language; 31/02/2024 is told from what is no date at all."""

    def to_python(self, value: Any) -> date | None:
        try:
            day = super().to_python(value)
        except ValidationError:
            text = str(value).strip()
            if re.fullmatch(r"\d{1,2}[/-]\d{1,2}[/-]\d{2,4}|\d{4}-\d{1,2}-\d{1,2}", text):
                raise ValidationError(
                    _("There is no %(text)s in the calendar."), "no_such_day", {"text": text}
                ) from None
            raise ValidationError(_("Enter a date, for example 05/10/2024."), "invalid") from None
        if day is not None and day.year not in YEARS:
            raise ValidationError(_("Enter a date, for example 05/10/2024."), "invalid")
        return day
