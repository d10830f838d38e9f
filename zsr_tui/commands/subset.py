"""What `--subset` means: the first queries, a file of query ids, or a text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from zsr_tui import outside
from zsr_tui.domain import Problem
from zsr_tui.files import is_file


@dataclass(frozen=True, slots=True)
class Subset:
    """`qids` None: all of them; `text` is what a query must hold; `first` of these are taken."""

    text: str = ""
    qids: tuple[str, ...] | None = None
    first: int | None = None


def parse(words: str) -> Subset:
    """`first:50`, `ids:FILE`, `text:words`; without the part before the colon, a whole number is the first so many, a
    file that is there a list of ids, anything else a text. Raises `Problem` for a file that holds no ids."""
    kind, colon, rest = words.partition(":")
    if not colon or kind not in ("first", "ids", "text"):
        kind, rest = "", words
    rest = rest.strip()
    if not words.strip():
        return Subset()
    if kind == "first" or (not kind and rest.isdigit()):
        if not rest.isdigit() or int(rest) < 1:
            raise Problem(f"--subset first: takes a whole number of queries, not {rest!r}.", usage=True)
        return Subset(first=int(rest))
    if kind == "ids" or (not kind and is_file(Path(rest).expanduser())):
        return Subset(qids=_ids(Path(rest).expanduser()))
    if not rest:
        raise Problem("--subset text: needs a text after the colon.", usage=True)
    return Subset(text=rest)


def _ids(path: Path) -> tuple[str, ...]:
    try:
        lines = outside.read_text(path).splitlines()
    except OSError as error:
        raise Problem(f"the query ids in {path} cannot be read ({error.strerror or error}).", usage=True) from error
    except UnicodeDecodeError as error:
        raise Problem(f"{path} is not UTF-8 text: write a query id on each line.", usage=True) from error
    found = tuple(dict.fromkeys(filter(None, (line.strip() for line in lines))))
    if not found:
        raise Problem(f"{path} holds no query ids: write one on each line.", usage=True)
    return found
