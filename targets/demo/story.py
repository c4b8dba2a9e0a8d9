"""The figures of the demo: an invented federation over nine quarters. Pure, with a fixed seed.

Sums come first and are shared out over the units, so that the federation's page tells the story
it should: net increase behind its path, agencies nearly whole, state enterprises at 94,96 % and
so not at 95, other enterprises behind. Every name is invented.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from targets.allocation import share_out

SEED = 20240930
QUARTERS = (
    "2022Q3",
    "2022Q4",
    "2023Q1",
    "2023Q2",
    "2023Q3",
    "2023Q4",
    "2024Q1",
    "2024Q2",
    "2024Q3",
)
LAST = len(QUARTERS) - 1

AGENCIES, STATE, OTHER, TRADES = "agencies", "state-enterprises", "other-enterprises", "trades"
SECTORS = {
    AGENCIES: ("HC", "SN1", "SN2"),
    STATE: ("NN",),
    OTHER: ("NNN", "NNN", "NNN", "FDI", "HTX", "SN3", "KH"),
    TRADES: ("ND",),
}
# Workers and members of each group at each cut-off. The year 2024 starts at 99,50 %, 94,20 % and
# 86,00 %, and stands at 99,62 %, 94,96 % and 87,43 % at the end of its third quarter.
WORKERS = {
    AGENCIES: (10_760, 10_768, 10_776, 10_784, 10_792, 10_800, 10_803, 10_807, 10_810),
    STATE: (19_240, 19_290, 19_340, 19_390, 19_450, 19_500, 19_660, 19_830, 20_000),
    OTHER: (35_400, 35_900, 36_450, 36_980, 37_500, 38_024, 39_100, 40_150, 41_226),
    TRADES: (0,) * 9,
}
MEMBERS = {
    AGENCIES: (10_690, 10_700, 10_712, 10_724, 10_735, 10_746, 10_753, 10_761, 10_769),
    STATE: (17_990, 18_070, 18_150, 18_220, 18_300, 18_369, 18_570, 18_780, 18_992),
    OTHER: (30_050, 30_560, 31_080, 31_610, 32_150, 32_701, 33_703, 34_807, 36_044),
    TRADES: (172, 174, 176, 178, 180, 182, 182, 182, 182),
}
# Who left in each quarter, of the whole federation: 2.035 in 2024, beside 64 who moved within it.
LEFT = (540, 610, 580, 600, 590, 640, 660, 680, 759)
ADJUSTED = {7: 112}  # found in a review of the members' lists

UPPER_NAMES = (
    "Tổng công ty Trường Sơn",
    "Tổng công ty Sông Lam",
    "Tổng công ty Hạ Long",
    "Tổng công ty Cửu Long",
    "Tổng công ty Bạch Đằng Giang",
    "Tổng công ty Hồng Hà Mới",
    "Tổng công ty Tam Đảo",
    "Tổng công ty Ba Vì",
    "Tổng công ty Thành Cổ",
    "Tổng công ty Lam Kinh",
    "Tổng công ty Bến Thuỷ",
    "Tổng công ty Đại An",
    "Tổng công ty Vật liệu Miền Đông",
    "Tổng công ty Cơ khí Thăng Long Mới",
    "Tổng công ty Kính và Gốm An Thịnh",
    "Tổng công ty Cấp thoát nước Phương Nam",
    "Tổng công ty Tư vấn Xây dựng Đất Việt Mới",
    "Tổng công ty Phát triển Nhà An Cư",
    "Tổng công ty Lắp máy Bình Minh",
    "Tổng công ty Hạ tầng Đông Hải",
    "Tổng công ty Xi măng Núi Voi",
    "Tổng công ty Đầu tư Tây Hồ Mới",
    "Viện, trường khối Xây dựng",
    "Cơ quan, ban quản lý dự án khối Xây dựng",
)
FIRST = ("Hương", "Gạch", "Hồng", "An", "Bình", "Minh", "Phú", "Tân", "Đông", "Tây", "Nam", "Bắc")
SECOND = ("Giang", "Lộc", "Sơn", "Hải", "Thịnh", "Phát", "Long", "Hưng", "Khánh", "Thuỷ", "Điền")
WORKPLACES = {
    AGENCIES: (
        "Ban Quản lý dự án",
        "Trường Cao đẳng nghề",
        "Viện Kiểm định",
        "Trung tâm Quy hoạch",
    ),
    STATE: ("Công ty Xây lắp", "Nhà máy Xi măng", "Xí nghiệp Cơ giới", "Công ty Cấp nước"),
    OTHER: (
        "Công ty CP Xây dựng",
        "Công ty TNHH Vật liệu",
        "Công ty CP Bê tông",
        "Công ty CP Kính",
    ),
    TRADES: ("Nghiệp đoàn Thợ xây", "Nghiệp đoàn Lái máy"),
}
FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương")
MIDDLE = ("Thị", "Văn", "Thu", "Quang", "Ngọc", "Đức", "Minh", "Thanh")
GIVEN = ("Mai", "Hoà", "Hương", "Bảo", "Lan", "Dũng", "Hạnh", "Sơn", "Tuấn", "Yến", "Ánh", "Đạt")
AREAS = ("Hà Nội", "Nghệ An", "Đà Nẵng", "Thành phố Hồ Chí Minh", "Cần Thơ", "Hải Phòng")


Figures = dict[str, int | None]


@dataclass
class UnitStory:
    """One reporting unit and what it reports, quarter by quarter."""

    code: str
    name: str
    group: str
    sector: str
    parent: str
    size: float
    density: float
    area: str
    tags: tuple[str, ...]
    contact: str
    phone: str
    workers: list[int] = field(default_factory=list)
    members: list[int] = field(default_factory=list)
    figures: list[Figures] = field(default_factory=list)


def person(dice: random.Random) -> str:
    return f"{dice.choice(FAMILY)} {dice.choice(MIDDLE)} {dice.choice(GIVEN)}"


def units() -> list[UnitStory]:
    """320 grassroots unions in 24 branches, 16 directly under the federation, 2 of trades."""
    dice = random.Random(SEED)
    made: list[UnitStory] = []
    names: set[str] = set()
    for number in range(1, 25):
        for place in range(1, _size_of_branch(number) + 1):
            made.append(
                _unit(dice, names, f"CD{number:02d}", f"CD{number:02d}-{place:03d}", number)
            )
    for place in range(1, 17):
        made.append(_unit(dice, names, "CDN", f"TT-{place:02d}", 0))
    for place, parent in enumerate(("CD01", "CD05"), start=1):
        made.append(_unit(dice, names, parent, f"ND-{place:02d}", -1))
    _cast(made)
    return made


def _size_of_branch(number: int) -> int:
    return 40 if number == 1 else 14 if number <= 8 else 12


def _unit(dice: random.Random, names: set[str], parent: str, code: str, branch: int) -> UnitStory:
    group = _group(dice, branch)
    while True:
        words = f"{dice.choice(WORKPLACES[group])} {dice.choice(FIRST)} {dice.choice(SECOND)}"
        name = words if group == TRADES else f"CĐCS {words}"
        if name not in names:
            names.add(name)
            break
    return UnitStory(
        code=code,
        name=name,
        group=group,
        sector=dice.choice(SECTORS[group]),
        parent=parent,
        size=dice.lognormvariate(0, 0.7),
        density={AGENCIES: 1.0, STATE: dice.uniform(0.97, 1.01)}.get(
            group, dice.uniform(0.82, 1.06)
        ),
        area=dice.choice(AREAS),
        tags=("Khối xây lắp",) if "Xây" in name or "Cơ giới" in name else ("Khối vật liệu",),
        contact=person(dice),
        phone=f"09{dice.randrange(10**8):08d}",
    )


def _group(dice: random.Random, branch: int) -> str:
    if branch == -1:
        return TRADES
    if branch >= 23:
        return AGENCIES
    return dice.choices((AGENCIES, STATE, OTHER), (4, 22, 74))[0]


def _cast(made: list[UnitStory]) -> None:
    """The two unions everybody meets in the first ten minutes."""
    by_code = {unit.code: unit for unit in made}
    mai, brick = by_code["CD01-001"], by_code["CD01-002"]
    mai.name, mai.group, mai.sector = "CĐCS Công ty CP Xây dựng Hương Giang", OTHER, "NNN"
    mai.contact, mai.phone = "Trần Thị Mai", "0900000123"
    brick.name, brick.group, brick.sector = "CĐCS Nhà máy Gạch Sông Lam", OTHER, "NNN"
    brick.contact = "Nguyễn Đức Sơn"


def tell(units: list[UnitStory], carried_last: set[str]) -> None:
    """Give every unit its figures. Units in ``carried_last`` are not accepted in the last quarter:
    the group's sums of that quarter count them with the stock of the quarter before."""
    dice = random.Random(SEED + 1)
    for group in WORKERS:
        of_group = [unit for unit in units if unit.group == group]
        for index in range(len(QUARTERS)):
            _stocks(dice, of_group, group, index, carried_last)
    for index in range(len(QUARTERS)):
        _flows(dice, units, index, carried_last)


