"""What a row of a file of officers says: its columns, and the words that may stand in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext, pgettext_lazy

from members.access import Permission
from members.imports.units import no_such_unit
from members.models import Unit, User
from training.models import Education, Gender, PoliticalTheory, Position
from training.officers import Service
from unionplan.lib.spreadsheets import Choices, Column, Row
from unionplan.lib.vietnamese import one_line

OFFICER_COLUMNS = [
    Column("unit", pgettext_lazy("column", "Unit code"), is_required=True, also=("Mã",)),
    Column(
        "name",
        pgettext_lazy("column", "Officer"),
        is_required=True,
        also=("Họ và tên", "Họ tên", "Tên", "Cán bộ", "Full name"),
    ),
    Column(
        "position",
        pgettext_lazy("column", "Position of the officer"),
        is_required=True,
        also=("Chức vụ", "Chức vụ công đoàn", "Chức danh công đoàn", "Position"),
    ),
    Column(
        "full_time",
        pgettext_lazy("column", "Full-time"),
        is_required=True,
        also=("Chuyên trách", "Cán bộ chuyên trách"),
    ),
    Column(
        "elected_on",
        pgettext_lazy("column", "Elected on"),
        is_required=True,
        also=("Ngày bầu", "Ngày được bầu", "Bầu ngày", "Ngày bổ nhiệm", "Ngày bầu (bổ nhiệm)"),
    ),
    Column(
        "first_elected_on",
        pgettext_lazy("column", "First elected on"),
        also=("Ngày bầu lần đầu", "Bầu lần đầu", "Ngày bổ nhiệm lần đầu"),
    ),
    Column("gender", pgettext_lazy("column", "Gender"), also=("Nam/nữ", "Nam, nữ", "Giới")),
    Column(
        "education",
        pgettext_lazy("column", "Education"),
        also=("Trình độ", "Trình độ chuyên môn", "Trình độ học vấn"),
    ),
    Column(
        "political_theory",
        pgettext_lazy("column", "Political theory"),
        also=("Lý luận chính trị", "LLCT", "Trình độ LLCT", "Trình độ lý luận chính trị"),
    ),
    Column("duties", pgettext_lazy("column", "Duties"), also=("Nhiệm vụ", "Lĩnh vực")),
    Column("in_planning", pgettext_lazy("column", "In planning"), also=("Quy hoạch",)),
    Column(
        "left_on",
        pgettext_lazy("column", "Left on"),
        also=("Thôi giữ chức", "Ngày thôi", "Thôi từ ngày"),
    ),
    Column("changed_on", pgettext_lazy("column", "Changed from day"), also=("Thay đổi từ ngày",)),
    # of a table that was downloaded here, for the eyes of whoever fills it in
    Column("unit_name", pgettext_lazy("column", "Unit name"), also=("Tên đơn vị", "Đơn vị")),
]
EXPORTED = (
    "unit",
    "unit_name",
    "name",
    "position",
    "full_time",
    "elected_on",
    "first_elected_on",
    "gender",
    "education",
    "political_theory",
    "duties",
    "in_planning",
    "left_on",
)
TEMPLATE = (*EXPORTED, "changed_on")
GIVEN = ("unit", "unit_name", "position")  # what stands in such a table before it is filled in
# As people write it, beside our codes and labels; without regard to accents and capitals.
POSITION_WORDS = {
    Position.CHAIR: (
        "chủ tịch",
        "chủ tịch công đoàn",
        "chủ tịch công đoàn cơ sở",
        "chủ tịch CĐ",
        "chủ tịch CĐCS",
        "chủ tịch nghiệp đoàn",
        "CT",
        "CT CĐCS",
    ),
    "vice-chair": (
        "phó chủ tịch",
        "phó chủ tịch công đoàn",
        "phó chủ tịch công đoàn cơ sở",
        "phó chủ tịch CĐ",
        "phó chủ tịch CĐCS",
        "phó chủ tịch nghiệp đoàn",
        "phó CT",
        "PCT",
        "PCT CĐCS",
    ),
    "head": ("trưởng ban",),
    "deputy-head": ("phó ban", "phó trưởng ban"),
    "inspection-head": ("chủ nhiệm UBKT", "chủ nhiệm uỷ ban kiểm tra"),
    "office-head": ("chánh văn phòng", "chánh VP"),
    "executive-member": (
        "uỷ viên BCH",
        "uỷ viên ban chấp hành",
        "uỷ viên ban thường vụ",
        "uỷ viên thường vụ",
        "uỷ viên BTV",
        "UV BCH",
        "UVBCH",
        "BCH",
        "UV BTV",
        "UVBTV",
    ),
    "inspection-member": (
        "UBKT",
        "uỷ viên UBKT",
        "uỷ viên uỷ ban kiểm tra",
        "UV UBKT",
        "UVUBKT",
    ),
    "staff": ("chuyên viên", "cán bộ"),
    "team-leader": ("tổ trưởng", "tổ trưởng công đoàn", "tổ trưởng CĐ"),
    "deputy-team-leader": ("tổ phó", "tổ phó công đoàn", "tổ phó CĐ"),
}
YES = ("1", "có", "c", "x", "yes", "y", "true", "đúng")
NO = ("0", "không", "k", "no", "n", "false", "sai", "-")
FULL_TIME_WORDS = {
    **dict.fromkeys((*YES, "chuyên trách", "full-time"), True),
    **dict.fromkeys((*NO, "không chuyên trách", "kiêm nhiệm", "part-time"), False),
}
PLANNING_WORDS = {
    **dict.fromkeys((*YES, "quy hoạch", "trong quy hoạch"), True),
    **dict.fromkeys(NO, False),
}
GENDER_WORDS = {
    **dict.fromkeys(("nam", "m"), Gender.MALE),
    **dict.fromkeys(("nữ", "f"), Gender.FEMALE),
}
EDUCATION_WORDS = {
    **dict.fromkeys(
        ("trung cấp", "cao đẳng", "THPT", "THCS", "phổ thông", "trung học phổ thông", "sơ cấp"),
        Education.BELOW,
    ),
    **dict.fromkeys(
        ("dưới đại học", "trung học cơ sở", "công nhân kỹ thuật", "CĐ", "TC"), Education.BELOW
    ),
    **dict.fromkeys(
        ("đại học", "ĐH", "cử nhân", "kỹ sư", "kiến trúc sư", "bác sĩ", "bác sỹ"), Education.DEGREE
    ),
    **dict.fromkeys(
        ("sau đại học", "thạc sĩ", "thạc sỹ", "tiến sĩ", "tiến sỹ", "cao học", "ThS", "TS"),
        Education.POSTGRADUATE,
    ),
}
THEORY_WORDS = {
    **dict.fromkeys(
        ("chưa qua", "chưa qua đào tạo", "chưa", "chưa có", "không"), PoliticalTheory.NONE
    ),
    **dict.fromkeys(
        ("sơ cấp", "sơ cấp LLCT", "sơ cấp lý luận chính trị", "SC"), PoliticalTheory.ELEMENTARY
    ),
    **dict.fromkeys(
        ("trung cấp", "trung cấp LLCT", "trung cấp lý luận chính trị", "trung cấp chính trị", "TC"),
        PoliticalTheory.INTERMEDIATE,
    ),
    **dict.fromkeys(
        ("cao cấp", "cao cấp LLCT", "cao cấp lý luận chính trị", "cao cấp chính trị", "CC"),
        PoliticalTheory.ADVANCED,
    ),
    **dict.fromkeys(("cử nhân", "cử nhân chính trị"), PoliticalTheory.ADVANCED),
}


def allowed_values(labels: Mapping[str, str]) -> tuple[list[str], list[list[str]]]:
    """What may stand in which column, for the second sheet of the template."""
    header = [pgettext("column", "Column"), pgettext("column", "Value"), pgettext("column", "Note")]
    yes_no, may_be_empty = f"{_('yes')}, {_('no')}", _("may stay empty")
    positions = Position.objects.order_by("rank", "code")
    return header, [
        [labels["unit"], "", _("code of a unit of the branch")],
        *([labels["position"], str(position), position.code] for position in positions),
        [labels["full_time"], yes_no, _("empty is no")],
        [labels["elected_on"], "31/12/2023", _("the last election to this position")],
        [labels["first_elected_on"], "31/12/2018", may_be_empty],
        *([labels["gender"], str(gender.label), may_be_empty] for gender in Gender),
        *([labels["education"], str(one.label), may_be_empty] for one in Education),
        *([labels["political_theory"], str(one.label), may_be_empty] for one in PoliticalTheory),
        [labels["in_planning"], yes_no, may_be_empty],
        [labels["left_on"], "01/7/2024", _("the first day out of office, else empty")],
        [
            labels["changed_on"],
            "01/7/2024",
            _("since when a known officer has another position or education; empty is today"),
        ],
    ]


@dataclass(frozen=True)
class Said:
    """One row; ``None`` and an empty text say nothing."""

    row: Row
    unit: Unit
    name: str
    elected_on: date
    first_elected_on: date | None
    left_on: date | None
    changed_on: date | None
    gender: str
    facts: Mapping[str, Any]  # of ``DATED`` and ``IN_PLACE``, where something is said

    @property
    def service(self) -> Service:
        """Of somebody who begins to serve."""
        return Service(
            self.unit,
            elected_on=self.elected_on,
            first_elected_on=self.first_elected_on,
            left_on=self.left_on,
            **self.facts,
        )


class Words:
    """The words that may stand in the columns."""

    def __init__(self) -> None:
        positions = {position.code: position for position in Position.objects.order_by("-rank")}
        names: dict[str, Position] = {}
        for code, position in positions.items():
            words = (*POSITION_WORDS.get(code, ()), position.name_en, position.name, code)
            names |= {word: position for word in words if word}
        self.positions = Choices(names)
        self.full_time, self.planning = Choices(FULL_TIME_WORDS), Choices(PLANNING_WORDS)
        self.genders = Choices(GENDER_WORDS | _labels(Gender))
        self.educations = Choices(EDUCATION_WORDS | _labels(Education))
        self.theories = Choices(THEORY_WORDS | _labels(PoliticalTheory))


def _labels(choices: Any) -> dict[str, Any]:
    """By code and by label in either language: a file may come from a page in the other."""
    found = {str(choice.value): choice for choice in choices}
    for language in ("vi", "en"):
        with override(language):
            found |= {str(choice.label): choice for choice in choices}
    return found


def said_in(row: Row, words: Words, units: Mapping[str, Unit], by: User) -> Said | None:
    """``None`` of a row in which something cannot be read."""
    before = len(row.sheet.problems)
    unit = _unit(row, units, by)
    said = {
        "position": row.choice("position", words.positions, is_required=True),
        "is_full_time": row.choice("full_time", words.full_time) or False,
        "education": row.choice("education", words.educations),
        "political_theory": row.choice("political_theory", words.theories),
        "duties": one_line(row.text("duties", max_length=200)),
        "is_in_planning": row.choice("in_planning", words.planning),
    }
    name = one_line(row.text("name", is_required=True, max_length=100))
    elected_on = row.date("elected_on", is_required=True)
    days = {day: row.date(day) for day in ("first_elected_on", "left_on", "changed_on")}
    gender = row.choice("gender", words.genders) or ""
    if len(row.sheet.problems) > before or unit is None or elected_on is None:
        return None
    facts = {key: value for key, value in said.items() if value is not None and value != ""}
    return Said(row, unit, name, elected_on, gender=gender, facts=facts, **days)


def is_left_empty(row: Row) -> bool:
    """A unit, perhaps a position, and nobody in it."""
    names = (known.name for known in OFFICER_COLUMNS)
    said = [name for name in names if name not in GIVEN and row.text(name)]
    return not said and bool(row.text("unit"))


def _unit(row: Row, units: Mapping[str, Unit], by: User) -> Unit | None:
    code = row.text("unit", is_required=True)
    unit = units.get(code)
    if code and (unit is None or not by.may(Permission.OFFICERS, unit)):
        row.error("unit", no_such_unit(code))
        return None
    return unit
