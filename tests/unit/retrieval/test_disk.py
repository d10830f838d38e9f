from __future__ import annotations

import errno
from pathlib import Path

import pytest

from zsr_tui import machine
from zsr_tui.domain import Problem
from zsr_tui.files import locked_now, write_whole
from zsr_tui.retrieval.disk import lock_of, remove_replaced, safe_name, swap_in, writing


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("beir/scifact", id="slash"),
        pytest.param("../../etc/passwd", id="parents"),
        pytest.param("/home/me/My corpus", id="absolute with blanks"),
        pytest.param("..", id="the parent"),
        pytest.param("", id="nothing"),
        pytest.param("مجموعة", id="Arabic"),
        pytest.param("a" * 500, id="very long"),
        pytest.param("con:nul|*?", id="Windows signs"),
        pytest.param("a\0b", id="NUL"),
        pytest.param("con.v2", id="a device of Windows"),
    ],
)
def test_a_safe_name_is_one_plain_part_of_a_path(name: str, tmp_path: Path) -> None:
    safe = safe_name(name)

    (tmp_path / safe).mkdir()
    assert [path.name for path in tmp_path.iterdir()] == [safe]
    assert safe.isascii()
    assert not safe.startswith(".")
    assert machine.names_a_file(safe, windows=True)


def test_safe_names_of_different_names_differ() -> None:
    assert len({safe_name(name) for name in ("a/b", "a-b", "a b", "A/B", "a//b", "x" * 99, "x" * 100)}) == 7


def test_safe_names_stay_readable() -> None:
    assert safe_name("beir/scifact").startswith("beir-scifact-")
    assert safe_name("-.My corpus!.-").startswith("My-corpus-")
    assert safe_name("a" * 70 + "b").startswith("a" * 59 + "b-")
    assert safe_name("a" * 60 + "/").startswith("a" * 60 + "-")


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "manifest.json"
    write_whole(path, b"old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(Problem, match="does not fit on the disk"), writing("The index", tmp_path):
        write_whole(path, b"new")

    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_swapping_in_replaces_the_old_folder(tmp_path: Path) -> None:
    for name in ("place", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)

    swap_in(tmp_path / "new", tmp_path / "place")

    assert (tmp_path / "place" / "file").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["place"]


def test_swapping_in_again_after_a_kill_between_its_two_renames(tmp_path: Path) -> None:
    (tmp_path / "place.old").mkdir()
    (tmp_path / "place.old" / "file").write_text("old")
    (tmp_path / "new").mkdir()

    swap_in(tmp_path / "new", tmp_path / "place")

    assert [path.name for path in tmp_path.iterdir()] == ["place"]


def test_what_was_replaced_is_removed_where_its_successor_stands_and_nobody_builds(tmp_path: Path) -> None:
    places = [tmp_path / "corpus" / name for name in ("bm25", "dense/m/fp32", "tokens/t")]
    for place in places:
        place.with_name(f"{place.name}.old").mkdir(parents=True)
    for place in places[:2]:
        place.mkdir()
    with locked_now(lock_of(places[1])) as held:
        assert held
        remove_replaced(tmp_path)
    left = sorted(str(path.relative_to(tmp_path / "corpus")) for path in tmp_path.rglob("*.old"))
    assert left == ["dense/m/fp32.old", "tokens/t.old"]  # one is being built, of the other only this is there
    assert places[0].is_dir()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_one_sentence_that_says_what_to_do(number: int, tmp_path: Path) -> None:
    with pytest.raises(Problem) as caught, writing("The BM25 index of demo", tmp_path):
        raise OSError(number, "no room")

    assert "The BM25 index of demo does not fit" in caught.value.message
    assert "free some space" in caught.value.message
    assert "goes on where it stopped" in caught.value.message
    assert "no room" in caught.value.detail


def test_a_forbidden_folder_is_a_sentence_and_other_errors_are_not_hidden(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="cannot be written to"), writing("The index", tmp_path):
        raise PermissionError(errno.EACCES, "Permission denied")
    with pytest.raises(ConnectionError), writing("The index", tmp_path):
        raise ConnectionError("not about the disk")


def test_windows_puts_no_index_over_files_that_are_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "OPEN_FILES_STAY", True)
    with pytest.raises(Problem, match="while a program has the files there open: close the other windows"):
        with writing("The index", tmp_path):
            raise PermissionError(13, "Access is denied")
