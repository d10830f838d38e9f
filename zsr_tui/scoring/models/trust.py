"""Models that may run code from their own repository: none, unless the user names them.

ZSR_TUI_TRUST_REMOTE_CODE  hub ids (org/name, or org/name@revision for that revision alone) and folders, with commas
                           between them
"""

from __future__ import annotations

import os
from pathlib import Path

from zsr_tui.scoring.models.reference import Reference

VARIABLE = "ZSR_TUI_TRUST_REMOTE_CODE"


def allows(weights: Reference) -> bool:
    """Whether the user has named this model."""
    named = [name.strip() for name in os.environ.get(VARIABLE, "").split(",") if name.strip()]
    if weights.kind == "folder":
        return Path(weights.place).expanduser().resolve() in [Path(name).expanduser().resolve() for name in named]
    return weights.place in named or weights.text in named


def refusal(weights: Reference, code: str = "") -> str:
    """What to do for a model that is not allowed; `code` is the class that it asks for, where that is known."""
    asked = f"{code}, trust_remote_code" if code else "trust_remote_code"
    return (
        f"It runs code from its own repository ({asked}): read that code, then set {VARIABLE}={weights.place} to "
        "allow it, or choose another model."
    )
