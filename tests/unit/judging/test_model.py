"""A model that judges, against a real server process that speaks OpenAI's interface."""

from __future__ import annotations

import uuid

import pytest

from zsr_tui.domain import Problem
from zsr_tui.judging.model import LONGEST, Asked, Judge, NoGrade, grade_of
from zsr_tui.progress import Cancelled, CancelToken
from zsr_tui.scoring.endpoints.chat import Chat

from .conftest import JudgeServer
from .judge_server import KEY, USAGE

QUERY = "how long does bread rise"


def passages(*said: str) -> tuple[str, list[Asked]]:
    """A text that only these passages hold, and what is asked."""
    mark = uuid.uuid4().hex
    return mark, [Asked(QUERY, f"{mark} Dough. [[{each}]]") for each in said]


@pytest.mark.parametrize(
    ("answer", "grade"),
    [
        ("final score: 0", 0),
        ("##final score: 3", 3),
        ("The passage matches.\n**Final score:** 2.", 2),
        ("final score: 1\nfinal score: 2", 2),
        ("final score = 2/3", 2),
        ("final score: 2 out of 3", 2),
        ("final score: 3.0", 3),
        ("2", 2),
        ("**1**", 1),
    ],
    ids=[
        "as asked for", "as UMBRELA has it", "behind a sentence", "the last of two", "of three", "out of three",
        "as a decimal", "alone", "alone and bold",
    ],
)  # fmt: skip
def test_a_grade_is_read_where_the_answer_says_one(answer: str, grade: int) -> None:
    assert grade_of(answer) == grade


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("", "with nothing"),
        ("   ", "with nothing"),
        ("I cannot judge this, but 3 sentences are about bread.", "without a grade: 'I cannot judge"),
        ("final score: 0-3", "without a grade"),
        ("final score: 2 or 3", "without a grade"),
        ("final score: 4 out of 5", "without a grade"),
        ("final score: high", "without a grade"),
        ("final score: 2.5", "'2.5', which is no whole number"),
        ("final score: 4", "with 4, which is not from 0 to 3"),
        ("final score: -1", "with -1, which is not from 0 to 3"),
        ("99999999999999999999", "not from 0 to 3"),
        ("<think>it could be 2, or final score: 1", "cut off in its thoughts"),
    ],
    ids=[
        "nothing", "blank", "prose", "the scale", "two grades", "of another scale", "a word", "half a grade",
        "too high", "negative", "huge", "thoughts",
    ],
)  # fmt: skip
def test_what_is_no_grade_is_none(answer: str, why: str) -> None:
    with pytest.raises(NoGrade, match=why):
        grade_of(answer)


