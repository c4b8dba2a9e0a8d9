"""What an officer passes on: the ready text of a link, and tables of hundreds of them."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from zipfile import ZipFile

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.inviting import Invitation, Invited, LeftOut
from members.links import MadeLink
from members.models import LinkPurpose, Unit, User
from members.roles import guide_of, guides_of
from unionplan.lib import clock
from unionplan.lib.dates import in_text
from unionplan.lib.numbers import whole_number
from unionplan.lib.spreadsheets import Table, Value, workbook_of

Address = Callable[[str], str]  # from a token to the whole address of its link

NAMED = 5  # units of a message; the file names them all


def text_of(made: MadeLink, address: Address) -> str:
    """The text for Zalo that goes with a link."""
    unit = made.link.unit
    guide = guide_of(unit, on=clock.today()) if unit else None
    return invitation_words(made, address, guide)


def invitation_words(made: MadeLink, address: Address, guide: User | None) -> str:
    link = made.link
    unit = link.unit
    facts = {
        "superior": (unit.parent or unit) if unit else "",
        "unit": unit,
        "person": link.user,
        "day": in_text(link.expires_on),
        "link": address(made.token),
        "guide": whom_to_call(guide),
    }
    if link.purpose == LinkPurpose.PASSWORD:
        words = _(
            "%(superior)s sends comrade %(person)s a link to set a new password. Open this link"
            " before %(day)s: %(link)s For guidance, call %(guide)s."
        )
    elif unit is not None and unit.is_superior:
        words = _(
            "%(superior)s invites comrade %(person)s to take an account at %(unit)s. Open this"
            " link before %(day)s: %(link)s For guidance, call %(guide)s."
        )
    else:
        words = _(
            "%(superior)s invites comrade %(person)s to take the reporting account of %(unit)s."
            " Open this link before %(day)s: %(link)s For guidance, call %(guide)s."
        )
    return words % facts


def whom_to_call(guide: User | None) -> str:
    """«đồng chí Lê Văn Hoà, ĐT 0900 000 001»"""
    if guide is None:
        return _("the superior union")
    if not guide.phone:
        return _("comrade %(person)s") % {"person": guide}
    phone = f"{guide.phone[:4]} {guide.phone[4:7]} {guide.phone[7:]}"
    return _("comrade %(person)s, tel. %(phone)s") % {"person": guide, "phone": phone}


# --- tables of links -----------------------------------------------------------------------------


@dataclass(frozen=True)
class File:
    name: str
    content: bytes

    @property
    def is_archive(self) -> bool:
        return self.name.endswith(".zip")


def file_of(invited: Invited, address: Address) -> File:
    """A workbook for each direct superior; several of them in one archive."""
    guides = guides_of([one.unit for one in invited.invitations], on=clock.today())
    files = [
        _workbook(superior, list(rows), guides, address)
        for superior, rows in groupby(_by_superior(invited), key=_superior_of)
    ]
    if len(files) == 1:
        return files[0]
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:  # a workbook is compressed already
        for file in files:
            archive.writestr(file.name, file.content)
    return File("duong-dan.zip", out.getvalue())


Row = Invitation | LeftOut


def _by_superior(invited: Invited) -> list[Row]:
    rows: list[Row] = [*invited.invitations, *invited.left_out]
    return sorted(rows, key=lambda row: (_superior_of(row).code, row.unit.sort_key, row.unit.pk))


def _superior_of(row: Row) -> Unit:
    return row.unit.parent or row.unit


def _workbook(
    superior: Unit, rows: Sequence[Row], guides: dict[int, User], address: Address
) -> File:
    made = [row for row in rows if isinstance(row, Invitation)]
    left_out = [row for row in rows if isinstance(row, LeftOut)]
    tables = [
        Table(_("Links"), _header(), [_cells(one, guides, address) for one in made]),
        Table(
            _("Not made"),
            [_("Unit code"), _("Unit"), _("Why not")],
            [[left.unit.code, left.unit.name, str(left.reason)] for left in left_out],
        ),
    ]
    return File(f"duong-dan-{superior.code}.xlsx", workbook_of(tables[: 2 if left_out else 1]))


def _header() -> list[str]:
    return [
        _("Unit code"),
        _("Unit"),
        _("Chair"),
        _("Telephone"),
        _("User name"),
        _("Link"),
        _("Expires on"),
        _("Zalo text"),
    ]


def _cells(one: Invitation, guides: dict[int, User], address: Address) -> list[Value]:
    user, link = one.person, one.made.link
    return [
        one.unit.code,
        one.unit.name,
        str(user),
        user.phone or one.unit.phone,
        user.phone or user.username,
        address(one.made.token),
        link.expires_on,
        invitation_words(one.made, address, guides.get(one.unit.pk)),
    ]


# --- what is said of it --------------------------------------------------------------------------


def made_words(number: int, expires_on: date) -> str:
    """«Đã tạo 1.280 đường dẫn, hết hạn ngày 18/10/2024.»"""
    words = ngettext(
        "%(number)s link was made; it expires on %(day)s.",
        "%(number)s links were made; they expire on %(day)s.",
        number,
    )
    return words % {"number": whole_number(number), "day": in_text(expires_on)}


def left_out_words(left_out: Iterable[LeftOut]) -> str:
    """Which units got no link, and why; the first few of many."""
    left_out = list(left_out)
    named = "; ".join(f"{left.unit}: {left.reason}" for left in left_out[:NAMED])
    words = ngettext(
        "No link for %(number)s unit: %(units)s",
        "No link for %(number)s units: %(units)s",
        len(left_out),
    ) % {"number": whole_number(len(left_out)), "units": named}
    if len(left_out) > NAMED:
        words = _("%(words)s All of them stand on the second sheet of the file.") % {"words": words}
    return words