# Two unions everybody meets in the first ten minutes: workers and members at each cut-off.
FIXED = {
    "CD01-001": (
        *((220, 175), (223, 178), (225, 181), (228, 184), (230, 186)),
        *((232, 188), (235, 190), (238, 195), (231, 203)),
    ),
    "CD01-002": (
        *((310, 290), (312, 293), (315, 296), (318, 299), (320, 301)),
        *((322, 303), (326, 306), (329, 310), (231, 310)),
    ),
}


def _stocks(
    dice: random.Random,
    units: list[UnitStory],
    group: str,
    index: int,
    carried_last: set[str],
) -> None:
    fixed = {u.code: FIXED[u.code][index] for u in units if u.code in FIXED}
    if index == LAST:
        fixed |= {u.code: (u.workers[-1], u.members[-1]) for u in units if u.code in carried_last}
    free = [unit for unit in units if unit.code not in fixed]
    workers = WORKERS[group][index] - sum(w for w, _m in fixed.values())
    members = MEMBERS[group][index] - sum(m for _w, m in fixed.values())
    for unit in free:
        unit.size *= dice.uniform(0.995, 1.01)
    shares = share_out(workers, [u.size for u in free]) if workers > 0 else [0] * len(free)
    weights = [u.density * (n or u.size) for u, n in zip(free, shares, strict=True)]
    for unit, w, m in zip(free, shares, share_out(members, weights), strict=True):
        unit.workers.append(w)
        unit.members.append(m)
    for unit in units:
        if unit.code in fixed:
            unit.workers.append(fixed[unit.code][0])
            unit.members.append(fixed[unit.code][1])


