"""The scale of a year, a unit's rating of itself, and the decision on it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import BigAutoField
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members import ratings
from members.access import Permission
from members.forms.reports import Post
from members.models import Rating, RatingLevel, Sector, Unit, User
from members.models.units import UnitQuerySet
from members.ratings import State
from members.scales import Level
from unionplan.lib.vietnamese import nfc, one_line, search_text

LONGEST = 2000
NOT_ELIGIBLE = "not-eligible"  # among the codes of levels, none of which a scale may have
SPARE_ROWS = 2
MOST_LEVELS = 10
WIDTHS = {"name": 28, "name_en": 14, "code": 14, "position": 3}  # characters
TICK = re.compile(r"^([0-9]{1,18}):([0-9]{1,18})$")


def _sentence(label: Any, **facts: Any) -> forms.CharField:
    rows = forms.Textarea({"rows": 3})
    return forms.CharField(label=label, required=False, max_length=LONGEST, widget=rows, **facts)


# --- the scale -----------------------------------------------------------------------------------


class LevelForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    is_good = forms.BooleanField(label=_("counts as reached"), required=False)
    name_en = forms.CharField(label=_("English name"), max_length=200, required=False)
    code = forms.SlugField(label=_("Code"), max_length=40, required=False)
    position = forms.IntegerField(
        label=pgettext_lazy("level", "Order"),
        min_value=1,
        max_value=99,
        required=False,
        widget=forms.TextInput({"inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, is_in_use: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("code", "position"):
            self.fields[name].disabled = is_in_use
        for name, size in WIDTHS.items():
            self.fields[name].widget.attrs["size"] = size
        for bound in self:  # the head of the table is the label one sees
            bound.field.widget.attrs["aria-label"] = bound.label

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])

    def clean_name_en(self) -> str:
        return one_line(self.cleaned_data["name_en"])

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if code == NOT_ELIGIBLE:
            raise forms.ValidationError(_("This code has a meaning of its own; take another."))
        return code

    @property
    def level(self) -> Level | None:
        """A row without a name is no level."""
        facts = self.cleaned_data
        if not facts.get("name"):
            return None
        code = facts["code"] or re.sub(r"[^a-z0-9]+", "-", search_text(facts["name"])).strip("-")
        return Level(code[:40], facts["name"], facts["name_en"], facts["is_good"])


class LevelFormSet(forms.BaseFormSet):  # type: ignore[type-arg]
    @property
    def levels(self) -> list[Level]:
        """In the order typed; what has no number comes last."""
        rows = [(form.cleaned_data.get("position") or MOST_LEVELS * 10, form) for form in self]
        ordered = sorted(rows, key=lambda row: row[0])
        return [level for _position, form in ordered if (level := form.level) is not None]


def scale_form(data: Any, levels: Sequence[Level], *, is_in_use: bool) -> LevelFormSet:
    spare = 0 if is_in_use else SPARE_ROWS
    made = forms.formset_factory(
        LevelForm,
        formset=LevelFormSet,
        extra=spare if levels else spare + 2,
        max_num=MOST_LEVELS,
        absolute_max=MOST_LEVELS,
        validate_max=True,
    )
    initial = [
        {
            "code": level.code,
            "name": level.name,
            "name_en": level.name_en,
            "is_good": level.is_good,
            "position": position,
        }
        for position, level in enumerate(levels, start=1)
    ]
    rows: LevelFormSet = made(data, initial=initial, form_kwargs={"is_in_use": is_in_use})  # type: ignore[assignment]
    return rows


# --- one unit ------------------------------------------------------------------------------------


class SelfRatingForm(forms.Form):
    level = forms.ModelChoiceField(
        RatingLevel.objects.none(),
        label=_("The unit rates itself"),
        to_field_name="code",
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a level.")},
    )
    note = _sentence(_("Sentence to the superior union"))

    def __init__(self, data: Post | None, *, year: int, rating: Rating | None) -> None:
        initial = {}
        if rating is not None and rating.self_level is not None:
            initial = {"level": rating.self_level.code, "note": rating.self_note}
        super().__init__(data, initial=initial, prefix="self")
        levels = RatingLevel.objects.filter(year=year).order_by("position")
        self.fields["level"].queryset = levels  # type: ignore[attr-defined]

    def clean_note(self) -> str:
        return nfc(self.cleaned_data["note"])


class DecisionForm(forms.Form):
    level = forms.ChoiceField(
        label=_("Decision"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a level.")},
    )
    reason = _sentence(
        _("Reason"),
        help_text=_(
            "Needed where the level differs from the self-rating, where the unit is not eligible,"
            " and where it is decided again."
        ),
    )

    def __init__(
        self,
        data: Post | None,
        *,
        levels: Sequence[RatingLevel],
        rating: Rating | None,
        doubt: str = "",
    ) -> None:
        super().__init__(data, initial=_proposed(rating, doubt), prefix="decision")
        self.levels = {level.code: level for level in levels}
        self.fields["level"].choices = [  # type: ignore[attr-defined]
            *((level.code, str(level)) for level in levels),
            (NOT_ELIGIBLE, State.UNFIT.label),
        ]

    def clean_reason(self) -> str:
        return nfc(self.cleaned_data["reason"])

    @property
    def chosen(self) -> RatingLevel | None:
        """Without a level the unit is not eligible."""
        return self.levels.get(self.cleaned_data["level"])


def _proposed(rating: Rating | None, doubt: str) -> dict[str, str]:
    """What was decided, else that the unit is too young, else what it gave itself."""
    if rating is not None and rating.decided_at is not None:
        return {"level": rating.level.code if rating.level else NOT_ELIGIBLE}
    if doubt:
        return {"level": NOT_ELIGIBLE, "reason": doubt}
    own = rating.self_level if rating is not None else None
    return {"level": own.code} if own else {}


# --- the list ------------------------------------------------------------------------------------


class RatingFilter(forms.Form):
    q = forms.CharField(label=_("Name or code"), max_length=100, required=False)
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All states")), *State.choices]
    )
    parent = forms.ModelChoiceField(
        Unit.objects.none(),
        label=_("In the branch of"),
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

    def __init__(self, data: Post, *, user: User) -> None:
        super().__init__(data)
        superiors = Unit.objects.open_to(user, Permission.VIEW).superiors().living()
        self.fields["parent"].queryset = superiors.by_name()  # type: ignore[attr-defined]

    def of_branch(self, units: UnitQuerySet) -> UnitQuerySet:
        """Without the state: what is counted. A filter that makes no sense finds nothing."""
        if not self.is_valid():
            return units.none()
        asked = self.cleaned_data
        found = units.search(asked["q"])
        if asked["parent"]:
            found = found.within(asked["parent"])
        return found.filter(sector=asked["sector"]) if asked["sector"] else found

    def in_state(self, units: UnitQuerySet, year: int) -> UnitQuerySet:
        state = self.cleaned_data.get("state") if self.is_valid() else ""
        return ratings.in_state(units, year, state) if state else units


def ticked_ratings(data: Any) -> dict[int, int]:
    """Unit → the level that was shown, of the boxes ticked."""
    found = (TICK.match(text) for text in data.getlist("ratings"))
    pairs = ((int(match[1]), int(match[2])) for match in found if match)
    return {unit: level for unit, level in pairs if max(unit, level) <= BigAutoField.MAX_BIGINT}
