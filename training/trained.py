"""Who counts, and who of them is trained: the one definition behind figures and lists of names.

Trained = completed at least one class of *each* topic asked (none asked: of any topic) that began
in the time asked; one person trained three times is one trained person. Newly elected = a chair of
a union that reports, in office for the first time since a day. Population = officers of the
cut-off day (SEMANTICS 6; CĐXDVN 2024: «cán bộ chuyên trách và chủ tịch CĐCS bầu mới»).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Q

from members.models.units import REPORTING_KINDS
from training.models import Attendance, Education, PoliticalTheory, Position, Tenure, Topic
from unionplan.lib.vietnamese import search_text

DEGREES = (Education.DEGREE, Education.POSTGRADUATE)
SUFFICIENT_THEORY = (PoliticalTheory.INTERMEDIATE, PoliticalTheory.ADVANCED)


class Population(StrEnum):
    """Who is to be trained."""

    FULL_TIME = "full-time"
    NEW_CHAIRS = "new-chairs"
    LISTED = "listed"  # all who are kept by name


@dataclass(frozen=True, slots=True)
class Served:
    """A stretch of somebody's service, as figures need it."""

    tenure: int
    officer: int
    unit: int
    is_reporting: bool  # of a unit that reports, not of a superior
    is_chair: bool
    is_leading: bool
    is_full_time: bool
    newly_elected_on: date
    education: str
    political_theory: str
    valid_from: date
    valid_to: date | None  # or the day the unit ended

    def on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or self.valid_to > day)

    def is_among(self, population: Population, since: date) -> bool:
        if population == Population.FULL_TIME:
            return self.is_full_time
        if population == Population.NEW_CHAIRS:
            return self.is_reporting and self.is_chair and self.newly_elected_on >= since
        return True

    @property
    def has_degree(self) -> bool:
        """Whoever has a postgraduate degree has a degree (Tiền Giang CTr 05, 2.7)."""
        return self.education in DEGREES

    @property
    def is_postgraduate(self) -> bool:
        return self.education == Education.POSTGRADUATE

    @property
    def leads_superior(self) -> bool:
        """«Công chức lãnh đạo, quản lý» of superior unions (Tiền Giang CTr 05, 2.8)."""
        return self.is_leading and not self.is_reporting

    @property
    def has_theory(self) -> bool:
        return self.political_theory in SUFFICIENT_THEORY


def served(which: Q, *, until: date) -> list[Served]:
    """Everybody of these tenures who began by that day; one statement."""
    rows = Tenure.objects.filter(which, valid_from__lte=until).values_list(
        "pk",
        "officer_id",
        "unit_id",
        "unit__kind",
        "position_id",
        "position__is_leading",
        "is_full_time",
        "first_elected_on",
        "elected_on",
        "education",
        "political_theory",
        "valid_from",
        "valid_to",
        "unit__ended_on",
    )
    return [
        Served(
            tenure=tenure,
            officer=officer,
            unit=unit,
            is_reporting=kind in REPORTING_KINDS,
            is_chair=position == Position.CHAIR,
            is_leading=is_leading,
            is_full_time=is_full_time,
            newly_elected_on=first or elected,
            education=education,
            political_theory=theory,
            valid_from=valid_from,
            valid_to=min((day for day in (valid_to, ended) if day), default=None),
        )
        for (
            tenure,
            officer,
            unit,
            kind,
            position,
            is_leading,
            is_full_time,
            first,
            elected,
            education,
            theory,
            valid_from,
            valid_to,
            ended,
        ) in rows
    ]


class Completions:
    """The classes people completed; one statement."""

    def __init__(self, which: Q, *, since: date, until: date) -> None:
        """``which`` are tenures: of whom it is asked, wherever they learnt it."""
        officers = Tenure.objects.filter(which).values("officer")
        rows = Attendance.objects.of_training().filter(
            officer__in=officers, course__starts_on__range=(since, until)
        )
        self._days: dict[int, list[tuple[date, str]]] = defaultdict(list)
        found = rows.order_by("course__starts_on", "pk")
        for officer, topic, day in found.values_list(
            "officer_id", "course__topic_id", "course__starts_on"
        ):
            self._days[officer].append((day, topic))

    def trained_on(self, topics: Collection[str], *, since: date) -> dict[int, date]:
        """By id of the officer: when they had begun a completed class of each of these topics,
        or where none is named of any, since that day."""
        found = {}
        for officer, days in self._days.items():
            left = set(topics)
            for day, topic in days:  # by time
                if day < since:
                    continue
                left.discard(topic)
                if not left:
                    found[officer] = day
                    break
        return found

    def missing(
        self, officer: int, topics: Collection[str], *, since: date, until: date
    ) -> set[str]:
        """Which of these topics this person did not complete in that time."""
        days = self._days.get(officer, ())
        return set(topics) - {topic for day, topic in days if since <= day <= until}


# --- topics, as plans and files name them --------------------------------------------------------


def plain(text: str) -> str:
    """«Đối thoại – tiền lương», «doi thoai tien luong»: letters and digits alone."""
    return " ".join("".join(c if c.isalnum() else " " for c in search_text(text)).split())


def topics_by_name(topics: Iterable[Topic] | None = None) -> dict[str, Topic]:
    """By code and by either name, written plainly; one statement."""
    found: dict[str, Topic] = {}
    for topic in Topic.objects.order_by("-rank") if topics is None else topics:
        for text in (topic.name, topic.name_en, topic.code):
            if text:
                found[plain(text)] = topic
    return found


def split_topics(text: str) -> list[str]:
    """«lý luận,nghiệp vụ» → each of them."""
    for sign in ";|":
        text = text.replace(sign, ",")
    return [part.strip() for part in text.split(",") if part.strip()]
