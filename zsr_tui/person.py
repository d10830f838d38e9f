"""Whose judgments and notes are kept here. Standard library only."""

from __future__ import annotations

import os
from contextlib import suppress

VARIABLE = "ZSR_TUI_WHO"  # the setting `who`


def own_name() -> str:
    """The name that the user has set, or that of the account."""
    if name := os.environ.get(VARIABLE, "").strip():
        return name
    with suppress(OSError, KeyError):  # an account without a name
        import getpass  # milliseconds, which the first paint need not pay

        return getpass.getuser()
    return f"user {os.getuid()}"
