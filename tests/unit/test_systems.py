"""Nothing of ours takes for granted what only some operating systems have: which that is, the type checker's own stubs
of the standard library know."""

from __future__ import annotations

import ast
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

import zsr_tui

PACKAGE = Path(zsr_tui.__file__).parent
OLDEST = (3, 11)
MODULES = ("os", "signal", "socket", "sys", "time", "asyncio", "select", "stat", "mmap", "sqlite3", "threading")
# What the stubs have for every system, and Windows refuses or ignores when it runs.
ALSO = {
    *("start_new_session", "pass_fds", "preexec_fn", "process_group", "add_signal_handler"),
    *("open_unix_connection", "start_unix_server", "create_unix_connection", "create_unix_server"),
}
UNIX = (
    "fcntl",
    "grp",
    "nis",
    "posix",
    "pty",
    "pwd",
    "readline",
    "resource",
    "syslog",
    "termios",
    "tty",
    "crypt",
    "spwd",
)


@cache
def stub(name: str) -> ast.Module | None:
    spec = find_spec("mypy")
    assert spec is not None
    assert spec.origin is not None
    stubs = Path(spec.origin).parent / "typeshed" / "stdlib"
    for path in (stubs / f"{name}.pyi", stubs / name / "__init__.pyi"):
        if path.is_file():
            return ast.parse(path.read_text(encoding="utf-8"))
    return None


def holds_on_windows(test: ast.expr) -> bool | None:
    """With the oldest Python that we support. None: not a question about either."""
    match test:
        case ast.Compare(left=ast.Attribute(attr="platform"), ops=[how], comparators=[ast.Constant(value=str(name))]):
            return (name == "win32") == isinstance(how, ast.Eq)
        case ast.Compare(left=ast.Attribute(attr="version_info"), ops=[how], comparators=[ast.Tuple(elts=version)]):
            asked = tuple(each.value for each in version if isinstance(each, ast.Constant))
            return asked <= OLDEST if isinstance(how, ast.GtE) else asked > OLDEST
        case ast.BoolOp(op=how, values=values):
            known = [holds_on_windows(each) for each in values]
            decides = isinstance(how, ast.Or)
            return decides if decides in known else (None if None in known else not decides)
    return None


def names_of(body: list[ast.stmt], windows: bool) -> set[str]:
    """That a stub defines, on Windows or on any system."""
    found: set[str] = set()
    for each in body:
        match each:
            case ast.If(test=test):
                holds = holds_on_windows(test) if windows else None
                found |= names_of(each.body, windows) if holds is not False else set()
                found |= names_of(each.orelse, windows) if holds is not True else set()
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.AnnAssign(target=ast.Name(id=name)):
                found.add(name)
            case ast.Assign(targets=[ast.Name(id=name)]):
                found.add(name)
            case ast.ImportFrom(names=names, module="_socket" | "_ssl"):  # where `socket` and `ssl` have theirs from
                found |= {one.asname or one.name for one in names}
    return {name for name in found if not name.startswith("_")}


@cache
def lacking(module: str) -> frozenset[str]:
    """Names of a module of the standard library that Windows does not have."""
    parsed = stub(module)
    assert parsed is not None
    return frozenset(names_of(parsed.body, windows=False) - names_of(parsed.body, windows=True))


def is_unix(module: str) -> bool:
    """Whether it is there at all on other systems: its stub is empty on Windows."""
    parsed = stub(module) if module in UNIX else None
    return parsed is not None and bool(names_of(parsed.body, windows=False)) and not names_of(parsed.body, windows=True)


def is_guard(test: ast.expr) -> bool:
    """Whether a condition asks which system it is: `sys.platform`, `hasattr`, or our own constant."""
    return any(
        (isinstance(each, ast.Attribute) and each.attr in ("platform", "UNIX_SOCKETS"))
        or (isinstance(each, ast.Name) and each.id == "UNIX_SOCKETS")
        or (isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id == "hasattr")
        for each in ast.walk(test)
    )