def _flows(dice: random.Random, units: list[UnitStory], index: int, carried_last: set[str]) -> None:
    late = [u for u in units if index == LAST and u.code in carried_last]
    telling = [u for u in units if u not in late]
    opening = {u.code: u.members[index - 1] if index else u.members[0] - 1 for u in telling}
    adjusted = dict.fromkeys(opening, 0)
    if index in ADJUSTED:
        largest = sorted(telling, key=lambda u: -u.members[index])[:4]
        for unit, share in zip(largest, share_out(ADJUSTED[index], [1] * 4), strict=True):
            adjusted[unit.code] = share
    change = {u.code: u.members[index] - opening[u.code] - adjusted[u.code] for u in telling}
    fallen = sum(max(0, -n) for n in change.values())
    turnover = share_out(max(0, LEFT[index] - fallen), [u.members[index] for u in telling])
    for unit, share in zip(telling, turnover, strict=True):
        left = share + max(0, -change[unit.code])
        unit.figures.append(_report(unit, index, left, adjusted[unit.code]))
    _transfers(dice, telling, index)
    for unit in late:
        _late(dice, unit)


def _report(unit: UnitStory, index: int, left: int, adjustment: int) -> Figures:
    """A report that ends with the members of the story, ``left`` of whom went."""
    members, trades = unit.members[index], unit.group == TRADES
    opening = unit.members[index - 1] if index else members - 1
    retired, other = left * 3 // 20, left // 20
    return {
        "opening_members": opening,
        "workers": None if trades else unit.workers[index],
        "women_workers": None if trades else unit.workers[index] * 34 // 100,
        "admitted": members - opening - adjustment + left,
        "transferred_in": 0,
        "transferred_out": 0,
        "left_job": left - retired - other,
        "left_retired": retired,
        "left_other": other,
        "left_reorganised": 0,
        "adjustment": adjustment,
        "members": members,
        "women_members": members * 33 // 100,
    }


def _late(dice: random.Random, unit: UnitStory) -> None:
    """What a report that is not accepted yet says; the story carries the stock before it."""
    workers, members = (
        FIXED[unit.code][LAST]
        if unit.code in FIXED
        else (
            unit.workers[-1] + dice.randint(0, 3),
            unit.members[-1] + dice.randint(0, 2),
        )
    )
    carried = unit.workers[-1], unit.members[-1]
    unit.workers[-1], unit.members[-1] = max(workers, 0), members
    unit.figures.append(_report(unit, LAST, max(0, carried[1] - members), 0))
    unit.workers[-1], unit.members[-1] = carried


def _transfers(dice: random.Random, units: list[UnitStory], index: int) -> None:
    """Some of those who left and were admitted did in truth move between two unions: 64 in 2024."""
    moved = {6: 20, 7: 20, 8: 24}.get(index, 12)
    givers = [u for u in units if (u.figures[-1]["left_job"] or 0) > 0]
    takers = [u for u in units if (u.figures[-1]["admitted"] or 0) > 0]
    for giver, taker in zip(dice.sample(givers, moved), dice.sample(takers, moved), strict=True):
        giver.figures[-1]["left_job"] = (giver.figures[-1]["left_job"] or 0) - 1
        giver.figures[-1]["transferred_out"] = 1
        taker.figures[-1]["admitted"] = (taker.figures[-1]["admitted"] or 0) - 1
        taker.figures[-1]["transferred_in"] = 1
