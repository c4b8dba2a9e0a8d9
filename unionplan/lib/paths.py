"""Materialised paths: a branch of a tree as one range of a plain index.

A path is a string of fixed-width segments, one for each node from the root down. ``LIKE 'x%'``
scans the whole table on SQLite and needs a second index on PostgreSQL; the range
``path >= 'x' AND path < 'x~'`` uses the plain unique index on both. Rejected: recursive queries
(200 times slower at national size), nested sets (a second for every new node), ``ltree``
(PostgreSQL alone).
"""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Lookup
from django.db.models.sql.compiler import SQLCompiler

WIDTH = 4
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
AFTER_ALL = "~"  # sorts behind every character of the alphabet


def segment(number: int) -> str:
    """The segment of a node with this id, 0 <= number < 36**4."""
    if not 0 <= number < len(ALPHABET) ** WIDTH:
        raise ValueError(f"{number} does not fit into a path segment")
    digits = ""
    for _ in range(WIDTH):
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits


def tops(paths: Iterable[str]) -> list[str]:
    """The branches that hold all the others."""
    found: list[str] = []
    for path in sorted(paths):
        if not (found and path.startswith(found[-1])):
            found.append(path)
    return found


def ids_on(path: str) -> list[int]:
    """The ids of the nodes on a path, root first."""
    return [int(path[i : i + WIDTH], len(ALPHABET)) for i in range(0, len(path), WIDTH)]


class BytewiseField(models.CharField):  # type: ignore[type-arg]
    """A text compared byte by byte, whatever the collation of the database."""

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        params = dict(super().db_parameters(connection))
        if connection.vendor == "postgresql":
            params["collation"] = "C"
        return params


class PathField(BytewiseField):
    """The path of a node: never empty, unique, derived from the ids of the nodes on it."""


@PathField.register_lookup
class Subtree(Lookup):
    """``path__subtree=p``: the node with path ``p`` and everything below it."""

    lookup_name = "subtree"

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        return (
            f"({column} >= %s AND {column} < %s)",
            (*params, self.rhs, *params, self.rhs + AFTER_ALL),
        )
