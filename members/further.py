"""What apps further up ask on the quarterly page beside the figures of the report.

Such numbers are no part of the report: no check, total or basis knows them. They are typed with
it, so that a chair answers everything of a quarter on one page, and kept by whoever asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from django import forms

from members.models import QuarterlyReport, User

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Block(Protocol):
    """Some fields of the quarterly page under a heading of their own."""

    names: tuple[str, ...]

    def title(self) -> StrOrPromise: ...

    def fields(self, report: QuarterlyReport) -> Mapping[str, forms.Field]:
        """By name, with what is known as their initial values."""

    def problems(self, typed: Mapping[str, Any]) -> Mapping[str, str]:
        """What is wrong with what was typed, by field."""

    def keep(
        self, report: QuarterlyReport, typed: Mapping[str, Any], *, by: User, is_sent: bool
    ) -> None:
        """Keep it, as a draft or, with the report, as a statement."""

    def told(self, report: QuarterlyReport) -> list[tuple[StrOrPromise, str]]:
        """What was stated, for whoever reads the report: label and text."""


BLOCKS: list[Block] = []


def ask_also(block: Block) -> None:
    BLOCKS.append(block)


def names() -> list[str]:
    return [name for block in BLOCKS for name in block.names]


def told(report: QuarterlyReport) -> list[tuple[StrOrPromise, str]]:
    return [line for block in BLOCKS for line in block.told(report)]
