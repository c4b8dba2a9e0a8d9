"""Reference data of training that every installation starts with, editable afterwards.

Positions: Hướng dẫn 03/HD-TLĐ 2020 on article 4 of the Charter, from deputy team leader up (DOMAIN
2.5). Topics: Đà Nẵng 2024 and CĐXDVN 2024 (DOMAIN 8, 4.5 and 0.5).
"""

from typing import Any

# code, Vietnamese, English, leads a union or one of its committees
POSITIONS = [
    ("chair", "Chủ tịch", "Chair", True),
    ("vice-chair", "Phó chủ tịch", "Vice-chair", True),
    ("head", "Trưởng ban", "Head of a committee", True),
    ("deputy-head", "Phó trưởng ban", "Deputy head of a committee", True),
    ("inspection-head", "Chủ nhiệm Uỷ ban Kiểm tra", "Head of the inspection committee", True),
    ("office-head", "Chánh Văn phòng", "Head of the office", True),
    ("executive-member", "Uỷ viên Ban Chấp hành", "Member of the executive committee", False),
    ("inspection-member", "Uỷ viên Uỷ ban Kiểm tra", "Member of the inspection committee", False),
    ("staff", "Chuyên viên", "Staff", False),
    ("team-leader", "Tổ trưởng", "Team leader", False),
    ("deputy-team-leader", "Tổ phó", "Deputy team leader", False),
]

# code, Vietnamese, English
TOPICS = [
    ("theory", "Lý luận", "Theory"),
    ("skills", "Nghiệp vụ", "Union skills"),
    ("dialogue-wages", "Đối thoại – tiền lương", "Dialogue and wages"),
    ("membership", "Phát triển đoàn viên", "Membership"),
    ("other", "Chuyên đề khác", "Other topics"),
]

# code, Vietnamese, English
AUDIENCES = [
    ("full-time", "Cán bộ chuyên trách", "Full-time officers"),
    ("new-chairs", "Chủ tịch CĐCS bầu mới", "Newly elected chairs"),
    ("chairs", "Chủ tịch, phó chủ tịch CĐCS", "Chairs and vice-chairs"),
    ("committees", "Uỷ viên BCH, UBKT", "Members of committees"),
    ("team-leaders", "Tổ trưởng, tổ phó", "Team leaders and their deputies"),
]


def load(position_model: Any, topic_model: Any, audience_model: Any) -> None:
    """Make what is missing; what an administrator changed stays as it is."""
    for rank, (code, name, name_en, leads) in enumerate(POSITIONS):
        facts = {"name": name, "name_en": name_en, "rank": rank, "is_leading": leads}
        position_model.objects.get_or_create(code=code, defaults=facts)
    for model, rows in ((topic_model, TOPICS), (audience_model, AUDIENCES)):
        for rank, (code, name, name_en) in enumerate(rows):
            facts = {"name": name, "name_en": name_en, "rank": rank}
            model.objects.get_or_create(code=code, defaults=facts)
