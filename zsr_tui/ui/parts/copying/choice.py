"""What can be copied of the thing under the cursor: its id, title, text, or both as Markdown."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from zsr_tui.text import one_line

Text = str | Callable[[], Awaitable[str]]  # what is not here yet is read when it is wanted
_MARKED = re.compile(r"([\\`*_\[\]<>|#~])")


@dataclass(frozen=True, slots=True)
class Choice:
    """`key` is a letter, `what` says what it copies: "its title"."""

    key: str
    what: str
    text: Text


@dataclass(frozen=True, slots=True)
class Copyable:
    """`name` is the thing's: "document 4983". The first choice is what a second `y` takes."""

    name: str
    choices: tuple[Choice, ...]


def document(doc_id: str, title: str, text: Text) -> Copyable:
    choices = [Choice("i", "id", doc_id)]
    if title:
        choices.append(Choice("t", "title", title))
    choices.append(Choice("x", "text", text))
    if title:
        choices.append(Choice("m", "id and title as Markdown", f"`{doc_id}` {markdown(title)}"))
    return Copyable(f"document {one_line(doc_id)}", tuple(choices))


def query(qid: str, text: str) -> Copyable:
    """Of the dataset; "" for the id of a query that was typed."""
    if not qid:
        return Copyable("query", (Choice("x", "text", text),))
    marked = Choice("m", "id and text as Markdown", f"`{qid}` {markdown(text)}")
    return Copyable(f"query {one_line(qid)}", (Choice("i", "id", qid), Choice("x", "text", text), marked))


def markdown(text: str) -> str:
    """A text on one line that Markdown shows as it is."""
    return _MARKED.sub(r"\\\1", one_line(text))


def row(*cells: str) -> str:
    """A row of a table."""
    return f"| {' | '.join(cells)} |"


def table(head: list[str], rows: list[list[str]], numbers: set[int]) -> str:
    """A table in Markdown; `numbers` are the columns that stand at the right."""
    rule = ["--:" if place in numbers else "---" for place in range(len(head))]
    return "\n".join([row(*map(markdown, head)), row(*rule), *(row(*map(markdown, each)) for each in rows)])
