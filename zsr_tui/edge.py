"""The program's edge: what it may be given, what it prints, and how it ends.

Exit codes: 0 fine, 1 failed, 2 wrong usage, 130 interrupted, 141 whoever read the output has left. A failure is one
sentence on stderr and never a traceback; text from outside reaches the terminal as `zsr_tui.text.printable` has it.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import re
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from unicodedata import east_asian_width

from zsr_tui import files
from zsr_tui.domain import Problem
from zsr_tui.text import flat, printable, shorten_middle

FAILED, WRONG_USAGE, INTERRUPTED, CLOSED_PIPE = 1, 2, 130, 141

_PLACES = {"HOME", "TMPDIR", "IR_DATASETS_HOME", "HF_HOME", "HF_HUB_CACHE", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"}
_LONGEST_WORD = 300  # characters of a name in a message; longer ones are cut in their middle
_LONGEST = 4_000  # characters of a message: an id of a file may be megabytes of short words
_LONG_WORD = re.compile(rf"\S{{{_LONGEST_WORD + 1},}}")
# For terminals that have no such characters: one for each, so that columns stay.
_PLAIN = {
    **dict(zip("·○●…–—×↑↓→‘’“”─│┌┐└┘├┤┬┴┼█", ".o*.--x^v>''\"\"-|+++++++++#", strict=True)),
    "\N{NO-BREAK SPACE}": " ",
}


class Unwritable(Exception):
    """What was to be printed cannot be: the disk is full, stdout is closed."""


class Left(Exception):
    """Whoever read what is printed has left."""


def guarded(work: Callable[[list[str]], int]) -> int:
    """Run the program on its arguments; the exit code, with what is wrong said."""
    _open_missing()
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - lives as long as the program
    sys.stdout, sys.stderr = Printed(sys.stdout, 1), Said(sys.stderr, 2)
    for painted in (sys.__stdout__, sys.__stderr__):  # by the screens: on the first on Windows, else on the second
        if painted is not None:
            painted.reconfigure(errors="plain")
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        code = work(_arguments())
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever presses it twice is not told twice
        return _ended("interrupted; finished work is kept.", INTERRUPTED)
    except Problem as problem:
        return _ended(problem.message, problem.exit_code)
    except Left:
        return _ended("", CLOSED_PIPE)
    except Unwritable as error:
        return _ended(f"what is found cannot be written to the output: {error}.", FAILED)
    except OSError as error:
        refused = files.problem_of(error)
        return _ended(refused.message, refused.exit_code)
    except Exception as error:  # noqa: BLE001 - the program's last frame: the user gets one sentence
        from zsr_tui.ui.parts.problems import sentence

        return _ended(sentence(error), FAILED)


def say(message: str) -> None:
    """One line on stderr, which a terminal has broken between words."""
    short = _LONG_WORD.sub(lambda word: shorten_middle(word[0], _LONGEST_WORD), flat(message))
    said = f"zsr-tui: {shorten_middle(short, _LONGEST)}"
    with suppress(OSError, ValueError):  # stderr is no file
        columns = os.get_terminal_size(sys.stderr.fileno()).columns if sys.stderr.isatty() else 0
        if 0 < columns < len(said):
            from zsr_tui.wrapping import wrapped_lines

            said = "\n".join(wrapped_lines(said, columns, whole=True))
    print(said, file=sys.stderr, flush=True)


def hand_over(text: str) -> None:
    """Write what a program reads again: to a terminal as anything else, to a file or a pipe as it is, in UTF-8 whatever
    the terminal's encoding is. Raises `Left` and `Unwritable`."""
    out = sys.stdout
    if isinstance(out, Printed) and not out.isatty():
        out.flush()
        try:
            out.buffer.write(text.encode(errors="plain"))
        except OSError as error:
            raise _lost(error) from error
    else:
        out.write(text)


def _ended(why: str, code: int) -> int:
    if why:
        say(why)
    try:
        sys.stdout.flush()
    except (Left, Unwritable):  # said, or nobody is there: what is buffered is dropped, or Python tries again
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return code


def _arguments() -> list[str]:
    """Those of the command line. Raises `Problem` where one, or a place that the environment names, is no text."""
    named = {name: os.environ[name] for name in os.environ if name in _PLACES or name.startswith("ZSR_TUI_")}
    given = [("the argument", argument) for argument in sys.argv[1:]] + list(named.items())
    for what, text in given:
        try:
            text.encode()
        except UnicodeEncodeError as error:  # half a surrogate stands for each byte that is none of a character
            shown = os.fsencode(text).decode(errors="backslashreplace")
            raise Problem(
                f"{what} '{shown}' is not UTF-8 text: write it in UTF-8; a file or folder with such a name must get "
                "another one.",
                usage=True,
            ) from error
    return sys.argv[1:]


def _open_missing() -> None:
    """Where a standard stream is closed, nothing that is opened later may take its number. Reading it ends at once,
    writing it fails."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDONLY)  # takes the lowest number that is free


class Printed(io.TextIOWrapper):
    """Writes text to an open descriptor with control characters made visible, and what the encoding lacks as plainer
    characters. Raises `Left` and `Unwritable`."""

    def __init__(self, like: object, descriptor: int) -> None:
        terminal = os.isatty(descriptor)
        super().__init__(
            open(descriptor, "wb", closefd=False),  # noqa: SIM115 - lives as long as the program
            encoding=getattr(like, "encoding", None) or "utf-8",
            errors="plain",
            line_buffering=terminal,
        )

    def write(self, text: str) -> int:
        return self.steer(printable(text))

    def steer(self, text: str) -> int:
        """Write it as it is: sequences of ours that move the cursor."""
        try:
            return super().write(text)
        except OSError as error:
            raise _lost(error) from error

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            raise _lost(error) from error


class Said(Printed):
    """Messages: where they cannot be written, the exit code tells alone."""

    def steer(self, text: str) -> int:
        with suppress(Left, Unwritable):
            super().steer(text)
        return len(text)

    def flush(self) -> None:
        with suppress(Left, Unwritable):
            super().flush()


def _lost(error: OSError) -> Left | Unwritable:
    if isinstance(error, BrokenPipeError) or (sys.platform == "win32" and error.errno == errno.EINVAL):
        return Left()
    return Unwritable(error.strerror or str(error))


def _plain(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    lacking: Sequence[str] = error.object[error.start : error.end]
    plain = [_PLAIN.get(each, "??" if east_asian_width(each) in "WF" else "?") for each in lacking]
    return "".join(plain), error.end


codecs.register_error("plain", _plain)
