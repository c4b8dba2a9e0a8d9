"""The list of the untrained as it is asked for, and the course to which some of them are sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members.models import Unit, User
from targets.topics import Topics
from targets.untrained import Untrained, courses_for
from training.models import Course
from unionplan.lib.dates import in_text


class UntrainedFilter(forms.Form):
    """One unit directly below, one topic; what is unknown narrows nothing."""

    below = forms.ChoiceField(label=_("Unit"), required=False)
    topic = forms.ChoiceField(label=_("Topic missing"), required=False)

    def __init__(
        self, data: Any, *, children: Sequence[Unit], topics: Sequence[str], names: Topics
    ) -> None:
        super().__init__(data)
        self._ids = {child.code: child.pk for child in children}
        units = [("", _("The whole branch")), *((child.code, str(child)) for child in children)]
        self.fields["below"].choices = units  # type: ignore[attr-defined]
        named = [("", _("Every topic")), *((code, names.name(code)) for code in topics)]
        self.fields["topic"].choices = named  # type: ignore[attr-defined]
        if not children:
            del self.fields["below"]
        if not topics:
            del self.fields["topic"]

    def _asked(self, name: str) -> str:
        return str(self.cleaned_data.get(name, "")) if self.is_valid() else ""

    @property
    def asked_topic(self) -> str:
        return self._asked("topic")

    def apply(self, found: Untrained) -> Untrained:
        return found.of(below=self._ids.get(self._asked("below")), topic=self.asked_topic)

    @property
    def is_narrowing(self) -> bool:
        return bool(self._asked("below") or self._asked("topic"))


class CourseField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        """«Nghiệp vụ · 12/11/2024 · Lớp nghiệp vụ đợt 2»"""
        return f"{obj.topic} · {in_text(obj.starts_on)} · {obj.title}"


class ToCourseForm(forms.Form):
    course = CourseField(
        Course.objects.none(),
        label=_("Planned course"),
        empty_label=_("– choose a course –"),
        error_messages={
            "required": _("Choose a course to send them to."),
            "invalid_choice": _("This course is not planned any more; choose another."),
        },
    )

    def __init__(self, *args: Any, user: User, topics: Sequence[str], on: date) -> None:
        super().__init__(*args)
        self.courses = courses_for(user, topics, on=on)
        self.fields["course"].queryset = self.courses  # type: ignore[attr-defined]
