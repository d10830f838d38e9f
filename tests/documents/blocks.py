"""The blocks of a document, each with what the comments above it say.

A comment is `<!-- run: exit 1; within 0.002 -->`: a word, and its settings with semicolons between them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[2]
# In the order in which they are run: what one makes, the next may use.
RUN = [
    "README.md",
    "docs/user-guide.md",
    "docs/error-analysis.md",
    "docs/engines.md",
    "docs/scoring.md",
    "docs/serve.md",
    "docs/gpu.md",
    "CONTRIBUTING.md",
]
COMMENT = re.compile(r"<!--\s*(not run|run|prints|screen|file):\s*(.*?)\s*-->", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    document: str
    line: int  # of its first line, from 1
    language: str  # as a fence names it
    text: str
    marks: dict[str, str]

    @property
    def place(self) -> str:
        return f"{self.document}, line {self.line}"

    def settings(self) -> list[str]:
        return [each.strip() for each in self.marks.get("run", "").split(";") if each.strip()]


def blocks(document: str, text: str | None = None) -> list[Block]:
    """Those of a document of the repository, or of `text` in its place."""
    found: list[Block] = []
    marks: dict[str, str] = {}
    for token in MarkdownIt("commonmark").parse((ROOT / document).read_text("utf-8") if text is None else text):
        if token.type == "html_block":
            marks |= {word: " ".join(said.split()) for word, said in COMMENT.findall(token.content)}
            continue
        if token.type in ("fence", "code_block"):
            assert token.map
            line = token.map[0] + (2 if token.type == "fence" else 1)
            found.append(Block(document, line, token.info.strip(), token.content.rstrip("\n"), marks))
        if not token.type.endswith("_open") or token.type in ("paragraph_open", "heading_open", "table_open"):
            marks = {}
    return found
