"""The file of judgments and notes: what stands, who is told of whom, and what can be wrong with the file."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from zsr_tui.api.judging import Judgment, Kept, Preference
from zsr_tui.api.notes import Remark
from zsr_tui.domain import Problem
from zsr_tui.judging.keeping import Judgments, KeptFile, Preferences, Remarks, Reviewing, checks, file_of
from zsr_tui.judging.keeping.layout import APPLICATION, VERSION, VERSIONS


@pytest.fixture
def file(tmp_path: Path) -> Iterator[KeptFile]:
    file = KeptFile("demo", tmp_path / "deep" / "demo.sqlite3")
    yield file
    file.close()


def graded(doc_id: str = "d1", grade: int = 1, **fields: object) -> Judgment:
    return Judgment(
        **{"query_id": "7", "query_text": "a query", "doc_id": doc_id, "grade": grade, "who": "ann", **fields}
    )  # type: ignore[arg-type]


def grades(file: KeptFile, source: str = "own") -> dict[str, int]:
    """As another process finds them."""
    other = KeptFile(file.dataset, file.path)
    found = Judgments(other).grades(graded(), source)  # type: ignore[arg-type]
    other.close()
    return found


def test_a_judgment_is_kept_with_who_when_and_where_in_one_private_file(file: KeptFile) -> None:
    judged = graded(grade=2, why="says so", system="bm25", rank=3)
    done = Judgments(file).keep(judged, "A title")
    assert done.done
    (kept,) = Judgments(file).page().items
    assert kept == done.now
    assert (kept.judgment.who, kept.judgment.why, kept.judgment.system, kept.judgment.rank) == (
        "ann",
        "says so",
        "bm25",
        3,
    )
    assert kept.judgment.when.endswith("Z")
    assert kept.title == "A title"
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    copy = file.path.with_name("copy.sqlite3")  # while it is open: the log beside it is empty
    shutil.copyfile(file.path, copy)
    assert Judgments(KeptFile("demo", copy)).page().items == (kept,)


def test_undo_takes_back_one_after_the_other_and_clearing_too(file: KeptFile) -> None:
    judgments = Judgments(file)
    first = judgments.keep(graded(grade=1))
    assert first.now
    second = judgments.keep(graded(grade=3), seen=first.now.revision)
    assert second.now
    third = judgments.clear(graded(), seen=second.now.revision)
    assert grades(file) == {}
    assert judgments.undo(third.revision).done
    assert grades(file) == {"d1": 3}
    assert judgments.undo(second.revision).done
    assert grades(file) == {"d1": 1}
    assert judgments.undo(second.revision).now == first.now  # asked again, as when the engine ended over it
    assert grades(file) == {"d1": 1}
    assert judgments.keep(graded(grade=1)) == first  # the same by the same person: as before
    assert judgments.undo(first.revision).now is None
    assert grades(file) == {}


def test_the_later_of_two_windows_is_shown_what_stands_and_nothing_changes_until_it_says_so(file: KeptFile) -> None:
    here, there = Judgments(file), Judgments(KeptFile("demo", file.path))
    mine = here.keep(graded(grade=1, who="ann"))
    theirs = there.keep(graded(grade=0, who="bob"))  # had seen nothing
    assert not theirs.done
    assert theirs.now
    assert (theirs.now.judgment.who, theirs.now.judgment.grade) == ("ann", 1)
    assert grades(file) == {"d1": 1}
    assert there.keep(graded(grade=0, who="bob"), seen=theirs.now.revision, over=True).done
    assert grades(file) == {"d1": 0}
    undone = here.undo(mine.revision)  # Bob has judged since: that is not Ann's to take back
    assert not undone.done
    assert undone.now
    assert undone.now.judgment.who == "bob"


def test_a_typed_query_is_known_by_its_text_and_sources_stand_beside_each_other(file: KeptFile) -> None:
    judgments = Judgments(file)
    judgments.keep(graded(query_id="", query_text="Ｔyped  QUERY", grade=3))
    judgments.keep(graded(query_id="", query_text="typed query", source="model", who="a-model", grade=0))
    typed = graded(query_id="", query_text="typed query")
    assert judgments.grades(typed, "own") == {"d1": 3}
    assert judgments.grades(typed, "model") == {"d1": 0}
    assert judgments.page(typed).counts == {"own": 1, "model": 1}
    assert judgments.page(graded()).items == ()
    assert judgments.all_grades("own") == {}  # those of the dataset's queries


def test_many_are_kept_at_once_or_none_and_what_stands_is_replaced_only_when_asked(file: KeptFile) -> None:
    judgments = Judgments(file)
    judgments.keep(graded("d1", 1, who="ann"))
    judgments.keep(graded("d2", 1, who="bob"))
    new = [graded("d1", 1), graded("d2", 3), graded("d3", 2)]
    stored = judgments.keep_all(new, {"d3": "Third"})
    assert (stored.kept, stored.same) == (1, 1)
    assert [(kept.judgment.doc_id, kept.judgment.who) for kept in stored.left_out] == [("d2", "bob")]
    assert len(judgments.keep_all([graded("d2", 0)], {}, over="same").left_out) == 1  # Bob's, and Ann imports
    assert judgments.keep_all([graded("d1", 0)], {}, over="same").kept == 1
    assert judgments.keep_all([graded("d2", 0)], {}, over="everything").kept == 1
    assert grades(file) == {"d1": 0, "d2": 0, "d3": 2}

    def broken() -> Iterator[Judgment]:
        yield graded("d4", 1)
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - ours
        judgments.keep_all(broken(), {})
    assert "d4" not in grades(file)


def test_notes_are_a_persons_tags_and_bookmarks_everybodys(file: KeptFile) -> None:
    remarks = Remarks(file)

    def remark(**fields: object) -> Remark:
        return Remark(**{"kind": "note", "query_id": "7", "query_text": "a query", "who": "ann", **fields})  # type: ignore[arg-type]

    first = remarks.keep(remark(text="first"))
    assert first.now
    assert not remarks.keep(remark(text="from another window")).done
    second = remarks.keep(remark(text="second"), seen=first.now.revision)
    assert second.now
    remarks.keep(remark(text="of Bob", who="bob"))
    remarks.keep(remark(kind="tag", text=" needs   stemming "))
    remarks.keep(remark(kind="tag", text="needs stemming", who="bob", doc_id="d1"))
    remarks.keep(remark(kind="tag", text="needs stemming", who="bob"))
    remarks.keep(remark(kind="tag", text="typo", query_id="8"))
    remarks.keep(remark(kind="bookmark", query_id="", query_text="", doc_id="d1"))
    assert [kept.remark.text for kept in remarks.read(remark(), kinds=("note",))] == ["of Bob", "second"]
    assert [(count.tag, count.queries, count.targets) for count in remarks.tags()] == [
        ("needs stemming", 1, 2),
        ("typo", 1, 1),
    ]
    assert [count.tag for count in remarks.tags(["8"])] == ["typo"]
    assert remarks.queries_by_tag() == {"needs stemming": {"7"}, "typo": {"8"}}
    assert {kept.remark.kind for kept in remarks.read(doc_id="d1")} == {"tag", "bookmark"}
    remarks.keep(remark(text=""), seen=second.now.revision)
    remarks.drop(remark(kind="bookmark", query_id="", query_text="", doc_id="d1"))
    assert [kept.remark.text for kept in remarks.read(kinds=("note", "bookmark"))] == ["of Bob"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (Remark(kind="note", text="about nothing"), "name a query, a document, or both"),
        (Remark(kind="tag", doc_id="d", text=" "), "write its name"),
        (Remark(kind="tag", doc_id="d", text="one, two"), "without a comma"),
        (Remark(kind="tag", doc_id="d", text="x" * 61), "60 characters at most"),
        (Remark(kind="note", doc_id="d", text="x" * 20_001), "20,000 characters at most"),
    ],
    ids=["nothing", "no name", "a comma", "long tag", "long note"],
)
def test_what_cannot_be_kept_is_refused_in_a_sentence(file: KeptFile, wrong: Remark, sentence: str) -> None:
    with pytest.raises(Problem, match=sentence):
        Remarks(file).keep(wrong)


def test_everything_is_found_by_its_words_in_any_script(file: KeptFile) -> None:
    judgments, remarks, reviewing = Judgments(file), Remarks(file), Reviewing(file)
    assert reviewing.page().items == ()
    judgments.keep(graded("d1", 2, why="naïve Übersetzung", when="2026-01-01T00:00:00Z"), "Über Brötchen")
    remarks.keep(Remark(kind="note", doc_id="d9", text="東京都の天気 \ud800", when="2026-01-02T00:00:00Z"), "Weather")
    remarks.keep(Remark(kind="tag", query_id="7", query_text="a query", text="100%", when="2026-01-03T00:00:00Z"))

    def found(match: str, *kinds: str) -> list[int]:
        return [item.revision for item in reviewing.page(match, kinds).items]  # type: ignore[arg-type]

    assert len(found("")) == 3
    assert [len(found(match)) for match in ("BROTCHEN naive", "京都", "%", "_", "d9 weather", "absent")] == [
        1,
        1,
        1,
        0,
        1,
        0,
    ]
    page = reviewing.page("", ("note", "tag"), limit=1)
    assert (page.matching, page.counts) == (2, {"judgment": 1, "note": 1, "tag": 1})
    assert len(page.items) == 1


def test_what_is_reviewed_is_read_with_one_question_to_each_table_the_latest_first(
    file: KeptFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = [f"2026-01-{day:02}T00:00:00Z" for day in range(1, 31)]
    Judgments(file).keep_all([graded(f"d{day}", when=day) for day in days[::2]], {})
    for day in days[1::2]:
        Remarks(file).keep(Remark(kind="tag", doc_id=f"d{day}", text="tag", when=day))
    questions, rows = list[str](), file.rows

    def counted(question: str, values: tuple[object, ...] = ()) -> list[sqlite3.Row]:
        questions.append(question)
        return rows(question, values)

    monkeypatch.setattr(file, "rows", counted)
    items = Reviewing(file).page().items
    assert [item.judgment.when if isinstance(item, Kept) else item.remark.when for item in items] == days[::-1]
    assert len(questions) == 4
    monkeypatch.setattr(file, "rows", lambda *asked: [] if "json_each" in asked[0] else rows(*asked))
    assert Reviewing(file).page().items == ()  # the file went in between


def test_preferences_are_kept_in_order_and_can_be_dropped(file: KeptFile) -> None:
    preferences = Preferences(file)
    one = Preference(query_id="7", query_text="a", left="bm25", right="dense(m)", choice="tie", seed=5)
    number = preferences.keep(one)
    preferences.keep(Preference(query_text="typed", left="dense(m)", right="bm25", choice="left"))
    preferences.drop(number)
    (left,) = preferences.read()
    assert (left.left, left.right, left.choice, left.query_text) == ("dense(m)", "bm25", "left", "typed")


def test_reading_makes_no_file_and_a_file_put_in_its_place_is_the_one_that_counts(file: KeptFile) -> None:
    judgments = Judgments(file)
    assert judgments.page().items == ()
    assert not file.path.exists()
    judgments.keep(graded("d1"))
    saved = file.path.with_name("saved")
    saved.write_bytes(file.path.read_bytes())
    judgments.keep(graded("d2"))
    saved.replace(file.path)
    assert grades(file) == {"d1": 1}
    judgments.keep(graded("d3"))
    assert grades(file) == {"d1": 1, "d3": 1}
    file.path.unlink()
    assert judgments.page().items == ()
    assert judgments.keep(graded("d4")).done
    assert grades(file) == {"d4": 1}


def test_what_is_kept_while_another_program_reads_is_kept_and_seen_and_its_log_is_told(
    file: KeptFile, caplog: pytest.LogCaptureFixture
) -> None:
    judgments = Judgments(file)
    judgments.keep(graded("d1"))
    reader = sqlite3.connect(file.path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM judgments").fetchall()
    before = file.state()
    assert not caplog.records
    assert judgments.keep(graded("d2")).done
    assert [record.getMessage() for record in caplog.records] == [
        f"{file.path} is kept, and its write-ahead log stays beside it: another program reads it"
    ]
    assert file.state() != before  # of the log alone: the file is as it was
    assert file.rows("PRAGMA busy_timeout")[0][0] == 10_000  # for one that writes
    reader.close()
    assert grades(file) == {"d1": 1, "d2": 1}
    judgments.keep(graded("d3"))
    assert file.path.with_name(f"{file.path.name}-wal").stat().st_size == 0
    assert len(caplog.records) == 1


def newer(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version={VERSION + 1}")
    connection.close()


def foreign(path: Path) -> None:
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE mine (a)")
    connection.close()


def garbage(path: Path) -> None:
    path.write_bytes(b"not a database " * 1000)


def torn(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (newer, f"was written by a newer zsr_tui .version {VERSION + 1} of its tables, this one knows {VERSION}"),
        (foreign, "is no file of judgments and notes: move it away"),
        (garbage, "are damaged: put a copy in its place, or move it away"),
        (torn, "are damaged: put a copy in its place, or move it away"),
    ],
    ids=["newer", "another program's", "no database", "cut short"],
)
def test_a_file_that_cannot_be_used_is_told_in_a_sentence_and_left_as_it_is(
    file: KeptFile, spoil: object, sentence: str
) -> None:
    Judgments(file).keep_all([graded(f"d{number}") for number in range(200)], {})
    file.close()
    spoil(file.path)  # type: ignore[operator]
    before = file.path.read_bytes()
    other = KeptFile("demo", file.path)
    with pytest.raises(Problem, match=sentence):
        Judgments(other).page()
    with pytest.raises(Problem, match=sentence):
        Judgments(other).keep(graded())
    assert file.path.read_bytes() == before


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("The third note é".encode(), b"The third note \xc3\x29", "The third note \ufffd)"),
        ("The third note é".encode(), b"The third note \xe3\xa9", "The third note \ufffd"),
        (b"notetext query third", b"nntetext query third", None),
    ],
    ids=["the end of a letter", "its beginning", "its kind"],
)
def test_a_damaged_note_hides_no_other_and_is_said(
    file: KeptFile, caplog: pytest.LogCaptureFixture, before: bytes, after: bytes, shown: str | None
) -> None:
    remarks = Remarks(file)
    for text in ("The first note", "The second note", "The third note é"):
        remarks.keep(Remark(kind="note", query_text=f"query {text.split()[1]}", text=text, who="ann"))
    file.close()
    whole = file.path.read_bytes()
    assert before in whole
    file.path.write_bytes(whole.replace(before, after))
    expected = [*([shown] if shown is not None else []), "The second note", "The first note"]
    assert [each.remark.text for each in remarks.read()] == expected
    assert "damaged" in caplog.text
    assert "damaged" in checks.damage(file.path)


def test_a_sound_file_has_no_damage(file: KeptFile) -> None:
    Judgments(file).keep(graded(query_text="wie weit — é"))
    assert checks.damage(file.path) == ""


def test_the_file_of_another_dataset_is_refused_and_each_dataset_has_its_own(file: KeptFile) -> None:
    Judgments(file).keep(graded())
    with pytest.raises(Problem, match="holds the judgments and notes of demo, not of beir/scifact/test"):
        Judgments(KeptFile("beir/scifact/test", file.path)).page()
    names = {file_of(dataset).name for dataset in ("beir/scifact/test", "beir-scifact-test", "/a/b", "/a/B")}
    assert len(names) == 4


def test_a_full_disk_is_said_and_nothing_is_kept_of_it(file: KeptFile) -> None:
    judgments = Judgments(file)
    judgments.keep(graded("d1"))
    with file.writing() as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
    file.rows(f"PRAGMA max_page_count={pages}")  # SQLite then says what it says of a full disk
    many = [graded(f"x{number}", why="w" * 400) for number in range(50)]
    with pytest.raises(Problem, match="the disk is full, so this was not kept"):
        judgments.keep_all(many, {})
    assert grades(file) == {"d1": 1}
    file.rows("PRAGMA max_page_count=1000000")
    assert judgments.keep_all(many, {}).kept == 50


def test_what_lies_where_nothing_can_be_written_is_read_and_nothing_is_kept_of_what_is_judged(
    file: KeptFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    Judgments(file).keep(graded("d1"))
    file.close()
    old, opened = file.path.with_name("old"), os.open
    with closing(sqlite3.connect(old)) as connection:
        for statement in VERSIONS[0]:
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id={APPLICATION}")
        connection.execute("PRAGMA user_version=1")

    def protected(path: Path, flags: int, *mode: int) -> int:
        if flags & os.O_RDWR:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return opened(path, flags, *mode)

    monkeypatch.setattr("zsr_tui.judging.keeping.file.os.open", protected)
    for _ in range(2):
        assert grades(file) == {"d1": 1}
    with pytest.raises(Problem, match=r"cannot be written, so this was not kept \(Read-only file system\): allow it"):
        Judgments(file).keep(graded("d2"))
    assert grades(file) == {"d1": 1}
    with pytest.raises(Problem, match="is of an older version, and cannot be brought forward where it cannot be"):
        Judgments(KeptFile("demo", old)).page()
    monkeypatch.undo()
    assert Judgments(file).keep(graded("d2")).done


def test_each_model_has_a_judgment_of_its_own_and_the_last_one_counts(file: KeptFile) -> None:
    judgments = Judgments(file)
    one, other = (graded(grade=grade, source="model", who=who) for grade, who in ((1, "tiny"), (3, "large")))
    assert judgments.keep_all([one, other], {}, over="everything").kept == 2
    assert grades(file, "model") == {"d1": 3}
    assert {kept.judgment.who: kept.judgment.grade for kept in judgments.page().items} == {"tiny": 1, "large": 3}
    again = judgments.keep(graded(grade=2, source="model", who="tiny"), over=True)
    assert grades(file, "model") == {"d1": 2}
    assert judgments.all_grades("model") == {"7": {"d1": 2}}
    assert judgments.undo(again.revision).done
    assert grades(file, "model") == {"d1": 3}
    judgments.keep_all([graded(grade=0), graded(grade=2, who="ben")], {}, over="everything")
    assert grades(file) == {"d1": 2}  # of people one stands


def test_a_file_of_the_first_version_is_brought_forward_with_what_it_holds(file: KeptFile) -> None:
    file.path.parent.mkdir(parents=True)
    connection = sqlite3.connect(file.path)
    for statement in (*VERSIONS[0], f"PRAGMA application_id={APPLICATION}", "PRAGMA user_version=1"):
        connection.execute(statement)
    connection.execute("INSERT INTO about VALUES ('dataset', 'demo')")
    values = {
        "query": "id 7", "query_id": "7", "query_text": "a query", "doc_id": "d1", "title": "", "grade": 1,
        "source": "model", "who": "tiny", "at": "2026-11-27T09:00:00Z", "system": "", "why": "", "before": 0,
        "folded": "",
    }  # fmt: skip
    places = ", ".join(f":{name}" for name in values)
    connection.execute(f"INSERT INTO judgments ({', '.join(values)}) VALUES ({places})", values)
    connection.commit()
    connection.close()
    judgments = Judgments(file)
    assert grades(file, "model") == {"d1": 1}
    assert [each.judgment.given for each in judgments.page().items] == [1]
    judgments.keep_all([graded(grade=1, given=2, source="model", who="tiny")], {}, over="everything")
    assert [each.judgment.told for each in judgments.page().items] == ["1 (2 by the model)"]
    judgments.keep_all([graded(grade=2, source="model", who="large")], {}, over="everything")
    assert grades(file, "model") == {"d1": 2}
    assert file.rows("PRAGMA user_version")[0][0] == VERSION
