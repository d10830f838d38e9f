"""Whose judgments and notes are kept here. Standard library only."""

from __future__ import annotations

import os
from contextlib import suppress

from zsr_tui import machine

VARIABLE = "ZSR_TUI_WHO"  # the setting `who`


def own_name() -> str:
    """The name that the user has set, or that of the account."""
    if name := os.environ.get(VARIABLE, "").strip():
        return name
    with suppress(OSError, KeyError, ImportError):  # an account without a name
        import getpass  # milliseconds, which the first paint need not pay

        return getpass.getuser()
    return "user" if (number := machine.user()) is None else f"user {number}"
