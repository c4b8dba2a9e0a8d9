"""Rating scales to start from: what the guidance of the Confederation has laid down so far.

Data, and no rule: a year's scale is kept in the database, where an administrator changes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Level:
    """A level of a scale; its place in the list is its order, the best first."""

    code: str
    name: str
    name_en: str
    is_good: bool  # counts as reached (tính là đạt)


@dataclass(frozen=True)
class Scale:
    code: str
    label: StrOrPromise
    levels: tuple[Level, ...]


SCALES = (
    Scale(
        "2014",
        _("Scale of 2014 (Guidance 1931/HD-TLĐ)"),
        (
            Level("strong", "Vững mạnh", "Strong", is_good=True),
            Level("fair", "Khá", "Fair", is_good=False),
            Level("average", "Trung bình", "Average", is_good=False),
            Level("weak", "Yếu", "Weak", is_good=False),
        ),
    ),
    Scale(
        "2019",
        _("Scale by duties done (from 2019)"),
        (
            Level("excellent", "Hoàn thành xuất sắc nhiệm vụ", "Excellent", is_good=True),
            Level("good", "Hoàn thành tốt nhiệm vụ", "Good", is_good=True),
            Level("done", "Hoàn thành nhiệm vụ", "Done", is_good=False),
            Level("not-done", "Không hoàn thành nhiệm vụ", "Not done", is_good=False),
        ),
    ),
)
