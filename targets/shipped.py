"""The plans we ship as templates to copy: data, one file each, named by its code."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "shipped_plans"


@dataclass(frozen=True)
class ShippedLine:
    indicator: str
    sector_group: str
    minimum: Decimal
    desired: Decimal | None = None
    due_on: date | None = None
    recurring: bool = False
    parameter: int | None = None
    topics: str = ""
    rationale: str = ""


@dataclass(frozen=True)
class ShippedPlan:
    code: str
    label: str
    title: str
    starts_on: date
    ends_on: date
    lines: tuple[ShippedLine, ...]
    term: str = ""  # «2018-2023»


def shipped_plans() -> list[ShippedPlan]:
    return [_read(path) for path in sorted(FOLDER.glob("*.toml"))]


def shipped_plan(code: str) -> ShippedPlan | None:
    return next((plan for plan in shipped_plans() if plan.code == code), None)


def _read(path: Path) -> ShippedPlan:
    facts: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    lines = tuple(_line(**line) for line in facts.pop("lines"))
    return ShippedPlan(code=path.stem, lines=lines, **facts)


def _line(**facts: Any) -> ShippedLine:
    stated = [name for name in ("minimum", "desired") if name in facts]
    numbers: dict[str, Any] = {name: Decimal(facts[name]) for name in stated}
    return ShippedLine(**{**facts, **numbers})
