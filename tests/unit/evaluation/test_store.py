"""A stored evaluation survives kills, full disks and damage, and says what it cannot read."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import threading
from pathlib import Path

import msgspec
import numpy as np
import pytest

from tests.unit.evaluation.made_up import SYSTEMS, append, measured, numbered, queries, ranked, spec, stored
from tests.waiting import DEADLINE
from zsr_tui.domain import Problem
from zsr_tui.evaluation import folder, logs, store
from zsr_tui.evaluation.comparison import summary
from zsr_tui.evaluation.report.contents import Contents
from zsr_tui.evaluation.report.tables import difference_tables, summary_table
from zsr_tui.evaluation.report.writing import FORMATS
from zsr_tui.evaluation.stored import Stored
from zsr_tui.progress import CancelToken, Progress, ignore_progress

LISTS = {0: ranked("d1", "d2", "d3"), 1: ranked("d2", "d9"), 2: ranked("d3", "d1", "d2", cut=["d3"])}


def three_queries() -> Stored:
    return stored([{"d1": 1}, {"d2": 2, "d5": 0}, {"d9": 1}], [LISTS, LISTS, LISTS])


def test_what_was_stored_is_read_back() -> None:
    three_queries()
    found = store.find("e1")
    lists = found.lists(1)
    assert lists.judgments == {"d2": 2, "d5": 0}
    assert lists.by_stage[2].doc_ids == ("d3", "d1", "d2")
    assert lists.by_stage[2].cut == {"d3"}
    assert lists.by_stage[1].scores.tolist() == [2.0, 1.0]
    evaluation = found.evaluation()
    assert evaluation.complete
    assert evaluation.values.shape == (3, 3, 3)
    assert evaluation.values[1, 0].tolist() == pytest.approx([0.0, 1.0, 0.6309297535714575])
    assert [query.relevant for query in evaluation.queries] == [1, 1, 1]


@pytest.mark.parametrize("name", ["lists.log", "values-*.log"])
def test_a_kill_in_the_middle_of_a_write_costs_the_query_that_was_written(name: str) -> None:
    one = three_queries()
    (path,) = one.folder.glob(name)
    whole = path.read_bytes()
    for lost in (1, 7, 40):
        path.write_bytes(whole[:-lost])
        again = store.find("e1")
        if name == "lists.log":
            assert again.lists(2).by_stage == {}
        else:
            assert np.isnan(again.records()["ms"][2]).all()
        assert again.lists(1).by_stage[0].doc_ids == ("d1", "d2", "d3")
        append(again, 2, LISTS)
        mended = store.find("e1").evaluation()
        assert mended.complete
        assert mended.lists(2).by_stage[0].doc_ids == ("d1", "d2", "d3")
        path.write_bytes(whole)


def test_a_torn_record_of_the_right_length_is_not_believed() -> None:
    one = three_queries()
    whole = one.values_path.read_bytes()
    one.values_path.write_bytes(whole[:-40] + bytes(40))  # as after a power cut: the length is there, the data not
    damaged = bytearray(whole)
    damaged[-len(whole) // 3 + 8] ^= 0xFF
    one.values_path.write_bytes(bytes(damaged))
    assert np.isnan(store.find("e1").records()["ms"][2]).all()


@pytest.mark.parametrize("place", [0, 7, 15, 30], ids=["a length", "a query", "a header", "a list"])
def test_damage_in_the_middle_costs_one_query_which_is_run_again(place: int) -> None:
    one = three_queries()
    path = one.folder / "lists.log"
    data = bytearray(path.read_bytes())
    data[len(data) // 3 + place] ^= 0x10
    path.write_bytes(bytes(data))
    again = store.find("e1")
    for query in (0, 2):
        assert again.lists(query).by_stage[0].doc_ids == ("d1", "d2", "d3")
    if place == 30:
        with pytest.raises(Problem, match=r"is damaged at byte \d+: start the same evaluation"):
            again.lists(1)
    assert again.damaged() == ({1}, 0)
    with again.writing(ignore_progress, CancelToken()):
        assert again.mend() == ""  # who runs it has looked already
    assert again.mend() == "stored results of 1 query were damaged on the disk: they are computed again."
    assert np.isnan(again.records()["ms"][1]).all()
    append(again, 1, LISTS)
    assert again.lists(1).by_stage[0].doc_ids == ("d1", "d2", "d3")  # whoever had the old file open, too
    mended = store.find("e1")
    assert mended.evaluation().complete
    assert (mended.damaged(), mended.mend()) == ((set(), 0), "")


def test_a_lost_record_of_a_system_that_was_added_later_is_missed() -> None:
    one = store.create(spec(), queries({"d1": 1}, {"d2": 1}))
    for query in (0, 1):
        append(one, query, {0: LISTS[0], 1: LISTS[1]})
    before = (one.folder / "lists.log").stat().st_size
    for query in (0, 1):
        append(one, query, {2: LISTS[2]})
    data = bytearray((one.folder / "lists.log").read_bytes())
    data[before] ^= 1
    (one.folder / "lists.log").write_bytes(bytes(data))
    assert store.find("e1").damaged() == ({0}, 0)


def test_no_flipped_bit_of_the_values_is_believed() -> None:
    one = three_queries()
    whole, sound = one.values_path.read_bytes(), one.records()
    for bit in range(0, 8 * len(whole), 7):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        one.values_path.write_bytes(bytes(damaged))
        query = bit // 8 * 3 // len(whole)
        found = store.find("e1")
        assert np.isnan(found.records()["ms"][query]).all(), bit
        others = [other for other in range(3) if other != query]
        assert found.records()[others].tobytes() == sound[others].tobytes()
    assert found.damaged() == (set(), 0)  # the last record: a kill leaves that
    damaged = bytearray(whole)
    damaged[20] ^= 1
    one.values_path.write_bytes(bytes(damaged))
    again = store.find("e1")
    assert again.damaged() == (set(), 1)
    assert "of 1 query were damaged" in again.mend()
    assert [query for query in range(3) if not np.isnan(again.records()["ms"][query]).all()] == [1, 2]


def test_a_full_disk_is_one_sentence_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    one = stored([{"d1": 1}, {"d2": 1}], [LISTS])
    real, calls = os.fsync, []

    def full(handle: int) -> None:
        if threading.current_thread() is threading.main_thread():  # and not another test's
            calls.append(handle)
            if len(calls) == 1:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(handle)

    monkeypatch.setattr(logs.os, "fsync", full)
    with pytest.raises(Problem, match="does not fit on the disk") as failure:
        append(one, 1, LISTS)
    assert "\n" not in failure.value.message
    assert "goes on where it stopped" in failure.value.message
    after = store.find("e1")
    assert after.listing().done == 1
    append(after, 1, LISTS)
    assert store.find("e1").evaluation().complete


def test_a_system_that_is_run_later_is_added_to_what_is_there() -> None:
    one = store.create(spec(), queries({"d1": 1}))
    append(one, 0, {0: LISTS[0], 1: LISTS[1]}, ms=5.0)
    assert store.find("e1").listing().done == 0
    append(store.find("e1"), 0, {2: LISTS[2]}, ms=7.0)
    found = store.find("e1")
    assert found.records()["ms"].tolist() == [[5.0, 5.0, 7.0]]
    assert sorted(found.lists(0).by_stage) == [0, 1, 2]
    assert found.evaluation().complete


def test_other_measures_are_computed_from_the_lists_and_the_old_ones_stay() -> None:
    one = three_queries()
    before = one.evaluation()
    wider = measured(store.find("e1"), "AP", "nDCG@10", "R@5")
    assert wider.spec.measures == ("nDCG@10", "RR@10", "Judged@10", "AP", "R@5")
    after = store.find("e1").evaluation()
    np.testing.assert_array_equal(after.values[:, :3], before.values)
    assert after.values[0, 3].tolist() == pytest.approx([1.0, 0.5, 0.0])
    assert after.systems[0].cost == before.systems[0].cost
    np.testing.assert_array_equal(one.evaluation().values, before.values)  # whoever has it open still reads it
    measured(one, "R@2")
    measured(one)
    assert list(one.folder.glob("values-*.log")) == [one.values_path]
    assert one.spec.measures == (*wider.spec.measures, "R@2")


def test_a_measure_that_looks_deeper_than_the_lists_of_a_system_go_has_no_value_of_it_anywhere() -> None:
    one = store.create(
        spec(measures=("nDCG@10", "R@20", "R@100"), systems=SYSTEMS), queries(*[{"d3": 1, "d50": 1}] * 2)
    )
    for number in range(2):
        append(one, number, {0: ranked(*numbered(60)), 1: ranked("d3"), 2: ranked(*numbered(20))})
    read = store.find("e1").evaluation()
    assert np.isnan(read.values[2, 2]).all()
    assert (read.values[0, 2] == 1).all()
    assert (read.values[2, 1] == 0.5).all()
    said = "bm25 % 20 >> r has no R@100: its lists have 20 documents."
    assert [note for note in summary(read).notes if "R@100" in note] == [said]
    contents = Contents(read)
    assert [row[4].text for row in summary_table(contents).rows] == ["1.0000", "0.5000", "–"]
    assert [each.title for each in difference_tables(contents) if "R@100" in each.title and len(each.rows) == 1]
    assert json.loads(FORMATS[".json"](contents))["notes"].count(said) == 1


def test_a_kill_before_the_new_measures_are_named_leaves_the_old_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    one = three_queries()

    def killed(path: Path, data: bytes) -> None:
        if path.name == "spec.json":
            raise KeyboardInterrupt
        path.write_bytes(data)

    monkeypatch.setattr(folder, "write_whole", killed)
    with pytest.raises(KeyboardInterrupt):
        measured(one, "AP")
    again = store.find("e1")
    assert again.spec.measures == one.spec.measures
    assert again.evaluation().complete


def test_measures_that_another_program_adds_wait_for_who_writes_and_lose_nothing() -> None:
    one = store.create(spec(), queries({"d1": 1}, {"d2": 1}))
    beside, told = store.find("e1"), threading.Event()

    def waiting(progress: Progress) -> None:
        assert progress.task == "Waiting for another program that runs the evaluation e1"
        told.set()

    def add() -> None:
        with beside.writing(waiting, CancelToken(), ["AP"]):
            pass

    thread = threading.Thread(target=add)
    with one.writing(ignore_progress, CancelToken()) as writer:
        thread.start()
        assert told.wait(DEADLINE)
        for query in (0, 1):
            records = logs.new_values(3, 3, [query])
            records["ms"], records["values"] = 5.0, one.measured([LISTS], [query])
            writer.append([query], [LISTS], records)
        assert one.evaluation().complete
    thread.join(DEADLINE)
    assert one.evaluation().complete  # as it was asked
    found = store.find("e1")
    assert found.spec.measures == (*one.spec.measures, "AP")
    assert found.evaluation().complete
    append(one, 0, LISTS)  # whoever goes on writes into what is there now
    assert store.find("e1").evaluation().complete
    assert one.spec == found.spec


def test_what_another_program_writes_is_not_deleted_and_what_was_deleted_is_not_gone_on_with() -> None:
    one = three_queries()
    beside = store.find("e1")
    with one.writing(ignore_progress, CancelToken()):
        with pytest.raises(Problem, match="e1 is running in another program: stop it there"):
            store.delete("e1")
    assert store.find("e1").evaluation().complete
    store.delete("e1")
    assert not one.folder.exists()
    with (
        pytest.raises(Problem, match="e1 was deleted by another program: run the same command again"),
        beside.writing(ignore_progress, CancelToken()),
    ):
        pass


def test_ids_change_with_whatever_the_evaluation_is() -> None:
    key = {"corpora": {"a": "1"}, "systems": [("bm25", {})], "depth": 1000}
    ids = {store.evaluation_id(key), *(store.evaluation_id({**key, name: "x"}) for name in key)}
    assert len(ids) == 4
    assert store.evaluation_id(dict(reversed(list(key.items())))) == store.evaluation_id(key)


def test_evaluations_are_listed_newest_first_and_deleted() -> None:
    stored([{"d1": 1}], [LISTS], "old")
    made = dataclasses.replace(spec().provenance, date="2027-01-01T00:00:00+00:00")
    newer = msgspec.structs.replace(spec("new"), provenance=made)
    store.create(newer, queries({"d1": 1}))
    assert [one.spec.id for one in store.stored()] == ["new", "old"]
    assert [one.listing().complete for one in store.stored()] == [False, True]
    store.delete("old")
    assert [one.spec.id for one in store.stored()] == ["new"]
    with pytest.raises(Problem, match="no stored evaluation 'old'"):
        store.find("old")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("../../etc", id="parents"),
        pytest.param("", id="nothing"),
        pytest.param("nosuch", id="unknown"),
        pytest.param("a/b", id="folder"),
    ],
)
def test_only_evaluations_are_found_or_deleted(name: str) -> None:
    for what in (store.find, store.delete):
        with pytest.raises(Problem, match="no stored evaluation"):
            what(name)


def test_an_unreadable_evaluation_is_said_so_and_hides_no_other() -> None:
    stored([{"d1": 1}], [LISTS], "good")
    bad = stored([{"d1": 1}], [LISTS], "bad")
    (bad.folder / "spec.json").write_text("{")
    with pytest.raises(Problem, match="delete the evaluation bad"):
        store.find("bad")
    assert [one.spec.id for one in store.stored()] == ["good"]


@pytest.mark.parametrize("name", ["spec.json", "queries.json"])
def test_no_flipped_bit_of_a_description_or_of_judgments_is_believed(name: str) -> None:
    one = three_queries()
    measured(one, "AP")
    place = one.folder / name
    whole, refused = place.read_bytes(), 0
    for bit in range(0, 8 * len(whole), 5):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        place.write_bytes(damaged)
        try:
            found = store.find("e1")
        except Problem as problem:
            refused += problem.message.startswith(f"{place} is damaged")
        else:  # in what says that the digest follows
            assert (found.spec, found.queries) == (one.spec, one.queries), bit
    assert refused > 8 * len(whole) // 5 * 0.97


@pytest.mark.parametrize("name", ["failed.json", "told.json"])
def test_a_damaged_file_of_one_evaluation_hides_no_other(name: str) -> None:
    stored([{"d1": 1}], [LISTS], "good")
    bad = stored([{"d1": 1}], [LISTS], "bad")
    (bad.folder / name).write_bytes(b"{")
    assert [one.listing().spec.id for one in store.stored()] == ["good"]
    with pytest.raises(Problem, match=f"{name} is damaged or of another version: delete the evaluation bad"):
        store.find("bad")


def test_an_evaluation_that_was_stored_without_digests_is_read_and_gone_on_with() -> None:
    one = three_queries()
    before = msgspec.json.encode(msgspec.structs.replace(one.spec, queries_digest=""))
    (one.folder / "spec.json").write_bytes(before.replace(b',"queries_digest":""', b""))
    found = measured(store.find("e1"), "AP")
    assert found.evaluation().complete
    assert store.find("e1").evaluation().measures == (*one.spec.measures, "AP")


def test_ten_thousand_queries_of_ten_systems_open_in_the_blink_of_an_eye() -> None:
    """The size of the values alone; benchmarks/evaluation.py times them."""
    record = logs.values_dtype(10, 6).itemsize
    assert record * 10_000 < 20_000_000
    assert len(logs.encode_lists(0, {stage: ranked(*numbered(1000)) for stage in range(10)})) < 150_000


def test_lists_that_are_read_while_more_are_found_are_those_that_were_there(tmp_path: Path) -> None:
    """As another reader looks again after an evaluation has got one more system."""
    place = tmp_path / "lists.log"
    place.write_bytes(logs.encode_lists(0, {0: ranked(*numbered(1000))}))
    log = logs.ListsLog(place)
    log.refresh()
    reading = log._records(0)
    first = next(reading)
    with place.open("ab") as file:
        file.write(logs.encode_lists(0, {1: ranked(*numbered(1000))}))
    log.refresh()
    assert [first, *reading] == [first]
    assert set(log.read(0)) == {0, 1}
