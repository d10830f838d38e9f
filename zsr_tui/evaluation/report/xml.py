"""Text for HTML and SVG."""

from __future__ import annotations

import html

from zsr_tui.text import printable


def escape(text: str) -> str:
    """Safe inside an element or a quoted attribute; control characters become visible ones, which XML has no place
    for."""
    return html.escape(printable(text).replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd"), quote=True)
