"""What a unit needs of a year, and which part of a branch is looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from members.access import Permission
from members.forms.reports import Post
from members.models import Sector, Unit, User
from training.models import Audience, Topic
from training.needs import Pair
from unionplan.lib.fields import WholeNumberField
from unionplan.lib.numbers import whole_number

LARGEST = 99_999  # people of one unit; more is a slip of the finger
MISSING = "missing"


@dataclass(frozen=True)
class Block:
    """One topic of the form, with a field for each audience."""

    topic: Topic
    fields: list[forms.BoundField]


class NeedForm(forms.Form):
    """A number of people for each audience of each topic; ``before`` is what was stated the year
    before, and stands beside the fields."""

    def __init__(
        self,
        data: Post | None,
        *,
        topics: Sequence[Topic],
        audiences: Sequence[Audience],
        known: Mapping[Pair, int],
        before: Mapping[Pair, int],
        year: int,
    ) -> None:
        self.pairs = {
            _name(topic, audience): (topic, audience) for topic in topics for audience in audiences
        }
        self.topics, self.known = topics, known
        initial = {
            name: known.get((topic.pk, audience.pk))
            for name, (topic, audience) in self.pairs.items()
        }
        super().__init__(data, initial=initial)
        for name, (topic, audience) in self.pairs.items():
            self.fields[name] = _number(
                str(audience), year - 1, before.get((topic.pk, audience.pk))
            )

    @property
    def blocks(self) -> Iterator[Block]:
        for topic in self.topics:
            yield Block(topic, [self[n] for n, (of, _to) in self.pairs.items() if of == topic])

    @property
    def wrong(self) -> Iterator[tuple[str, str]]:
        """Where to look, and what it is called: «Lý luận · Cán bộ chuyên trách»."""
        for name, (topic, audience) in self.pairs.items():
            if self[name].errors:
                yield self[name].id_for_label, f"{topic} · {audience}"

    @property
    def says_none(self) -> bool:
        """The button «Đơn vị không có nhu cầu»."""
        return self.data.get("action") == "none"

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        numbers = [facts.get(name) for name in self.pairs]
        if self.says_none and any(numbers):
            raise forms.ValidationError(
                _("Numbers are typed below: save them, or clear them if nothing is needed.")
            )
        is_blank = not self.errors and all(number is None for number in numbers)
        if is_blank and not self.known and not self.says_none:
            raise forms.ValidationError(
                _("No number is typed. If the unit needs nothing, use the button for that.")
            )
        return facts

    @property
    def people(self) -> dict[tuple[Topic, Audience], int | None]:
        """What was changed on the page: what somebody else stated meanwhile stays."""
        if self.says_none:
            unsaid = (p for p in self.pairs.values() if (p[0].pk, p[1].pk) not in self.known)
            return dict.fromkeys(unsaid, 0)
        return {self.pairs[name]: self.cleaned_data[name] for name in self.changed_data}


def _name(topic: Topic, audience: Audience) -> str:
    return f"{topic.pk}.{audience.pk}"  # no code has a point


def _number(label: str, last_year: int, before: int | None) -> WholeNumberField:
    field = WholeNumberField(
        label=label,
        required=False,
        largest=LARGEST,
        show_hidden_initial=True,
        widget=forms.TextInput({"class": "figure", "maxlength": 7}),
    )
    if before is not None:
        words = gettext("Year %(year)s: %(number)s")
        field.note = words % {"year": last_year, "number": whole_number(before)}  # type: ignore[attr-defined]
    return field


@dataclass(frozen=True)
class Row:
    """One audience as it is read."""

    label: str
    number: int | None
    before: int | None


def read_blocks(
    topics: Iterable[Topic],
    audiences: Sequence[Audience],
    known: Mapping[Pair, int],
    before: Mapping[Pair, int],
) -> list[tuple[Topic, list[Row]]]:
    """For those who do not state: what is there, and nothing that is not."""
    found = []
    for topic in topics:
        pairs = {(topic.pk, audience.pk): str(audience) for audience in audiences}
        rows = [
            Row(label, known.get(pair), before.get(pair))
            for pair, label in pairs.items()
            if pair in known or pair in before
        ]
        if rows:
            found.append((topic, rows))
    return found


class NeedFilter(forms.Form):
    branch = forms.ModelChoiceField(
        Unit.objects.none(),
        label=_("In the branch of"),
        required=False,
        to_field_name="code",
        empty_label=None,
    )
    sector = forms.ModelChoiceField(
        Sector.objects.order_by("position", "code"),
        label=_("Sector"),
        required=False,
        empty_label=_("All sectors"),
    )
    state = forms.ChoiceField(
        label=_("Units"),
        required=False,
        choices=[("", _("All units")), (MISSING, _("Not everything stated yet"))],
    )

    def __init__(self, data: Post, *, user: User, top: Unit) -> None:
        """``top`` is looked at where nothing else is asked for."""
        super().__init__(data, initial={"branch": top})
        superiors = Unit.objects.open_to(user, Permission.VIEW).superiors().living()
        self.fields["branch"].queryset = superiors.by_name()  # type: ignore[attr-defined]
        if "branch" not in data:
            self.data = {**{name: data[name] for name in data}, "branch": top.code}
        self.top = top

    @property
    def chosen(self) -> Unit:
        return self.cleaned_data["branch"] or self.top

    @property
    def sector_chosen(self) -> Sector | None:
        sector: Sector | None = self.cleaned_data["sector"]
        return sector

    @property
    def is_of_missing(self) -> bool:
        return bool(self.cleaned_data["state"] == MISSING)
