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
_HEADING = re.compile(r"(#{1,6})[ \t]+(\S.*?)[ \t]*#*[ \t]*")
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
            below = heading.removeprefix(doc.title).removeprefix(_BELOW) if doc.title else heading
            title = _BELOW.join(filter(None, (doc.title, below)))
            of = ("chunk", f"{number} of {len(pieces)}")
            yield Doc(f"{doc.id}{CHUNK}{number}", title, text, (of, *doc.metadata))

    def _pieces(self, text: str) -> Iterator[tuple[str, str]]:
        """(heading, text)."""
        for heading, section in sections(text) if self.by_heading else [("", text)]:
            for start, end in windows(section, self.size, self.overlap) if self.size else [(0, len(section))]:
                if piece := section[start:end].strip():
                    yield heading, piece


def sections(text: str) -> Iterator[tuple[str, str]]:
    """(headings that it stands under, text with its own heading) of each section of a Markdown text. What stands in
    fences is no heading; a heading without text goes with the section below it."""
    above: list[tuple[int, str]] = []
    lines: list[str] = []
    fence = ""
    filled = False
    name = ""
    for line in text.splitlines(keepends=True):
        mark = _FENCE.match(line)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1][:3]
        found = None if fence or mark else _HEADING.fullmatch(line.rstrip("\r\n"))
        if found is None:
            filled = filled or not line.isspace()
            lines.append(line)
            continue
        if filled:
            yield name, "".join(lines)
            lines, filled = [], False
        level = len(found[1])
        above = [*((each, title) for each, title in above if each < level), (level, found[2])]
        name = _BELOW.join(title for _, title in above)
        lines.append(line)
    if lines and "".join(lines).strip():
        yield name, "".join(lines)


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
