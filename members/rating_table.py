"""The table of a branch's ratings of one year."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from members.models import Rating, Unit
from members.ratings import State, state_of

# The look of a rating is that of the report or target which stands likewise.
STATUS_OF_STATE = {
    State.REACHED: "met",
    State.MISSED: "missed",
    State.UNRATED: "due",
    State.WAITING: "submitted",
    State.UNFIT: "no_data",
}


class RatingTable(tables.Table):  # type: ignore[misc]
    """Units with their rating of one year."""

    caption = _("Ratings of the units")

    # of these the page speaks within the cell of the unit, a file has columns
    code = tables.Column(verbose_name=_("Code"), visible=False)
    name = tables.TemplateColumn(
        template_name="members/_rating_unit.html",
        verbose_name=_("Unit"),
        order_by=("sort_key", "pk"),
    )
    sector = tables.Column(verbose_name=_("Sector"), visible=False)
    self_level = tables.TemplateColumn(
        template_name="members/_rating_self.html",
        verbose_name=_("Self-rating"),
        orderable=False,
        empty_values=(),
    )
    note = tables.Column(
        verbose_name=_("Sentence of the unit"), visible=False, orderable=False, empty_values=()
    )
    level = tables.Column(verbose_name=_("Decided level"), orderable=False, empty_values=())
    state = tables.TemplateColumn(
        template_name="members/_rating_state.html",
        verbose_name=_("State"),
        orderable=False,
        empty_values=(),
    )
    reason = tables.Column(verbose_name=_("Reason"), orderable=False, empty_values=())
    parent = tables.Column(
        verbose_name=_("Superior union"), order_by=("parent__sort_key", "sort_key", "pk")
    )

    class Meta:
        attrs = {"class": "table-sticky"}
        default = "–"
        empty_text = _("No unit fits.")

    ratings: dict[int, Rating]  # by id of the unit, of the rows that are shown

    def __init__(self, *args: Any, year: int, checked: set[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.year, self.checked = year, checked

    def of(self, unit: Unit) -> Rating | None:
        return self.ratings.get(unit.pk)

    def tell(self, units: Iterable[Unit]) -> None:
        """What the cells of the page ask of the units they stand for."""
        for unit in units:
            rating = self.of(unit)
            state = state_of(rating)
            may_decide = unit.parent_id in self.checked
            unit.rated = {  # type: ignore[attr-defined]
                "rating": rating,
                "state": state,
                "status": STATUS_OF_STATE[state],
                "year": self.year,
                "is_to_tick": state == State.WAITING and may_decide,
            }

    def render_level(self, record: Unit) -> str:
        rating = self.of(record)
        return str(rating.level) if rating and rating.level else "–"

    def render_reason(self, record: Unit) -> str:
        rating = self.of(record)
        return (rating.reason if rating else "") or "–"

    # What a file says of a cell that is more than a text.

    def value_name(self, record: Unit) -> str:
        return record.name

    def value_self_level(self, record: Unit) -> str:
        rating = self.of(record)
        return str(rating.self_level) if rating and rating.self_level else ""

    def value_note(self, record: Unit) -> str:
        rating = self.of(record)
        return rating.self_note if rating else ""

    def value_level(self, record: Unit) -> str:
        rating = self.of(record)
        return str(rating.level) if rating and rating.level else ""

    def value_state(self, record: Unit) -> str:
        return str(state_of(self.of(record)).label)

    def value_reason(self, record: Unit) -> str:
        rating = self.of(record)
        return rating.reason if rating else ""