class Finder(ast.NodeVisitor):
    """The uses that nothing guards. A guard is a condition around a use, or one before it whose branch leaves the
    function, or `except ImportError` around an import."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def _block(self, body: list[ast.stmt]) -> None:
        for each in body:
            if isinstance(each, ast.If) and is_guard(each.test):
                if each.orelse or isinstance(each.body[-1], ast.Return | ast.Raise):
                    return  # the rest of the function, or either branch, knows the system
                continue
            self.visit(each)

    def visit_Module(self, node: ast.Module) -> None:
        self._block(node.body)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._block(node.body)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815 - as `ast` calls it

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._block(node.body)

    def visit_If(self, node: ast.If) -> None:
        if not is_guard(node.test):
            self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        if not is_guard(node.test):
            self.generic_visit(node)

    def visit_Try(self, node: ast.Try) -> None:
        if not any(isinstance(each.type, ast.Name) and each.type.id == "ImportError" for each in node.handlers):
            self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        self.found += [f"{node.lineno}: import {each.name}" for each in node.names if is_unix(each.name)]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.module and is_unix(node.module):
            self.found.append(f"{node.lineno}: from {node.module}")
        if node.module in MODULES:
            self.found += [f"{node.lineno}: {each.name}" for each in node.names if each.name in lacking(node.module)]

    def visit_Attribute(self, node: ast.Attribute) -> None:
        match node.value:
            case ast.Name(id=module) if module in MODULES and node.attr in lacking(module):
                self.found.append(f"{node.lineno}: {module}.{node.attr}")
            case _ if node.attr in ALSO:
                self.found.append(f"{node.lineno}: {node.attr}")
        self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> None:
        if node.arg in ALSO:
            self.found.append(f"{node.value.lineno}: {node.arg}")
        self.generic_visit(node)


def unguarded(code: str) -> list[str]:
    finder = Finder()
    finder.visit(ast.parse(code))
    return finder.found


def test_nothing_of_ours_takes_for_granted_what_windows_does_not_have() -> None:
    files = sorted(PACKAGE.rglob("*.py"))
    assert len(files) > 500
    names, some = "|".join(frozenset().union(*map(lacking, MODULES))), "|".join(MODULES)
    # to parse all of them takes seconds
    may = re.compile(rf"\b({some})\.({names})\b|\b({'|'.join((*UNIX, *ALSO))})\b|\bfrom ({some}) import")
    texts = {file: file.read_text("utf-8") for file in files}
    suspects = [file for file, text in texts.items() if may.search(text)]
    assert PACKAGE / "machine.py" in suspects
    assert [f"{file.relative_to(PACKAGE)}:{use}" for file in suspects for use in unguarded(texts[file])] == []


@pytest.mark.parametrize(
    "code",
    [
        "import fcntl",
        "import resource, os",
        "from pwd import getpwuid",
        "import os\nos.kill(1, 9)\nos.killpg(1, 9)",
        "import os\ndef cores(): return len(os.sched_getaffinity(0))",
        "import socket\nclass A:\n    family = socket.AF_UNIX",
        "import signal\nCODE = 128 + signal.SIGPIPE",
        "import signal\nsignal.signal(signal.SIGKILL, None)",
        "from signal import SIGHUP",
        "import os\nos.open('x', os.O_NOFOLLOW)",
        "run('x', start_new_session=True)",
        "loop.add_signal_handler(2, f)",
        "import os\nif x:\n    os.getuid()",
        "import os\ntry:\n    os.fchmod(1, 2)\nexcept OSError:\n    raise",
    ],
    ids="fcntl resource pwd killpg affinity AF_UNIX SIGPIPE SIGKILL SIGHUP O_NOFOLLOW session handler if try".split(),
)
def test_what_is_planted_is_found(code: str) -> None:
    assert unguarded(code)


@pytest.mark.parametrize(
    "code",
    [
        "try:\n    import fcntl\nexcept ImportError:\n    fcntl = None",
        "import os, sys\nuser = os.getuid() if sys.platform != 'win32' else None",
        "import os, sys\ndef f():\n    if sys.platform == 'win32':\n        return 1\n    return os.getuid()",
        "import os\nif hasattr(os, 'sched_getaffinity'):\n    os.sched_getaffinity(0)",
        "import os\nos.getpid()\nos.O_RDONLY",
        "import socket\nsocket.AF_INET",
    ],
    ids=["tried", "either", "left before", "asked for", "everywhere", "another constant"],
)
def test_what_has_a_way_round_is_not(code: str) -> None:
    assert unguarded(code) == []
