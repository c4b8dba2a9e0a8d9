"""Reference data every installation starts with: kinds of employer, and groups of them.

Editable afterwards; plans name the groups. Source: DOMAIN 1.7, codes as in the contract.
"""

from typing import Any

# code, Vietnamese, English
SECTORS = [
    ("HC", "Cơ quan hành chính, Đảng, đoàn thể", "Administrative agencies"),
    ("SN1", "Đơn vị sự nghiệp công lập hưởng 100% lương ngân sách", "Public units, state paid"),
    ("SN2", "Đơn vị sự nghiệp công lập tự chủ", "Public units, self-financing"),
    ("SN3", "Đơn vị sự nghiệp ngoài công lập", "Non-public service units"),
    ("NN", "Doanh nghiệp nhà nước", "State enterprises"),
    ("NNN", "Doanh nghiệp ngoài nhà nước", "Non-state enterprises"),
    ("FDI", "Doanh nghiệp có vốn đầu tư nước ngoài", "Foreign-invested enterprises"),
    ("HTX", "Hợp tác xã", "Cooperatives"),
    ("ND", "Nghiệp đoàn", "Occupational unions"),
    ("KH", "Khác", "Other"),
]

# code, Vietnamese, English, sectors
SECTOR_GROUPS = [
    ("all", "Tất cả loại hình", "All sectors", [code for code, _vi, _en in SECTORS]),
    ("agencies", "Cơ quan và đơn vị sự nghiệp", "Agencies and public units", ["HC", "SN1", "SN2"]),
    ("state-enterprises", "Doanh nghiệp nhà nước", "State enterprises", ["NN"]),
    (
        "other-enterprises",
        "Các loại hình doanh nghiệp khác",
        "Other enterprises",
        ["SN3", "NNN", "FDI", "HTX", "KH"],
    ),
    ("state", "Khu vực nhà nước", "State sector", ["HC", "SN1", "SN2", "NN"]),
    ("non-state", "Khu vực ngoài nhà nước", "Non-state sector", ["SN3", "NNN", "FDI", "HTX", "ND"]),
    (
        "non-state-enterprises",
        "Doanh nghiệp ngoài khu vực nhà nước",
        "Non-state enterprises",
        ["NNN", "FDI", "HTX"],
    ),
]


def load(sector_model: Any, group_model: Any) -> None:
    """Make what is missing; what an administrator changed stays as it is."""
    for position, (code, name, name_en) in enumerate(SECTORS):
        facts = {"name": name, "name_en": name_en, "position": position}
        sector_model.objects.get_or_create(code=code, defaults=facts)
    for position, (code, name, name_en, sectors) in enumerate(SECTOR_GROUPS):
        facts = {"name": name, "name_en": name_en, "position": position}
        group, is_new = group_model.objects.get_or_create(code=code, defaults=facts)
        if is_new:
            group.sectors.set(sectors)
