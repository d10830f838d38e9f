from __future__ import annotations

import os
from pathlib import Path

import pytest

from zsr_tui.ui import memory


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))


def test_what_is_saved_is_loaded() -> None:
    kept = memory.Memory(dataset="é/[b]", systems=("bm25",), theme="paper", history=("a\nb", "\x1b"))
    assert memory.save(kept) == ""
    assert memory.load() == (kept, "")


def test_what_was_typed_is_the_users_alone() -> None:
    memory.save(memory.Memory(history=("a query",)))
    assert memory.memory_file().stat().st_mode & 0o777 == 0o600


def test_without_a_file_there_are_defaults_and_nothing_to_say() -> None:
    assert memory.load() == (memory.Memory(), "")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{", id="cut short"),
        pytest.param(b"[]", id="list"),
        pytest.param(b'{"dataset": 3}', id="dataset is a number"),
        pytest.param(b'{"systems": "bm25"}', id="systems are a text"),
        pytest.param(b"\xff\xfe", id="not UTF-8"),
        pytest.param(b"null", id="null"),
    ],
)
def test_a_damaged_file_is_kept_aside_and_told(content: bytes) -> None:
    for number in (1, 2):
        memory.memory_file().parent.mkdir(parents=True, exist_ok=True)
        memory.memory_file().write_bytes(content)
        remembered, sentence = memory.load()
        assert remembered == memory.Memory()
        assert sentence.count(".") >= 1
        assert "\n" not in sentence
        aside = memory.memory_file().with_name(f"memory.json.broken-{number}")
        assert aside.read_bytes() == content
    assert not memory.memory_file().exists()


def test_entries_of_a_later_version_do_no_harm() -> None:
    memory.memory_file().parent.mkdir(parents=True)
    memory.memory_file().write_text('{"dataset": "demo", "systems": ["bm25"], "new": 1}')
    assert memory.load()[0].systems == ("bm25",)


def test_an_empty_choice_is_no_choice() -> None:
    memory.save(memory.Memory(systems=(), theme="paper"))
    assert memory.load()[0].systems == memory.SYSTEMS
    assert memory.load()[0].theme == "paper"


def test_a_write_that_fails_leaves_what_was_there(monkeypatch: pytest.MonkeyPatch) -> None:
    memory.save(memory.Memory(dataset="old"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert "No space left on device" in memory.save(memory.Memory(dataset="new"))
    assert memory.load()[0].dataset == "old"
    assert list(memory.memory_file().parent.iterdir()) == [memory.memory_file()]


def test_history_and_own_datasets_are_bounded() -> None:
    memory.save(memory.Memory(history=tuple(str(n) for n in range(2000))))
    history = memory.load()[0].history
    assert len(history) == memory.HISTORY
    assert history[-1] == "1999"
    chosen = memory.Memory()
    for number in range(100):
        chosen = chosen.chosen(f"/data/{number}", ("bm25",), typed=True)
    chosen = chosen.chosen("/data/95", ("bm25",), typed=True)
    assert len(chosen.recent) == memory.RECENT
    assert chosen.recent[:2] == ("/data/95", "/data/99")
    assert chosen.chosen("demo", ("bm25",)).recent == chosen.recent


def test_who_writes_last_writes_the_newest_and_what_stands_there_is_not_written_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    saved: list[memory.Memory] = []
    monkeypatch.setattr(memory, "save", lambda kept: saved.append(kept) or "")
    newest = memory.Memory(theme="paper")
    file = memory.MemoryFile(lambda: newest)
    assert file.write() == ""
    assert saved == []
    newest = memory.Memory(theme="slate")
    file.write()
    file.write()
    assert saved == [newest]
