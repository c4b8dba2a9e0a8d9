"""Which of the units of a branch somebody wants to see among those to focus on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from members.charges import IN_CHARGE
from members.models import Assignment, Charge, Sector, Tag, Unit, User
from members.stale import stale
from targets.focus import Focus, fallen, unsent
from unionplan.lib.fields import WholeNumberField
from unionplan.lib.numbers import whole_number
from unionplan.lib.vietnamese import given_name_key, search_text, within_a_sentence

if TYPE_CHECKING:
    from members.models.reports import QuarterlyReportQuerySet

WRONG = (
    ("unsent", _("No report yet")),
    ("fallen", _("Sudden drop")),
    ("stale", _("Old figures")),
)
FIRST = ("q", "tag", "size_from", "person")
SIZES = {"size_from": _("from %(count)s workers"), "size_to": _("up to %(count)s workers")}


class FocusFilter(forms.Form):
    """``apply`` keeps the reports of the units that fit; ``words`` names them."""

    q = forms.CharField(label=_("Name or code"), max_length=100, required=False)
    tag = forms.ModelChoiceField(
        Tag.objects.none(),
        label=pgettext_lazy("focus", "Block"),
        required=False,
        to_field_name="name",
        empty_label=pgettext_lazy("focus", "All blocks"),
    )
    size_from = WholeNumberField(label=_("Size: from … workers"), required=False)
    person = forms.ChoiceField(label=_("Officer in charge"), required=False)
    size_to = WholeNumberField(label=_("Size: up to … workers"), required=False)
    group = forms.ChoiceField(label=_("Sector group"), required=False)
    sector = forms.ModelChoiceField(
        Sector.objects.none(), label=_("Sector"), required=False, empty_label=_("All sectors")
    )
    area = forms.ChoiceField(label=_("Area"), required=False)
    wrong = forms.ChoiceField(
        label=_("What is wrong"),
        required=False,
        choices=[("", _("Any of it")), *WRONG],
    )

    def __init__(self, data: Any, *, focus: Focus, on: date) -> None:
        super().__init__(data)
        self.focus = focus
        units = Unit.objects.within(focus.unit).reporting()
        sectors = Sector.objects.filter(code__in=focus.standing.sectors).order_by("position")
        self.fields["tag"].queryset = _tags(units)  # type: ignore[attr-defined]
        self.fields["sector"].queryset = sectors  # type: ignore[attr-defined]
        areas = units.exclude(area="").order_by("area").values_list("area", flat=True).distinct()
        self._offer("area", _("All areas"), {area: area for area in areas})
        self._offer("group", _("All sector groups"), focus.names)
        self.people = {str(user.pk): user for user in _people(units, on)}
        people = {pk: str(user) for pk, user in self.people.items()}
        self._offer("person", _("Anybody"), people)

    def _offer(self, name: str, every: Any, choices: Mapping[str, str]) -> None:
        self.fields[name].choices = [("", every), *choices.items()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        asked = self.cleaned_data
        least, most = asked.get("size_from"), asked.get("size_to")
        if least is not None and most is not None and most < least:
            self.add_error("size_to", gettext("This is less than the number it starts from."))
        return asked

    @property
    def is_narrowing(self) -> bool:
        return any(self.data.get(name) for name in self.fields)

    @property
    def first(self) -> list[forms.BoundField]:
        """What is asked for most; the rest is folded away."""
        return [self[name] for name in FIRST]

    @property
    def more(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in FIRST]

    @property
    def has_more(self) -> bool:
        return any(self.data.get(field.name) for field in self.more)

    def apply(self, reports: QuarterlyReportQuerySet) -> QuarterlyReportQuerySet:
        """A filter that makes no sense finds nothing: better than everything."""
        if not self.is_valid():
            return reports.none()
        asked, sector = self.cleaned_data, self.focus.branch.columns.sector
        wanted = {
            "unit__tags": asked["tag"],
            "counted_workers__gte": asked["size_from"],
            "counted_workers__lte": asked["size_to"],
            "unit__charges__user": self.people.get(asked["person"]),
            "unit__area": asked["area"],
            sector: asked["sector"],
            f"{sector}__in": self.focus.groups.get(asked["group"]),
        }
        found = reports.filter(
            **{name: value for name, value in wanted.items() if _is_asked(value)}
        )
        for word in search_text(asked["q"]).split():
            found = found.filter(unit__search_text__contains=word)
        return self._what_is_wrong(found)

    def _what_is_wrong(self, reports: QuarterlyReportQuerySet) -> QuarterlyReportQuerySet:
        match self.cleaned_data["wrong"]:
            case "unsent":
                return reports.filter(unsent())
            case "fallen":
                return reports.filter(fallen())
            case "stale":
                return stale(reports, self.focus.quarter)
        return reports

    @property
    def words(self) -> str:
        """«Khối xây lắp, từ 300 lao động»: the units that fit, at the head of a sentence."""
        if not self.is_valid():
            return str(self.focus.unit)
        asked = self.cleaned_data
        first = block_words(asked["tag"].name) if asked["tag"] else str(self.focus.unit)
        return ", ".join([first, *self._more_words(asked)])

    def _more_words(self, asked: Mapping[str, Any]) -> Iterator[str]:
        """Every other choice, in the order of the form."""
        for name in ("size_from", "size_to"):
            if asked[name] is not None:
                yield SIZES[name] % {"count": whole_number(asked[name])}
        if person := self.people.get(asked["person"]):
            yield gettext("in the charge of comrade %(person)s") % {"person": person}
        for name in ("group", "sector"):
            if asked[name]:
                chosen = self.focus.names[asked[name]] if name == "group" else str(asked[name])
                yield within_a_sentence(chosen)
        if asked["area"]:
            yield gettext("area %(area)s") % {"area": asked["area"]}
        if asked["wrong"]:
            yield within_a_sentence(str(dict(WRONG)[asked["wrong"]]))
        if asked["q"]:
            yield f"“{asked['q']}”"


def _is_asked(value: Any) -> bool:
    return value not in (None, "")


def block_words(name: str) -> str:
    """«Khối xây lắp» of «Xây lắp»; a tag that says what it is keeps its name."""
    if name.lower().startswith(("khối", "cụm", "block", "cluster")):
        return name
    return gettext("Block %(name)s") % {"name": within_a_sentence(name)}


def _tags(units: QuerySet[Unit]) -> QuerySet[Tag]:
    held = Unit.tags.through.objects.filter(tag=OuterRef("pk"), unit__in=units)
    return Tag.objects.filter(Exists(held)).order_by("name")


def _people(units: QuerySet[Unit], on: date) -> list[User]:
    """By given name, who is in charge of any of these units and still holds a role."""
    held = Assignment.objects.on(on).filter(user=OuterRef("pk"), role__in=IN_CHARGE)
    charges = Charge.objects.filter(user=OuterRef("pk"), unit__in=units)
    people = User.objects.filter(Exists(held), Exists(charges), is_active=True)
    return sorted(people, key=lambda user: (given_name_key(str(user)), user.pk))