def test_four_are_asked_at_once_whoever_got_no_answer_before(
    judge_server: JudgeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as impatient:
        impatient.setenv("ZSR_TUI_ENDPOINT_TIMEOUT", "0.2")
        list(Judge(Chat(judge_server.url, "tiny")).grades(passages("silent")[1], CancelToken()))
    mark, asked = passages(*["with three others: final score: 2"] * 8)
    judge = Judge(Chat(judge_server.url, "tiny"))
    assert [graded.grade for graded in judge.grades(asked, CancelToken())] == [2] * 8
    assert {each["at_once"] for each in judge_server.asked(mark)} == {4}


@pytest.fixture
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that what is answered first is what was asked first."""
    monkeypatch.setenv("ZSR_TUI_ENDPOINT_REQUESTS", "1")


@pytest.mark.usefixtures("one_at_a_time")
def test_failures_are_no_grades_and_cost_something(judge_server: JudgeServer) -> None:
    said = ["final score: 3", "once", "I would say it is good.", "", "final score: 7", "later", "hollow", "cut"]
    mark, asked = passages(*said, "final score: 0")
    asked.append(Asked(QUERY, f"[[final score: 2]] {mark} {'x' * LONGEST}"))
    judge = Judge(Chat(judge_server.url))
    assert judge.name == "org/judge"
    found = {graded.place: graded for graded in judge.grades(asked, CancelToken())}
    assert {place: graded.grade for place, graded in found.items()} == {
        0: 3, 1: 1, 2: None, 3: None, 4: None, 5: None, 6: None, 7: None, 8: 0, 9: 2,
    }  # fmt: skip
    sentences = {
        2: "answered without a grade",
        3: "answered with nothing",
        4: "answered with 7",
        5: "takes no more requests for now",
        6: "answered with no text",
        7: "its answer cut short",
    }
    assert {place: sentence for place, sentence in sentences.items() if sentence not in found[place].failure} == {}
    assert [(found[place].read, found[place].wrote) for place in (0, 4)] == [
        (USAGE["prompt_tokens"], USAGE["completion_tokens"])
    ] * 2  # what came to nothing cost something, too
    assert found[5].read is None
    assert [place for place, graded in found.items() if graded.cut] == [9]
    requests = judge_server.asked(mark)
    first = requests[0]["body"]
    assert (first["model"], first["temperature"]) == ("org/judge", 0)
    assert all(f"Query: {QUERY}" in each["body"]["messages"][1]["content"] for each in requests)


def test_an_answer_that_does_not_come_in_time_is_a_failure(
    judge_server: JudgeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZSR_TUI_ENDPOINT_TIMEOUT", "0.2")
    _, asked = passages("silent")
    judge = Judge(Chat(judge_server.url, "tiny"))
    (found,) = judge.grades(asked, CancelToken())
    assert (found.grade, found.silent) == (None, True)
    assert "gave no answer in 0.2 seconds" in found.failure


def test_a_server_that_takes_no_temperature_is_asked_without(judge_server: JudgeServer) -> None:
    mark, asked = passages("final score: 1", "final score: 2", "final score: 3")
    judge = Judge(Chat(judge_server.url, "strict"))
    found = {graded.place: graded.grade for graded in judge.grades(asked, CancelToken())}
    assert found == {0: 1, 1: 2, 2: 3}
    assert "temperature" not in judge_server.asked(mark)[-1]["body"]


@pytest.mark.parametrize("said", ["I am a poet.", "status 404"], ids=["prose", "no such model"])
def test_what_every_request_would_meet_ends_it_before_all_are_sent(judge_server: JudgeServer, said: str) -> None:
    mark, asked = passages(*[said] * 30)
    judge = Judge(Chat(judge_server.url, "tiny"))
    with pytest.raises(Problem, match=r"gave no grade 5 times in a row|does not know"):
        list(judge.grades(asked, CancelToken()))
    assert len(judge_server.asked(mark)) < 15


@pytest.mark.usefixtures("one_at_a_time")
def test_a_server_that_goes_away_ends_it_and_one_that_writes_prose_now_and_then_does_not(
    judge_server: JudgeServer,
) -> None:
    judge = Judge(Chat(judge_server.url, "tiny"))
    _, asked = passages("final score: 2", *["I am a poet."] * 12)
    assert len(list(judge.grades(asked, CancelToken()))) == 13
    _, asked = passages("final score: 2", *["later"] * 30)
    found = []
    with pytest.raises(Problem, match="what it graded before is kept"):
        found.extend(judge.grades(asked, CancelToken()))


def test_the_key_comes_from_the_environment_and_is_never_told(
    judge_server: JudgeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, asked = passages("final score: 2")
    monkeypatch.setenv("MY_KEY", "sk-wrong")
    judge = Judge(Chat(judge_server.url, "locked", "MY_KEY"))
    with pytest.raises(Problem, match="does not accept the key in MY_KEY") as refused:
        list(judge.grades(asked, CancelToken()))
    assert "sk-wrong" not in f"{refused.value} {refused.value.detail}"
    monkeypatch.setenv("MY_KEY", KEY)
    assert [graded.grade for graded in judge.grades(asked, CancelToken())] == [2]


def test_it_ends_when_it_is_not_wanted_any_more(judge_server: JudgeServer) -> None:
    mark, asked = passages("final score: 2", *["silent"] * 8)
    judge, cancel = Judge(Chat(judge_server.url, "tiny")), CancelToken()
    grades = judge.grades(asked, cancel)
    assert next(grades).grade == 2
    cancel.cancel()
    with pytest.raises(Cancelled):
        next(grades)
    assert len(judge_server.asked(mark)) <= 6
