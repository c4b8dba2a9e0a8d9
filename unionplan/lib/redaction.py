"""Secrets that stand in an address, kept out of every log.

A filter of :mod:`logging` sits on one logger or handler; the secret of an address passes through
many (the requests of Django, the access log of the server). So the record itself is made without
it, whoever logs and whoever listens.
"""

from __future__ import annotations

import logging
import re

HIDDEN = "…"


class HideInLogs:
    """Makes records of the log in which what follows the first group of ``pattern`` is hidden."""

    def __init__(self, pattern: str) -> None:
        self.pattern = re.compile(pattern)
        self.make = logging.getLogRecordFactory()

    def __call__(self, *args: object, **kwargs: object) -> logging.LogRecord:
        record = self.make(*args, **kwargs)
        try:
            message = record.getMessage()
        except Exception:  # a message that does not fit its arguments is still printed by logging
            message = f"{record.msg} {record.args}"
        hidden = self.pattern.sub(_hide, message)
        if hidden != message:
            record.msg, record.args = hidden, ()
        return record


def _hide(found: re.Match[str]) -> str:
    return found.group(1) + HIDDEN


def hide_in_logs(pattern: str) -> None:
    """From now on, in this process: ``(/accounts/link/)[^/]+`` prints «/accounts/link/…»."""
    current = logging.getLogRecordFactory()
    if not (isinstance(current, HideInLogs) and current.pattern.pattern == pattern):
        logging.setLogRecordFactory(HideInLogs(pattern))
