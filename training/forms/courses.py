"""Courses: finding them, planning and holding them, and whom to send."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.db.models import BigAutoField, Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from members.access import Permission
from members.models import Unit, User
from training.calendar import YEARS
from training.models import Audience, Course, CourseKind, CourseStatus, Position, Topic
from training.models.courses import CourseQuerySet
from training.models.officers import TenureQuerySet
from unionplan.lib import clock
from unionplan.lib.fields import VietnameseDateField, WholeNumberField
from unionplan.lib.vietnamese import nfc, one_line, search_text

MOST_PLACES = 100_000
MOST_OFFICERS = 2000  # named in one address
SHORT = {"class": "short"}


def _topics() -> Any:
    return Topic.objects.order_by("rank", "code")


def _day(label: Any, **facts: Any) -> VietnameseDateField:
    return VietnameseDateField(label=label, widget=forms.DateInput(SHORT), **facts)


def _say_one_day(form: forms.Form) -> None:
    form.fields["ends_on"].note = _("blank: one day")  # type: ignore[attr-defined]


# --- the calendar --------------------------------------------------------------------------------


class CourseFilter(forms.Form):
    """The year has a switch of its own."""

    year = forms.IntegerField(
        required=False,
        min_value=YEARS[0],
        max_value=YEARS[-1],
        widget=forms.HiddenInput,
    )
    q = forms.CharField(label=_("Title or place"), max_length=100, required=False)
    topic = forms.ModelChoiceField(
        _topics(), label=_("Topic"), required=False, empty_label=_("All topics")
    )
    unit = forms.CharField(
        label=pgettext_lazy("course", "Organiser"),
        max_length=40,
        required=False,
        widget=forms.Select,
    )

    def __init__(self, *args: Any, user: User, seen: CourseQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.seen = user, seen
        organisers = Unit.objects.filter(pk__in=seen.order_by().values("unit")).by_name()
        self.organisers = {unit.code: unit for unit in organisers}
        choices = [(code, unit.name) for code, unit in self.organisers.items()]
        self._offered: Any = self.fields["unit"].widget
        self._offered.choices = [("", _("All organisers")), *choices]

    def clean_unit(self) -> Unit | None:
        """Also a unit of the branch that organises nothing yet."""
        code = self.cleaned_data["unit"]
        if not code or code in self.organisers:
            return self.organisers.get(code)
        unit = Unit.objects.open_to(self.user, Permission.VIEW).filter(code=code).first()
        if unit is None:
            raise forms.ValidationError(gettext("There is no such unit."))
        self._offered.choices.append((unit.code, unit.name))
        return unit

    @property
    def chosen_year(self) -> int | None:
        self.is_valid()
        return self.cleaned_data.get("year")

    def apply(self) -> CourseQuerySet:
        """A filter that makes no sense finds nothing; a year that is none is no filter."""
        if not self.is_valid() and set(self.errors) != {"year"}:
            return self.seen.none()
        asked = self.cleaned_data
        found = self.seen.search(asked["q"])
        if asked["topic"]:
            found = found.filter(topic=asked["topic"])
        if asked["unit"]:
            found = found.filter(unit__path__subtree=asked["unit"].path)
        return found


# --- one course ----------------------------------------------------------------------------------


class CourseForm(forms.Form):
    """A course of the calendar of a unit one plans for."""

    title = forms.CharField(label=_("Title of the course"), max_length=200)
    kind = forms.ChoiceField(
        label=pgettext_lazy("course", "Kind"),
        choices=[
            (CourseKind.CLASS, CourseKind.CLASS.label),
            (CourseKind.CONTEST, _("Contest (counts as no class)")),
        ],
        initial=CourseKind.CLASS,
    )
    topic = forms.ModelChoiceField(
        _topics(), label=_("Topic"), to_field_name="code", empty_label=_("Choose a topic")
    )
    audience = forms.ModelChoiceField(
        Audience.objects.order_by("rank", "code"),
        label=_("Audience"),
        to_field_name="code",
        required=False,
        empty_label=_("Everybody"),
    )
    unit = forms.ModelChoiceField(
        Unit.objects.none(),
        label=pgettext_lazy("course", "Organiser"),
        to_field_name="code",
        error_messages={"invalid_choice": _("Choose a union whose courses you plan.")},
    )
    outside_organiser = forms.CharField(
        label=_("Outside organiser (where others hold the course)"), max_length=200, required=False
    )
    starts_on = _day(pgettext_lazy("course", "First day"))
    ends_on = _day(_("Last day"), required=False)
    place = forms.CharField(label=_("Place"), max_length=200, required=False)
    places = WholeNumberField(label=_("Places planned"), required=False, largest=MOST_PLACES)
    is_held = forms.BooleanField(label=_("Held already"), required=False)
    other_turns = WholeNumberField(
        label=_("Turns of people not listed by name"),
        required=False,
        largest=MOST_PLACES,
        help_text=_("How many completed the course besides those who are on its list."),
    )

    def __init__(
        self, *args: Any, user: User, course: Course | None = None, unit: Unit | None, **kwargs: Any
    ) -> None:
        """``unit`` is the organiser it starts from."""
        super().__init__(*args, **kwargs)
        self.course = course
        _say_one_day(self)
        units = Unit.objects.open_to(user, Permission.TRAINING)
        allowed = units.filter(Q(ended_on=None) | Q(pk=course.unit_id if course else None))
        field: Any = self.fields["unit"]
        field.queryset = allowed
        # A country has a hundred thousand units; those that reports come from rarely hold a course.
        offered = {u.code: u.name for u in allowed.superiors().by_name()}
        if unit is not None:
            offered.setdefault(unit.code, unit.name)
            self.initial.setdefault("unit", unit.code)
        field.choices = list(offered.items())
        if course is not None:
            del self.fields["is_held"]
            if not course.is_held:
                del self.fields["other_turns"]

    def clean_title(self) -> str:
        return one_line(self.cleaned_data["title"])

    def clean_outside_organiser(self) -> str:
        return one_line(self.cleaned_data["outside_organiser"])

    def clean_place(self) -> str:
        return one_line(self.cleaned_data["place"])

    def clean_places(self) -> int | None:
        places: int | None = self.cleaned_data["places"]
        if places == 0:
            raise forms.ValidationError(gettext("Leave this blank where the number is not known."))
        return places

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        starts_on, ends_on = asked.get("starts_on"), asked.get("ends_on")
        is_held = asked.get("is_held") or (self.course is not None and self.course.is_held)
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", gettext("The last day lies before the first."))
        elif starts_on and "ends_on" not in self.errors:
            asked["ends_on"] = ends_on or starts_on
        if starts_on and is_held and starts_on > clock.today():
            self.add_error("starts_on", gettext("The course has not begun yet."))
        if asked.get("other_turns") is not None and not is_held:
            words = gettext("Turns are counted once the course is held: tick “Held already”.")
            self.add_error("other_turns", words)
        if all(asked.get(name) for name in ("title", "unit", "starts_on")):
            self._refuse_twice(asked)
        return asked

    def _refuse_twice(self, asked: dict[str, Any]) -> None:
        same = Course.objects.filter(unit=asked["unit"], starts_on=asked["starts_on"])
        others = same.exclude(status=CourseStatus.CANCELLED)
        if self.course is not None:
            others = others.exclude(pk=self.course.pk)
        titles = others.values_list("title", flat=True)
        if any(search_text(title) == search_text(asked["title"]) for title in titles):
            words = gettext("The calendar has a course of this title that begins on this day.")
            self.add_error("title", words)

    @property
    def facts(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "is_held"}

    @property
    def was_held(self) -> bool:
        return bool(self.cleaned_data.get("is_held"))

    @staticmethod
    def facts_of(course: Course) -> dict[str, Any]:
        """What the form starts from."""
        names = ("title", "kind", "outside_organiser", "starts_on", "ends_on", "place", "places")
        facts = {name: getattr(course, name) for name in (*names, "other_turns")}
        return facts | {"topic": course.topic, "audience": course.audience}


class HoldForm(forms.Form):
    """The course took place."""

    starts_on = _day(pgettext_lazy("course", "First day"))
    ends_on = _day(_("Last day"), required=False)
    other_turns = WholeNumberField(
        label=_("Turns of people not listed by name"),
        required=False,
        largest=MOST_PLACES,
        help_text=_("How many completed the course besides those who are on its list."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say_one_day(self)

    def clean_starts_on(self) -> date:
        day: date = self.cleaned_data["starts_on"]
        if day > clock.today():
            raise forms.ValidationError(gettext("The course has not begun yet."))
        return day

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        starts_on, ends_on = asked.get("starts_on"), asked.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", gettext("The last day lies before the first."))
        elif starts_on and "ends_on" not in self.errors:
            asked["ends_on"] = ends_on or starts_on
        return asked


class CancelForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea({"rows": 2}),
        error_messages={"required": _("Write why, so that whoever was sent knows.")},
    )

    def clean_reason(self) -> str:
        return nfc(self.cleaned_data["reason"]).strip()


class CompletionForm(forms.Form):
    """The day on which those ticked completed the course."""

    completed_on = _day(_("Day of completion"))


# --- whom to send --------------------------------------------------------------------------------


class OfficerSearch(forms.Form):
    q = forms.CharField(label=_("Name of the officer"), max_length=100, required=False)
    unit = forms.CharField(label=_("Name or code of the unit"), max_length=100, required=False)
    position = forms.ModelChoiceField(
        Position.objects.order_by("rank", "code"),
        label=pgettext_lazy("officer", "Position"),
        required=False,
        empty_label=_("All positions"),
    )

    @property
    def is_asked(self) -> bool:
        return any(self.data.get(name) for name in self.fields)

    def apply(self, tenures: TenureQuerySet) -> TenureQuerySet:
        """A search that makes no sense finds nobody."""
        if not self.is_valid():
            return tenures.none()
        asked = self.cleaned_data
        found = tenures
        for word in search_text(asked["q"]).split():
            found = found.filter(officer__search_text__contains=word)
        for word in search_text(asked["unit"]).split():
            found = found.filter(unit__search_text__contains=word)
        return found.filter(position=asked["position"]) if asked["position"] else found


def ids_of(texts: Iterable[str]) -> list[int]:
    """«12,15» and «12», «15»: what is no id is nobody's."""
    parts = (part.strip() for text in texts for part in text.split(","))
    ids = (int(part) for part in parts if part.isascii() and part.isdecimal() and len(part) < 20)
    known = dict.fromkeys(found for found in ids if found <= BigAutoField.MAX_BIGINT)
    return list(known)[:MOST_OFFICERS]
