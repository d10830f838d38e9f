"""The table of settings of the user guide, made from the table of settings.

`python -m tests.unit.settings.settings_guide` renews it.
"""

from __future__ import annotations

from pathlib import Path

from tests.documents.made import put
from zsr_tui.settings import showing

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "user-guide.md"
BEGIN, END = "<!-- settings: made by tests/unit/settings/settings_guide.py -->\n", "<!-- end of settings -->\n"


def guide(text: str) -> str:
    """The guide's text with the table in its place."""
    return put(text, BEGIN, f"{showing.guide_table()}\n", END)


if __name__ == "__main__":
    GUIDE.write_text(guide(GUIDE.read_text("utf-8")), "utf-8")
