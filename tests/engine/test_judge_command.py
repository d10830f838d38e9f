"""zsr-tui judge and zsr-tui notes, from the command line to the file where things are kept, on the demo corpus."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.engine.in_process import instead_of_a_process
from tests.unit.judging.conftest import JudgeServer, judge_server
from zsr_tui.api.judging import Choice, Preference
from zsr_tui.commands import judge, judge_model, judge_one, merge, notes, parser
from zsr_tui.engine.app import create_app
from zsr_tui.engine.library import Library
from zsr_tui.judging.keeping import KeptFile, Preferences

__all__ = ["judge_server"]
DEMO = ("--dataset", "demo")
QUERY = "q-cooking-1"
Run = Callable[..., tuple[int, str, str]]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def run(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Exit code, output and messages of a command; what is refused is a message."""
    monkeypatch.setenv("ZSR_TUI_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("ZSR_TUI_WHO", "maria")
    for name in ("ADDRESS", "MODEL", "KEY_VARIABLE", "PRICE"):
        monkeypatch.delenv(f"ZSR_TUI_JUDGING_{name}", raising=False)
    monkeypatch.chdir(tmp_path)
    engine = instead_of_a_process(TestClient(create_app(library)))
    for module in (judge, judge_model, judge_one, merge, notes):
        monkeypatch.setattr(module, "with_engine", engine)

    def ran(*arguments: str) -> tuple[int, str, str]:
        from zsr_tui.domain import Problem

        try:
            code = parser.run([arguments[0], *DEMO, *arguments[1:]])
        except Problem as problem:
            print(problem.message, file=sys.stderr)
            code = problem.exit_code
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return ran


def anna(folder: Path) -> Path:
    """Three judgments: of a query of the dataset, and of one that was typed."""
    path = folder / "anna.csv"
    path.write_text(
        "query_id,query_text,doc_id,grade,who,when,why,system,rank\n"
        f"{QUERY},,cooking-20,2,anna,2026-11-27T10:00:00Z,it says so,bm25,4\n"
        f"{QUERY},,cooking-21,1,anna,2026-11-27T10:01:00Z,,bm25,5\n"
        ",how warm is warm water,cooking-05,1,anna,2026-11-27T10:02:00Z,,bm25,1\n"
    )
    return path


def ben(folder: Path) -> Path:
    path = folder / "ben.qrels"
    path.write_text(f"{QUERY} 0 cooking-20 0\n{QUERY} 0 cooking-21 1\n{QUERY} 0 cooking-22 2\n")
    return path


def test_what_is_imported_can_be_exported_again_with_who_when_and_why(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("judge", "--import", str(anna(tmp_path)))
    assert code == 0
    assert "kept: 3 new, 0 in place of others" in out
    code, out, err = run("judge", "--export", "-", "--format", "jsonl")
    head, *lines = map(json.loads, out.splitlines())
    assert (code, head["judgments"], head["dataset"]) == (0, 3, "demo")
    assert "wrote 3 judgments (3 own)" in err
    assert {
        "query_id": QUERY, "query_text": "what is sugar syrup cooked to 118 °C used for", "doc_id": "cooking-20",
        "grade": 2, "source": "own", "who": "anna", "when": "2026-11-27T10:00:00Z", "why": "it says so",
        "system": "bm25", "rank": 4, "given": None,
    } in lines  # fmt: skip
    code, _, err = run("judge", "--export", "all.qrels", "--source", "own+dataset")
    assert (code, "1 judgment of typed queries left out" in err) == (0, True)
    written = (tmp_path / "all.qrels").read_text().splitlines()
    assert f"{QUERY} 0 cooking-20 2" in written
    assert len({line.rsplit(" ", 1)[0] for line in written}) == len(written) > 387  # a grade for each pair
    code, _, err = run("judge", "--export", "all.qrels")
    assert (code, "all.qrels is there already" in err) == (2, True)
    code, _, err = run("judge", "--export", "/dev/null/all.qrels")
    assert (code, "the folder /dev/null does not exist" in err) == (2, True)
    code, out, _ = run("judge")
    assert code == 0
    assert "anna         a person" in out


def test_an_import_leaves_what_is_kept_and_says_so(run: Run, tmp_path: Path) -> None:
    run("judge", "--import", str(anna(tmp_path)))
    code, out, err = run("judge", "--import", str(anna(tmp_path)))
    assert (code, "kept" in out, "kappa" in out) == (0, False, False)  # nobody agrees with themselves
    assert "anna.csv: 3 judgments of the same person and moment stand here already, and count once" in err
    code, out, _ = run("judge", "--import", str(ben(tmp_path)), "--who", "Ben")
    assert code == 0
    assert "kept: 1 new, 0 in place of others" in out
    assert "1 conflict: yours stay (--prefer theirs" in out
    assert '"grade": 2, "source": "own", "who": "anna"' in run("judge", "--export", "-", "--format", "jsonl")[1]
    code, out, _ = run("judge", "--import", str(ben(tmp_path)), "--who", "Ben", "--prefer", "theirs")
    assert (code, "kept: 0 new, 1 in place of others" in out) == (0, True)
    assert f"{QUERY} 0 cooking-20 0" in run("judge", "--export", "-", "--format", "trec")[1]


def test_two_people_are_merged_and_conflicts_decided_one_by_one(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("judge", "--import", str(anna(tmp_path)))
    code, out, err = run("judge", "--merge", str(ben(tmp_path)))
    assert code == 1  # nobody decided
    assert "4 documents: 2 judged by one person, 1 by several alike, 1 in conflict" in out
    assert "anna and ben: 2 documents judged by both, 1 alike" in out
    assert "Of fewer than 30 documents kappa says next to nothing." in out
    assert "Krippendorff's alpha (ordinal) of the people, 2 documents:" in out
    assert (
        f"  {QUERY}  cooking-20  yours, anna 2; theirs (ben.qrels), ben 0  What the figure on the bag measures" in out
    )
    assert "1 conflict left open" in err
    monkeypatch.setattr(sys, "stdin", Terminal("9\n1\n"))
    shown = Terminal()
    monkeypatch.setattr(sys, "stdout", shown)
    code, _, err = run("judge", "--merge", str(ben(tmp_path)))
    assert code == 0
    assert f"1/1  {QUERY}  what is sugar syrup" in shown.getvalue()
    assert "2  yours, anna  2026-11-27 10:00 UTC  it says so" in shown.getvalue()
    assert "'9' is no grade from 0 to 2" in err
    assert "1 conflict decided (1 by another grade); none is left" in err
    monkeypatch.undo()


def test_judges_of_one_name_are_told_apart_in_every_line(run: Run, tmp_path: Path) -> None:
    run("judge", "--import", str(anna(tmp_path)))
    out = run("judge", "--merge", str(ben(tmp_path)), "--who", "anna")[1]
    assert "yours, anna and theirs (ben.qrels), anna: 2 documents judged by both, 1 alike" in out
    assert "yours, anna 2; theirs (ben.qrels), anna 0" in out
    (tmp_path / "other").mkdir()
    again = Path("other", "ben.qrels")
    again.write_text(f"{QUERY} 0 cooking-20 1\n")
    out = run("judge", "--merge", "ben.qrels", "--merge", str(again))[1]
    assert "ben.qrels, ben 0; other/ben.qrels, ben 1" in " ".join(out.split())


def test_a_conflict_is_asked_once_whoever_it_was_decided_for(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("judge", "--import", str(anna(tmp_path)))
    merging = ("judge", "--merge", str(ben(tmp_path)), "--who", "maria")
    code, _, err = run(*merging)
    assert (code, "ben.qrels: judged by maria, which is your name too: --who NAME" in err) == (1, True)

    def typed(text: str) -> tuple[int, str]:
        with monkeypatch.context() as typing:
            typing.setattr(sys, "stdin", Terminal(text))
            typing.setattr(sys, "stdout", Terminal())
            code, _, err = run(*merging)
        return code, err

    code, err = typed("s\n")
    assert (code, "0 conflicts decided; 1 left open: yours stand" in err, "run it in a terminal" in err) == (
        1,
        True,
        False,
    )
    code, err = typed("2\n")
    assert (code, "1 conflict decided (1 as yours); none is left" in err) == (0, True)
    code, _, err = run(*merging)
    assert (code, "1 conflict decided before, which stay so" in err) == (0, True)
    code, _, err = run(*merging, "--prefer", "theirs")
    assert (code, "1 conflict decided by --prefer theirs: yours in 0, theirs in 1" in err) == (0, True)
    run("judge", "--grade", "2", "--qid", QUERY, "--doc", "cooking-20", "--force")
    assert run(*merging)[0] == 1  # it is judged anew since
    assert "1 conflict decided by --prefer mine: yours in 1, theirs in 0" in run(*merging, "--prefer", "mine")[2]
    assert run(*merging)[0] == 0
    code, _, err = run("judge", "--export", "x.csv", "--who", "b")
    assert (code, "--who is for --import or --merge. Your own name is the setting `who`" in err) == (2, True)


def test_a_decision_of_ones_own_is_kept_and_two_files_are_merged_without_keeping(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("judge", "--import", str(anna(tmp_path)))
    with monkeypatch.context() as typing:
        typing.setattr(sys, "stdin", Terminal("1\n"))
        typing.setattr(sys, "stdout", Terminal())
        assert run("judge", "--merge", str(ben(tmp_path)))[0] == 0
    kept = run("judge", "--export", "-", "--format", "csv")[1]
    assert f"{QUERY},what is sugar syrup cooked to 118 °C used for,cooking-20,1,own,maria," in kept
    files = ("--merge", str(anna(tmp_path)), "--merge", str(ben(tmp_path)))
    code, out, _ = run("judge", *files, "--prefer", "higher", "--export", "both.tsv")
    assert (code, "kept:" in out) == (0, False)
    assert (tmp_path / "both.tsv").read_text() == (
        f"query-id\tcorpus-id\tscore\n{QUERY}\tcooking-20\t2\n{QUERY}\tcooking-21\t1\n{QUERY}\tcooking-22\t2\n"
    )
    assert run("judge", "--export", "-", "--format", "csv")[1] == kept


@pytest.mark.parametrize(
    ("text", "options", "sentence"),
    [
        ("nope 0 cooking-20 1\n", (), "names the query 'nope', which demo does not have"),
        (f"{QUERY} 0 cooking-20 3\n", (), "those of demo go from 0 to 2; nothing was taken from it; --grades"),
        (f"{QUERY} 0 cooking-20 1\n", ("--grades", "4"), "write --grades as in 4=3,-2=0"),
        (f"{QUERY} 0 cooking-20 1\n", ("--yes",), "--yes is for --model"),
        (f"{QUERY} 0 cooking-20 1\n", ("--model",), "are two things"),
    ],
    ids=["an unknown query", "another scale", "grades that say nothing", "an option of another action", "two actions"],
)
def test_what_cannot_be_imported_is_one_sentence_and_leaves_everything(
    run: Run, tmp_path: Path, text: str, options: tuple[str, ...], sentence: str
) -> None:
    path = tmp_path / "bad.qrels"
    path.write_text(text)
    code, out, err = run("judge", "--import", str(path), *options)
    assert code == 2
    assert sentence in err
    assert "Traceback" not in out + err
    assert run("judge", "--export", "-", "--format", "trec")[0] == 1  # nothing is kept


def test_a_model_is_held_against_people_before_it_judges_what_they_have_not(
    run: Run, judge_server: JudgeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZSR_TUI_JUDGING_PRICE", "1 / 10 EUR")
    server = ("--address", judge_server.url)
    wanted = ("--model", "by length", *server, "--check", "40", "--system", "bm25", "--k", "10", "--qid", QUERY)
    code, out, err = run("judge", *wanted)
    assert (code, out) == (1, "")
    assert "40 documents to be judged by by length" in err
    assert [each for each in judge_server.asked("") if each["body"]["model"] == "by length"] == []
    assert "add --yes to send them" in err
    code, out, err = run("judge", *wanted, "--yes")
    assert code == 0
    assert "people and by length: 40 documents judged by both" in out
    (matrix,) = (line for line in out.splitlines() if line.startswith("people ↓ by length →"))
    assert matrix.split()[-3:] == ["0", "1", "2"]
    assert out.index(matrix) < out.index("graded")
    assert (
        "The model's grades 0, 1, 2, 3 count here as 0, 0, 1, 2: the dataset's go to 2, and 2 or more of the model's "
        "is relevant. Its own are kept beside."
    ) in " ".join(out.split())
    assert "cost: 44 requests, 8,800 tokens read, 220 written, 0.0110 EUR" in out
    kept = [
        json.loads(line)
        for line in run("judge", "--export", "-", "--format", "jsonl", "--source", "model")[1].splitlines()
    ]
    assert len(kept) == 1 + 44
    assert {(each["source"], each["who"]) for each in kept[1:]} == {("model", "by length")}
    assert all(each["why"].startswith("UMBRELA prompt") for each in kept[1:])
    assert {(each["given"], each["grade"]) for each in kept[1:]} == {(0, 0), (1, 0), (2, 1), (3, 2)}
    three = next(each["doc_id"] for each in kept[1:] if each["given"] == 3)
    assert "grade of a model  2 (3 by the model) UMBRELA" in run("notes", "--kind", "judgment", "--doc", three)[1]
    pooled = [each for each in kept[1:] if each["system"]]
    assert {(each["query_id"], each["system"]) for each in pooled} == {(QUERY, "bm25")}
    code, out, _ = run("judge", *wanted, "--yes")
    assert "graded 0 documents" in out  # it has judged them before
    assert "people and by length: 40 documents judged by both" in out
    assert run("judge", "--model", "org/judge", *server, "--check", "40", "--yes")[0] == 0
    names = [line.split("  ")[0] for line in run("judge")[1].splitlines() if "a model" in line and "↓" not in line]
    assert names[:2] == ["by length", "org/judge"]  # both stand
    assert "judged by both" not in names[0]


def test_a_model_overwrites_no_human_and_its_failures_are_no_grades(
    run: Run, judge_server: JudgeServer, tmp_path: Path
) -> None:
    run("judge", "--import", str(anna(tmp_path)))
    own = run("judge", "--export", "-", "--format", "jsonl")[1]
    wanted = ("--address", judge_server.url, "--yes", "--check", "400")
    code, out, err = run("judge", "--model", "poet", *wanted, "--json")
    assert code == 1
    found = json.loads(out)
    assert (found["graded"], found["humans"]) == (0, None)
    assert {(each["grade"], each["failure"]) for each in found["judged"]} == {
        (None, "answered without a grade: 'The passage is a joy.'")
    }
    assert 5 <= found["failed"] <= 9  # the other 380 were not sent
    assert "gave no grade 5 times in a row" in err
    assert run("judge", "--export", "-", "--format", "jsonl")[1] == own
    assert run("judge", "--export", "-", "--format", "trec", "--source", "model")[0] == 1
    code, _, err = run("judge", "--model", "--check", "1")
    assert (code, "no server judges: set address in [judging]" in err) == (2, True)


def first_of_the_list(server: JudgeServer, model: str) -> tuple[str, ...]:
    """What has a model judge that document alone, held against nobody."""
    return ("--model", model, "--address", server.url, *"--system bm25 --k 1 --check 0 --yes".split())


def test_what_somebody_has_judged_is_not_sent_however_the_query_was_typed(run: Run, judge_server: JudgeServer) -> None:
    typed = "how warm is warm water"
    (first,) = json.loads(run("judge", *first_of_the_list(judge_server, "by length"), "--query", typed, "--json")[1])[
        "judged"
    ]
    assert run("judge", "--query", typed, "--doc", first["doc_id"], "--grade", "1")[0] == 0
    code, out, err = run("judge", *first_of_the_list(judge_server, "org/judge"), "--query", "How  WARM is warm water")
    assert (code, "graded 0 documents" in out) == (0, True)
    assert "nothing stands unjudged in the first 1 of the lists" in err


def test_a_listed_query_that_the_dataset_lacks_is_named(run: Run, judge_server: JudgeServer, tmp_path: Path) -> None:
    ids = tmp_path / "ids.txt"
    asked = ("judge", *first_of_the_list(judge_server, "by length"), "--subset", f"ids:{ids}")
    ids.write_text(f"nope\n{QUERY}\nneither\n")
    code, _, err = run(*asked)
    assert (code, "2 listed query ids are no query of demo: left out (nope, neither)" in err) == (0, True)
    ids.write_text("nope\n")
    code, _, err = run(*asked)
    assert (code, "left out (nope)" in err, "no query of demo is meant" in err) == (2, True, True)


def test_notes_are_added_found_and_taken_away(run: Run) -> None:
    about = ("--qid", QUERY, "--doc", "cooking-05")
    assert run("notes", *about, "--note", "Über another sense", "--tag", "wrong sense", "--bookmark")[0] == 0
    code, _, err = run("notes", *about, "--note", "or not")
    assert (code, "which stays (--force replaces it): Über another sense" in err) == (1, True)
    out = run("notes", "--find", "UBER sense")[1]
    assert "maria  note  Über another sense" in out
    assert f"    query {QUERY} what is sugar syrup" in out
    assert "    document cooking-05 " in out
    assert run("notes", "--tags")[1].splitlines()[1].split() == ["wrong", "sense", "1", "1"]
    assert run("notes", *about, "--tag", "wrong sense", "--remove")[0] == 0
    found = json.loads(run("notes", "--doc", "cooking-05", "--json")[1])
    assert sorted(each["remark"]["kind"] for each in found) == ["bookmark", "note"]
    for wrong, sentence in (
        (("--qid", "nope", "--tag", "x"), "demo has no query 'nope'"),
        (("--doc", "nope", "--tag", "x"), "demo has no document 'nope'"),
        (("--tag", "x"), "Say what it is about"),
        (("--remove",), "are for a --note"),
    ):
        code, _, err = run("notes", *wrong)
        assert (code, sentence in err) == (2, True), err


def test_another_scale_and_what_the_dataset_lacks_are_taken_as_the_user_says(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "other.qrels"
    path.write_text(f"{QUERY} 0 cooking-20 4\n{QUERY} 0 cooking-21 -2\nnope 0 cooking-20 1\n")
    code, _, err = run("judge", "--import", str(path), "--grades", "4=2,-2=0", "--skip-unknown")
    assert (code, "1 judgment left out, of queries that demo does not have" in err) == (0, True)
    written = run("judge", "--export", "-", "--format", "trec")[1]
    assert written == f"{QUERY} 0 cooking-20 2\n{QUERY} 0 cooking-21 0\n"


def test_of_two_people_in_one_file_none_is_preferred_unasked(run: Run, tmp_path: Path) -> None:
    both = tmp_path / "both.csv"
    both.write_text(f"query_id,doc_id,grade,who\n{QUERY},cooking-20,1,anna\n{QUERY},cooking-20,2,ben\n")
    code, out, err = run("judge", "--import", str(both))
    assert (code, "1 conflict left open" in err) == (1, True)
    assert f"{QUERY}  cooking-20  both.csv, anna 1; both.csv, ben 2" in out
    assert run("judge", "--import", str(both), "--prefer", "theirs")[0] == 0
    assert f"{QUERY} 0 cooking-20 2" in run("judge", "--export", "-", "--format", "trec")[1]


def test_who_wins_of_the_lists_without_names_is_printed(run: Run) -> None:
    code, out, _ = run("judge", "--preferences")
    assert (code, out.strip()) == (
        0, "No lists of demo were compared without names yet: V in the application does.",
    )  # fmt: skip
    kept = Preferences(KeptFile("demo"))
    for number in range(6):
        choice: Choice = "tie" if number == 5 else "left"
        kept.keep(Preference(query_text=f"query {number}", left="dense(m)", right="bm25", choice=choice, who="maria"))
    code, out, _ = run("judge", "--preferences")
    assert code == 0
    assert out.splitlines()[1].split() == [
        *("dense(m)", "bm25", "5", "1", "0", "0.917", "0.517", "to", "0.991", "0.0625")
    ]  # fmt: skip
    code, out, _ = run("judge", "--preferences", "--json")
    assert [(each["first"], each["wins"], each["ties"]) for each in json.loads(out)] == [("dense(m)", 5, 1)]
    code, _, err = run("judge", "--preferences", "--clear")
    assert code == 2
    assert "are two things" in err


def test_one_judgment_is_kept_changed_and_cleared(run: Run) -> None:
    about = ("--qid", QUERY, "--doc", "cooking-20")
    assert run("judge", *about, "--grade", "2")[0] == 0
    assert f"{QUERY} 0 cooking-20 2" in run("judge", "--export", "-", "--format", "trec")[1]
    assert run("judge", *about, "--grade", "1")[0] == 0  # one's own
    assert run("judge", "--query", "typed freely", "--doc", "cooking-20", "--grade", "0")[0] == 0
    out = run("judge", "--export", "-", "--format", "csv")[1]
    assert f"{QUERY},what is sugar syrup cooked to 118 °C used for,cooking-20,1,own,maria," in out
    assert ",typed freely,cooking-20,0,own,maria," in out
    assert run("judge", *about, "--clear")[0] == 0
    assert f"{QUERY} 0" not in run("judge", "--export", "-", "--format", "trec")[1]
    for wrong, sentence in (
        ((*about, "--grade", "3"), "the grades of demo go from 0 to 2"),
        (("--qid", "nope", "--doc", "cooking-20", "--grade", "1"), "demo has no query 'nope'"),
        (("--qid", QUERY, "--doc", "nope", "--grade", "1"), "demo has no document 'nope'"),
        (("--grade", "1"), "--grade and --clear need a --doc, and a --qid or a --query"),
        ((*about, "--grade", "1", "--clear"), "are two things"),
        (about, "--doc is for --grade or --clear"),
    ):
        code, _, err = run("judge", *wrong)
        assert (code, sentence in err) == (2, True), err
