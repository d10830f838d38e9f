"""Cuts documents into chunks: of so many words, overlapping, or by heading. The id of a chunk is its document's with a
number behind it, so that what is judged of documents holds for chunks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from zsr_tui.domain import CHUNK, Doc, Problem

LARGEST = 100_000  # words
# A word, or a character of a script without spaces.
_WORD = re.compile(
    r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]|[^\s\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+"
)
_HEADING = re.compile(r"(#{1,6})[ \t]+(\S.*)")
_UNDERLINED = re.compile(r" {0,3}(?![-*+>|#]|\d+[.)]\s)\S")  # no item of a list, quotation or row of a table
_UNDERLINE = re.compile(r" {0,3}([=-])\1*")
_FENCE = re.compile(r"[ \t]{0,3}(```+|~~~+)")
_BELOW = " › "  # between a heading and those that stand under it
_ENDS = ".!?。！？"
_BACK = 5  # a chunk ends with a sentence where one ends in its last fifth


@dataclass(frozen=True, slots=True)
class Chunking:
    """`size` and `overlap` in words; a size of 0 leaves sections, which `by_heading` cuts, whole."""

    size: int = 0
    overlap: int = 0
    by_heading: bool = False

    def __post_init__(self) -> None:
        if not self.size and not self.by_heading:
            raise Problem("chunks need a size in words, as in size=200, or by=heading.", usage=True)
        if not 0 <= self.size <= LARGEST or (self.size and not 0 <= self.overlap < self.size):
            raise Problem(
                f"chunks have 1 to {LARGEST:,} words and overlap by fewer than they have, as in size=200, overlap=50.",
                usage=True,
            )
        if self.overlap and not self.size:
            raise Problem(
                "sections do not overlap: give a size too, as in by=heading, size=200, overlap=50.", usage=True
            )

    def settings(self) -> dict[str, str]:
        """As they are written."""
        said = {"by": "heading"} if self.by_heading else {}
        said |= {"size": str(self.size)} if self.size else {}
        return said | ({"overlap": str(self.overlap)} if self.overlap else {})

    def about(self) -> str:
        said = ["sections by heading"] if self.by_heading else []
        if self.size:
            said.append(f"{'of at most' if said else 'chunks of'} {self.size} words")
        return " ".join(said) + (f", {self.overlap} of which overlap" if self.overlap else "")

    def chunks(self, doc: Doc) -> Iterator[Doc]:
        """At least one, in order. The title of a section has the headings that it stands under."""
        pieces = list(self._pieces(doc.text)) or [("", doc.text)]
        for number, (heading, text) in enumerate(pieces, 1):
            first, _, below = heading.partition(_BELOW)
            parts = (doc.title, below) if first.casefold() == doc.title.casefold() else (doc.title, heading)
            title = _BELOW.join(filter(None, parts))
            of = ("chunk", f"{number} of {len(pieces)}")
            yield Doc(f"{doc.id}{CHUNK}{number}", title, text, (of, *doc.metadata))

    def _pieces(self, text: str) -> Iterator[tuple[str, str]]:
        """(heading, text)."""
        for heading, section in sections(text) if self.by_heading else [("", text)]:
            for start, end in windows(section, self.size, self.overlap) if self.size else [(0, len(section))]:
                if piece := section[start:end].strip():
                    yield heading, piece


def sections(text: str) -> Iterator[tuple[str, str]]:
    """(headings that it stands under, text below its own heading) of each section of a Markdown text. A heading without
    text goes with the section below it; the last one is its own text."""
    above: list[tuple[int, str]] = []
    lines: list[str] = []
    name, own = "", ""
    for line, level, title in _marked(text):
        if not level:
            lines.append(line)
            continue
        if body := "".join(lines).strip("\r\n"):
            yield name, body
        lines, own = [], line
        above = [*((each, higher) for each, higher in above if each < level), (level, title)]
        name = _BELOW.join(title for _, title in above)
    if body := "".join(lines).strip("\r\n") or own.strip():
        yield name, body


def first_heading(text: str) -> str:
    """Of a Markdown text; "" where it has none."""
    return next((title for _, level, title in _marked(text) if level), "")


def _marked(text: str) -> Iterator[tuple[str, int, str]]:
    """(line, level of the heading that it is, else 0, its words). One that is underlined (level 1 or 2) comes with the
    line below it. What stands in fences is no heading."""
    fence = ""
    lines = text.splitlines(keepends=True)
    alone = True  # whether a line that is underlined is all of its paragraph
    below = iter([*lines[1:], ""])
    for line in (each := iter(lines)):
        following = next(below)
        mark = _FENCE.match(line)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1][:3]
        if fence or mark:
            yield line, 0, ""
            alone = bool(mark)
        elif found := _HEADING.fullmatch(line.rstrip("\r\n")):
            yield line, len(found[1]), found[2].rstrip(" \t").rstrip("#").rstrip(" \t") or "#"
            alone = True
        elif alone and _UNDERLINED.match(line) and (under := _UNDERLINE.fullmatch(following.rstrip())):
            yield line + next(each), 1 if under[1] == "=" else 2, line.strip()
            next(below)
        else:
            yield line, 0, ""
            alone = line.isspace()


def windows(text: str, size: int, overlap: int) -> Iterator[tuple[int, int]]:
    """[start, end) in characters of runs of `size` words, each of which begins `overlap` words before the last one's
    end. A run ends with a sentence where one ends in its last fifth."""
    words = [match.span() for match in _WORD.finditer(text)]
    start = 0
    while start < len(words):
        end = min(start + size, len(words))
        if end < len(words):
            least = max(start + overlap + 1, end - size // _BACK)
            end = next((at for at in range(end, least - 1, -1) if text[words[at - 1][1] - 1] in _ENDS), end)
        yield words[start][0], words[end - 1][1]
        if end == len(words):
            return
        start = end - overlap
