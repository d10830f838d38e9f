"""The log of a session as a file: private, bounded, whole, and never in the way."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from pathlib import Path

import pytest

from zsr_tui.domain import Problem
from zsr_tui.sessions import reading
from zsr_tui.sessions.log import SessionLog, logs
from zsr_tui.sessions.records import Asked, Full, Placed

MOST = 1 << 20
AT = "2026-11-27T00:15:00Z"


def asked(number: int, query: str = "sugar") -> Asked:
    return Asked(at=AT, number=number, dataset="demo", systems=("bm25",), query=query)


def placed(query: str = "sugar") -> Placed:
    return Placed(at=AT, dataset="demo", systems=("bm25",), query=query)


def written(folder: Path, *entries: Asked | Placed, keep: int = 5, most: int = MOST) -> tuple[SessionLog, list[str]]:
    told: list[str] = []
    log = SessionLog(folder, keep=keep, most=most, told=told.append)
    for entry in entries:
        log.put(lambda entry=entry: entry)
    log.close()
    return log, told


def test_a_log_is_its_owners_alone_and_begins_with_where_the_user_was(tmp_path: Path) -> None:
    folder = tmp_path / "sessions"
    log, told = written(folder, placed("first"), placed(), asked(1), placed("last"))
    assert log.file is not None
    assert stat.S_IMODE(log.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    found = reading.read(log.file)
    assert found.entries == (placed(), asked(1), placed("last"))
    assert found.left == placed("last")
    assert not found.cut
    assert not told


def test_there_is_no_file_before_something_was_asked(tmp_path: Path) -> None:
    log, _ = written(tmp_path / "sessions", placed())
    assert log.file is None
    assert not (tmp_path / "sessions").exists()


def test_the_oldest_logs_go_and_one_that_is_being_written_stays(tmp_path: Path) -> None:
    names = [f"session-2026-11-0{day}-120000.jsonl" for day in range(1, 8)]
    for name in [*names, "mine.jsonl", "session-2026-11-01-120000.jsonl.bak"]:
        (tmp_path / name).write_bytes(b"x" * 1000)
    with (tmp_path / names[0]).open("rb") as busy:
        fcntl.flock(busy, fcntl.LOCK_EX)
        log, _ = written(tmp_path, asked(1), keep=3)
    assert log.file is not None
    left = {log.file.name, names[0], names[5], names[6]}
    assert {file.name for file in logs(tmp_path)} == left
    assert (tmp_path / "mine.jsonl").exists()
    assert (tmp_path / "session-2026-11-01-120000.jsonl.bak").exists()
    log, _ = written(tmp_path, asked(1), most=4000)  # two of a thousand bytes are room enough
    assert log.file is not None
    assert log.file in logs(tmp_path)
    assert sum(file.stat().st_size for file in logs(tmp_path)) <= 4000


def test_a_log_that_is_full_says_so_and_stays_readable(tmp_path: Path) -> None:
    log, told = written(tmp_path, *(asked(number, "a" * 100) for number in range(100)), most=4000)
    assert log.file is not None
    entries = reading.read(log.file).entries
    assert isinstance(entries[-1], Full)
    assert 3 < len(entries) < 20
    assert log.file.stat().st_size < 2200
    assert told == ["The session log is full: what you do from here on is not in it."]


@pytest.mark.parametrize(("room", "kept"), [(500, 2), (30, None)], ids=["after some lines", "in the first line"])
def test_a_full_disk_is_told_once_and_leaves_whole_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int, kept: int | None
) -> None:

    def write(handle: int, data: memoryview) -> int:
        nonlocal room
        if not room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken = min(room, len(data))
        room -= taken
        return real(handle, data[:taken])

    real = os.write
    monkeypatch.setattr("zsr_tui.sessions.log.os.write", write)
    log, told = written(tmp_path, *(asked(number) for number in range(20)))
    assert told == ["The session log cannot be written (No space left on device): what you do is not logged any more."]
    assert log.file is not None
    if kept is None:
        assert not log.file.exists()
        return
    found = reading.read(log.file)
    assert len(found.entries) == kept
    assert not found.cut


def test_an_entry_that_cannot_be_made_is_told_once_and_leaves_whole_lines(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[str] = []
    log = SessionLog(tmp_path, keep=5, most=MOST, told=told.append)
    log.put(lambda: asked(1))
    log.put(lambda: asked({}[""]))
    log.put(lambda: asked(3))
    log.close()
    assert told == ["The session log cannot be written (KeyError): what you do is not logged any more."]
    assert log.file is not None
    assert reading.read(log.file).entries == (asked(1),)
    assert [record.exc_info is not None for record in caplog.records] == [True]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "in the way").write_text("")
    log, told = written(tmp_path / "in the way" / "sessions", asked(1))
    assert log.file is None
    assert len(told) == 1


HEADER = b'{"zsr_tui_session": 1, "program": "0.1.0", "began": "2026-11-27T00:15:00Z"}\n'
ASKED = b'{"kind": "asked", "at": "", "number": 1, "dataset": "demo", "systems": ["bm25"], "query": "q"}\n'
ESCAPES = ASKED.replace(b'"q"', b'"\\u001b]0;x\\u0007"')


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        pytest.param(b"", "is no session log", id="nothing"),
        pytest.param(b"\x00\xff" * 50, "is no session log", id="bytes"),
        pytest.param(HEADER[:20], "is no session log", id="cut in the header"),
        pytest.param(b'{"zsr_tui_session": 7, "x": [1]}\n', "later zsr-tui, in version 7", id="later version"),
        pytest.param(b'{"zsr_tui_session": 9' + b"0" * 300 + b"}\n", "in version 1000000", id="huge version"),
        pytest.param(b'{"zsr_tui_session": "1"}\n', "is no session log", id="version of a wrong type"),
        pytest.param(b'{"zsr_tui_session": 0}\n', "line 1 is no line", id="version 0"),
        pytest.param(b'{"zsr_tui_finding": 1}\n', "is a finding: zsr-tui open .*log.jsonl shows it", id="finding"),
        pytest.param(b'{"zsr_tui": "judgments"}\n', "is a file of judgments: zsr-tui judge", id="judgments"),
        pytest.param(HEADER + b'{"kind": "dance", "at": ""}\n', "line 2 is no line", id="unknown kind"),
        pytest.param(HEADER + ASKED + b"\n" + ASKED, "line 3 is no line", id="empty line"),
        pytest.param(HEADER + ASKED.replace(b"1", b"1e400"), "line 2 is no line", id="huge number"),
        pytest.param(HEADER + ASKED.replace(b"1", b"9" * 5000), "line 2 is no line", id="endless number"),
        pytest.param(HEADER + ASKED.replace(b'"q"', b"[" * 100_000), "line 2 is no line", id="deep nesting"),
        pytest.param(
            HEADER + ASKED.replace(b'"q"}', b'"q", "x": ' + b"[" * 9999), "line 2 is no line", id="deep extra"
        ),
        pytest.param(HEADER + ASKED.replace(b'["bm25"]', b'"bm25"'), "line 2 is no line", id="wrong type"),
        pytest.param(HEADER + ASKED.replace(b'"q"', b'"\xff"'), "line 2 is no line", id="not UTF-8"),
        pytest.param(
            HEADER + ASKED.replace(b'["bm25"]', b"[" + b'"bm25",' * 50 + b'"bm25"]'), "line 2 is no", id="many systems"
        ),
    ],
)
def test_what_is_no_whole_session_log_is_refused_in_a_sentence(tmp_path: Path, data: bytes, sentence: str) -> None:
    file = tmp_path / "log.jsonl"
    file.write_bytes(data)
    with pytest.raises(Problem, match=sentence) as raised:
        reading.read(file)
    assert raised.value.exit_code == 2
    assert "\n" not in raised.value.message


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe"])
def test_what_is_no_file_is_refused_in_a_sentence(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "log.jsonl"
    if kind == "folder":
        file.mkdir()
    elif kind == "pipe":
        os.mkfifo(file)
    with pytest.raises(Problem, match="cannot be read"):
        reading.read(file)


def test_a_log_that_was_cut_short_is_read_as_far_as_it_is_whole(tmp_path: Path) -> None:
    whole = HEADER + ASKED + ESCAPES
    file = tmp_path / "log.jsonl"
    for end in range(len(HEADER), len(whole)):
        file.write_bytes(whole[:end])
        found = reading.read(file)
        assert len(found.entries) == (end >= len(HEADER) + len(ASKED))
        assert found.cut == (end not in (len(HEADER), len(HEADER + ASKED)))
