"""Reference data of planning: indicators typed by hand that ship with the product."""

from typing import Any

MANUAL_INDICATORS = [
    {
        "code": "training-budget-share",
        "name": "Tỷ lệ kinh phí công đoàn dành cho đào tạo, bồi dưỡng, tập huấn",
        "name_en": "Share of the union budget spent on training",
        "kind": "ratio",
        "counted_in": "đồng",
        "method": (
            "Kinh phí chi cho đào tạo, bồi dưỡng, tập huấn cán bộ công đoàn trong năm ÷ tổng "
            "kinh phí công đoàn trong năm (Tiền Giang, Chương trình 05/CTr-LĐLĐ: ít nhất 15%)."
        ),
        "is_yearly": True,
        "is_money": True,
        "typed_by": "upper",
    },
]


def load(indicator_model: Any) -> None:
    """Make what is missing; what an administrator changed stays as it is."""
    for facts in MANUAL_INDICATORS:
        indicator_model.objects.get_or_create(code=facts["code"], defaults=facts)
