"""The text of an HTML page. Headings stand as Markdown's, so that it can be cut by heading; scripts are not run but
left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from zsr_tui.corpora.formats.rows import BadRow

_LEFT_OUT = ("script", "style", "template", "noscript", "head", "svg", "iframe", "object")
_BLOCKS = (
    "p", "div", "br", "li", "ul", "ol", "tr", "table", "section", "article", "header", "footer", "blockquote", "pre",
    "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "main", "nav", "aside", "figure", "figcaption", "hr",
)  # fmt: skip
_CELLS = ("td", "th")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def read(data: bytes, where: str, encoding: str = "") -> dict[str, str]:
    """Its title and text. The encoding is the one that the page names, where none is given. Raises `BadRow`."""
    from bs4 import BeautifulSoup
    from bs4.dammit import UnicodeDammit
    from bs4.exceptions import ParserRejectedMarkup

    try:
        text = UnicodeDammit(data, [encoding] if encoding else [], is_html=True).unicode_markup
        if text is None:
            raise BadRow(where, "its encoding cannot be told: name it (encoding=latin-1)")
        page = BeautifulSoup(text, "lxml")
    except (ParserRejectedMarkup, AssertionError, RecursionError) as error:
        raise BadRow(where, "it cannot be read as HTML", detail=repr(error)) from error
    title = _line(page.title.get_text()) if page.title else ""
    for tag in page.find_all(_LEFT_OUT):
        tag.decompose()
    heading = page.find(_HEADINGS)
    title = title or (_line(heading.get_text()) if heading else "")
    return {**({"title": title} if title else {}), "text": _paragraphs("".join(_pieces(page)))}


def _pieces(page: Any) -> Iterator[str]:
    """Its texts in their order, with what keeps them apart; however deep its tags are in each other."""
    from bs4 import CData, NavigableString, Tag

    open_tags = [(page, iter(page.contents))]
    while open_tags:
        tag, children = open_tags[-1]
        child = next(children, None)
        if child is None:
            yield _behind(tag.name)
            open_tags.pop()
        elif isinstance(child, Tag):
            yield _before(child.name)
            open_tags.append((child, iter(child.contents)))
        elif type(child) in (NavigableString, CData):  # and no comment
            yield str(child)


def _before(tag: str) -> str:
    return f"\n\n{'#' * int(tag[1])} " if tag in _HEADINGS else "\n" if tag in _BLOCKS else ""


def _behind(tag: str) -> str:
    return "\n\n" if tag in _HEADINGS else "\n" if tag in _BLOCKS else " " if tag in _CELLS else ""


def _line(text: str) -> str:
    return " ".join(text.split())


def _paragraphs(text: str) -> str:
    lines = (_line(line) for line in text.replace("\0", " ").splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
