"""Long work that can be watched: a bar on a terminal, nothing anywhere else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from tqdm import tqdm

T = TypeVar("T")
PATIENCE = 2  # seconds before a bar is worth showing


class Watch(Protocol):
    """Gives the items back one by one, and may say how far it is."""

    def __call__(self, items: Sequence[T], /) -> Iterable[T]: ...


def unwatched(items: Sequence[T], /) -> Iterable[T]:
    return items


def on_terminal(items: Sequence[T], /) -> Iterable[T]:
    """With a progress bar on stderr where that is a terminal, once it takes long."""
    return tqdm(items, disable=None, delay=PATIENCE, leave=False)  # type: ignore[no-any-return]
