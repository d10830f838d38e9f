"""Judgments of several sources as one."""

from __future__ import annotations

import pytest

from zsr_tui.api.judging import parse_sources
from zsr_tui.domain import Problem
from zsr_tui.judging.union import unite

SOURCES = {"dataset": {"a": 1, "b": 0}, "own": {"b": 2, "c": 0}, "model": {"a": 3, "c": 0, "d": 1}}


def test_the_first_by_precedence_counts_and_contradictions_are_counted() -> None:
    united = unite(SOURCES, ("own", "dataset", "model"))  # type: ignore[arg-type]
    assert united.grades == {"b": 2, "c": 0, "a": 1, "d": 1}
    assert united.counts() == {"own": 2, "dataset": 1, "model": 1}
    assert united.counts(["a", "d", "unjudged"]) == {"dataset": 1, "model": 1}
    assert united.differ == 2  # a and b
    other = unite(SOURCES, ("dataset", "own"))  # type: ignore[arg-type]
    assert other.grades == {"a": 1, "b": 0, "c": 0}
    assert unite({}, ("own",)).grades == {}


def test_a_union_is_written_with_plus_signs() -> None:
    assert parse_sources("own + dataset") == ("own", "dataset")
    for wrong, sentence in (("mine", "there are no judgments of 'mine'"), ("own+own", "names a source twice")):
        with pytest.raises(Problem, match=sentence):
            parse_sources(wrong)
