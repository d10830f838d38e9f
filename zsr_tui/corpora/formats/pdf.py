"""The text of a PDF, page by page, through pypdf, which the extra pdf brings."""

from __future__ import annotations

import logging
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zsr_tui import extras
from zsr_tui.corpora.formats.lines import whole
from zsr_tui.corpora.formats.rows import BadRow

if TYPE_CHECKING:
    from pypdf import PdfReader

MOST_PAGES = 20_000


def read(path: Path) -> dict[str, str]:
    """Its title where it has one, its text, and how many pages. Raises `BadRow` for one that is damaged, locked with a
    password, or holds pictures of text alone."""
    try:
        import pypdf
        from pypdf.errors import PyPdfError
    except ImportError as error:
        raise BadRow(str(path), f"PDFs need the Python package pypdf ({extras.get('zsr-tui[pdf]')})") from error
    logging.getLogger("pypdf").setLevel(logging.ERROR)  # each oddity of each file is a warning
    try:
        reader = pypdf.PdfReader(BytesIO(whole(path)), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise BadRow(str(path), "it is locked with a password")
        _check_pages(reader, path)
        text = "\n\n".join(page.extract_text() for page in reader.pages).replace("\0", " ").strip()
        title = str(reader.metadata.title or "") if reader.metadata else ""
    except BadRow:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError) as error:
        # pypdf trips over what damaged files hold in all these ways
        raise BadRow(str(path), f"it cannot be read as PDF ({_line(error)})", detail=repr(error)) from error
    if not text:
        raise BadRow(str(path), "it has no text, only pictures: have a program recognise its text (OCR)")
    return {**({"title": title.strip()} if title.strip() else {}), "text": text, "pages": str(len(reader.pages))}


def _check_pages(reader: PdfReader, path: Path) -> None:
    """Before pypdf makes a list of them: the tree of pages is one, and no larger than a document's. Raises `BadRow`."""
    waiting: list[Any] = [reader.root_object["/Pages"]]
    parts, count = set[tuple[int, int]](), 0
    while waiting:
        for kid in waiting.pop().get_object().get("/Kids", ()):
            count += 1
            if count > MOST_PAGES:
                raise BadRow(str(path), f"it has more than {MOST_PAGES:,} pages")
            if "/Kids" not in kid.get_object():
                continue
            if (place := (getattr(kid, "idnum", 0), getattr(kid, "generation", 0))) in parts and place[0]:
                raise BadRow(str(path), "its pages are not in order: one part of them is named again and again")
            parts.add(place)
            waiting.append(kid)


def _line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
