"""The file of those who may ask: a name and a token on each line."""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import re
from pathlib import Path

from zsr_tui import machine, outside
from zsr_tui.domain import Problem

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
SHORTEST = 20  # characters of a token
_log = logging.getLogger(__name__)


class Tokens:
    """Read again when the file is another: who is taken out of it is out at once. What is wrong with a changed file is
    logged, and the names before stay. The tokens themselves are not kept, and are told to nobody."""

    def __init__(self, path: Path) -> None:
        """Raises `Problem`."""
        self._path = path
        self._known = _read(path)
        self._seen = _which(path)

    def name_of(self, token: str) -> str:
        """Whose it is, "" for nobody's. It takes as long for any token that there is and that there is not."""
        self._look()
        asked, found = _digest(token), ""
        for name, known in self._known:
            if hmac.compare_digest(asked, known):
                found = name
        return found

    def _look(self) -> None:
        seen = _which(self._path)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            self._known = _read(self._path)
        except Problem as problem:
            _log.error("the file of tokens is not read again: %s", problem.message)
        else:
            _log.info("the file of tokens is read again: %d names", len(self._known))


def _which(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return found.st_ino, found.st_mtime_ns, found.st_size


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def _read(path: Path) -> list[tuple[str, bytes]]:
    """Raises `Problem`, which names the line and never what is on it."""
    try:
        with outside.opened(path) as file:
            if machine.others_may_read(os.fstat(file.fileno())):
                raise Problem(f"others can read {path}: take that away with chmod 600 {path}.", usage=True)
        lines = outside.read_text(path, most=1 << 20).splitlines()
    except UnicodeDecodeError:
        raise Problem(f"{path} is not UTF-8 text: write a name and a token on each line.", usage=True) from None
    except OSError as error:
        raise Problem(f"the file of tokens {path} cannot be read: {error.strerror or error}.", usage=True) from error
    found: list[tuple[str, bytes]] = []
    for number, line in enumerate(lines, 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        where = f"{path}, line {number}"
        if len(words) != 2 or not NAME.fullmatch(words[0]):
            raise Problem(
                f"{where}: write a name (letters, digits, . _ -) and a token, with a space between them.", usage=True
            )
        if not machine.names_a_file(words[0]):
            raise Problem(
                f"{where}: no folder can be named {words[0]} on this system: choose another name.", usage=True
            )
        if len(words[1]) < SHORTEST or not words[1].isascii() or not words[1].isprintable():
            raise Problem(
                f"{where}: a token has at least {SHORTEST} letters and digits: openssl rand -hex 32 makes one.",
                usage=True,
            )
        known = {name.casefold() for name, _ in found}  # a folder of each, where some systems know no case
        if words[0].casefold() in known or _digest(words[1]) in (token for _, token in found):
            raise Problem(
                f"{where}: each name and each token stands in the file once, whatever the name's case.", usage=True
            )
        found.append((words[0], _digest(words[1])))
    if not found:
        raise Problem(f"{path} names nobody: write a name and a token on each line.", usage=True)
    return found
