"""The table of a branch's officers, and that of its units without a chair."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import django_tables2 as tables
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from members.access import Permission
from members.models import Unit, User
from training.imports.officer_rows import EXPORTED, OFFICER_COLUMNS
from training.models import Position, Tenure
from training.rosters import is_new
from unionplan.lib.spreadsheets import Value

BY_NAME = ("officer__sort_key", "pk")


class OfficerTable(tables.Table):  # type: ignore[misc]
    """Stretches of service, one of each person."""

    caption = _("Officers")

    name = tables.TemplateColumn(
        template_name="training/_officer_name.html",
        verbose_name=_("Officer"),
        order_by=BY_NAME,
        empty_values=(),
    )
    unit = tables.Column(
        verbose_name=_("Unit"),
        linkify=("training-unit", [tables.A("unit__code")]),
        order_by=("unit__sort_key", *BY_NAME),
    )
    position = tables.Column(
        verbose_name=pgettext_lazy("officer", "Position"), order_by=("position__rank", *BY_NAME)
    )
    is_full_time = tables.Column(
        verbose_name=_("Full-time"), order_by=("-is_full_time", *BY_NAME), empty_values=()
    )
    elected_on = tables.TemplateColumn(
        template_name="training/_officer_elected.html",
        verbose_name=_("Elected on"),
        order_by=("elected_on", *BY_NAME),
    )
    left_on = tables.TemplateColumn(
        "{{ record.valid_to|day }}",
        accessor="valid_to",
        verbose_name=_("Left on"),
        order_by=("valid_to", *BY_NAME),
    )
    education = tables.Column(verbose_name=_("Education"), orderable=False)
    political_theory = tables.Column(verbose_name=_("Political theory"), orderable=False)
    is_in_planning = tables.Column(
        verbose_name=_("In planning for office"), orderable=False, empty_values=()
    )

    class Meta:
        attrs = {"class": "table-sticky"}
        default = "–"
        empty_text = _("No officer fits.")

    def __init__(self, *args: Any, since: date, shows_left: bool, **kwargs: Any) -> None:
        super().__init__(*args, exclude=() if shows_left else ("left_on",), **kwargs)
        self.since = since

    def tell(self, tenures: Iterable[Tenure]) -> None:
        """What a cell asks of the row it stands for."""
        for tenure in tenures:
            tenure.is_new = is_new(tenure, self.since)  # type: ignore[attr-defined]

    def render_is_full_time(self, record: Tenure) -> str:
        return gettext("yes") if record.is_full_time else ""

    def render_is_in_planning(self, record: Tenure) -> str:
        return gettext("yes") if record.is_in_planning else ""


class UnitsWithoutChairTable(tables.Table):  # type: ignore[misc]
    caption = _("Units without a chair")

    name = tables.Column(
        verbose_name=_("Unit"),
        linkify=("training-unit", [tables.A("code")]),
        order_by=("sort_key", "pk"),
    )
    code = tables.Column(verbose_name=_("Code"), order_by=("code",))
    parent = tables.Column(
        verbose_name=_("Superior union"), order_by=("parent__sort_key", "sort_key", "pk")
    )
    contact = tables.TemplateColumn(
        template_name="members/_unit_contact.html", verbose_name=_("Contact"), orderable=False
    )
    add = tables.TemplateColumn(
        template_name="training/_officer_add_chair.html",
        verbose_name=_("Chair"),
        orderable=False,
        empty_values=(),
    )

    class Meta:
        attrs = {"class": "table-sticky"}
        default = "–"
        empty_text = _("Every unit has a chair among its officers.")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        may_add = user.may_somewhere(Permission.OFFICERS)
        super().__init__(*args, exclude=() if may_add else ("add",), **kwargs)


# --- the same as files ---------------------------------------------------------------------------


def file_header() -> list[str]:
    labels = {column.name: str(column.label) for column in OFFICER_COLUMNS}
    return [labels[name] for name in EXPORTED]


def officer_rows(tenures: Iterable[Tenure]) -> Iterator[list[Value]]:
    """With the columns of the import, so that the file can be edited and brought back."""
    yes, no = gettext("yes"), gettext("no")
    for held in tenures:
        said: dict[str, Value] = {
            "unit": held.unit.code,
            "unit_name": held.unit.name,
            "name": held.officer.name,
            "position": str(held.position),
            "full_time": yes if held.is_full_time else no,
            "elected_on": held.elected_on,
            "first_elected_on": held.first_elected_on,
            "gender": held.officer.get_gender_display(),
            "education": held.get_education_display(),
            "political_theory": held.get_political_theory_display(),
            "duties": held.duties,
            "in_planning": yes if held.is_in_planning else no,
            "left_on": held.valid_to,
        }
        yield [said[name] for name in EXPORTED]


def rows_without_chair(units: Iterable[Unit]) -> Iterator[list[Value]]:
    """To be completed with the chair of each, and brought back."""
    chair = str(Position.objects.get(pk=Position.CHAIR))
    for unit in units:
        said: dict[str, Value] = {"unit": unit.code, "unit_name": unit.name, "position": chair}
        yield [said.get(name, "") for name in EXPORTED]
