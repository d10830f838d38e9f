"""The table of queries: sorted by any column and filtered, 10,000 of them in milliseconds, without their rankings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from zsr_tui.domain import Problem
from zsr_tui.evaluation import agreement, failures
from zsr_tui.evaluation.comparison import TIE
from zsr_tui.evaluation.failures import OUTCOMES, Outcome
from zsr_tui.evaluation.results import Evaluation

if TYPE_CHECKING:
    import numpy as np

JUDGED = "Judged@10"
AGREEMENTS = ("rbo", "jaccard", "tau_ap")
COLUMNS = ("position", "qid", "text", "length", "relevant", "judged", JUDGED, "value", "difference", "abs", *AGREEMENTS)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which queries, in which order. `system` and `baseline` are indexes; `measure` one of the evaluation's.

    `sort` is one of `COLUMNS`, "disagreement" (RBO, the least first when descending), or `value:N` for the value of
    system N. `sign` keeps queries that `system` wins, ties or loses against `baseline`; `outcome` those where `system`
    has a document with it; lengths are in words. Ranges include both ends.
    """

    measure: str
    system: int
    baseline: int
    sort: str = "position"
    descending: bool = False
    match: str = ""
    sign: Literal["", "win", "tie", "loss"] = ""
    outcome: Outcome | None = None
    length: tuple[int, int] | None = None
    relevant: tuple[int, int] | None = None


class QueryTable:
    """Arrays over the queries of an evaluation. What needs the rankings is computed once, when it is first asked for:
    agreements of a pair of systems, and outcomes."""

    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation
        self._agreements: dict[tuple[int, int], np.ndarray] = {}

    def rows(self, asked: Asked) -> np.ndarray:
        """The indexes of the queries that are asked for, in order. Raises `Problem` for an unknown column."""
        import numpy as np

        kept = np.flatnonzero(self._mask(asked))
        if asked.sort == "position":
            return kept[::-1] if asked.descending else kept
        keys = self._key(asked)[kept]
        # Unknown values come last in either direction, and equal ones stay in the dataset's order.
        known = ~np.isnan(keys)
        order = np.argsort(-keys[known] if asked.descending else keys[known], kind="stable")
        return np.concatenate([kept[known][order], kept[~known]])

    def values(self, measure: str) -> np.ndarray:
        """float64 of shape (systems, queries). Raises `Problem` for a measure that was not computed."""
        if measure not in self.evaluation.measures:
            raise Problem(
                f"the evaluation has no {measure}: it has {', '.join(self.evaluation.measures)}.",
                usage=True,
            )
        return self.evaluation.values[:, self.evaluation.measures.index(measure), :]

    def differences(self, measure: str, system: int, baseline: int) -> np.ndarray:
        """float64 of shape (queries,); nan where one of the two has not run."""
        import numpy as np

        values = self.values(measure)
        difference = values[system] - values[baseline]
        return np.where(np.abs(difference) < TIE, 0.0, difference)

    def agreement(self, system: int, baseline: int) -> np.ndarray:
        """RBO, Jaccard@10 and tau-AP of the two lists: float64 of shape (3, queries). Reads every ranking once."""
        import numpy as np

        key = (system, baseline)
        if key not in self._agreements:
            table = np.full((len(AGREEMENTS), len(self.evaluation.queries)), np.nan)
            for query in range(len(self.evaluation.queries)):
                lists = self.evaluation.lists(query)
                one, other = self.evaluation.final(lists, system), self.evaluation.final(lists, baseline)
                if one is not None and other is not None:
                    a, b = one.doc_ids[: agreement.DEPTH], other.doc_ids[: agreement.DEPTH]
                    table[:, query] = agreement.rbo(a, b), agreement.jaccard(a, b), agreement.tau_ap(a, b)
            self._agreements[key] = table
        return self._agreements[key]

    @cached_property
    def outcomes(self) -> np.ndarray:
        """int32 of shape (systems, outcomes, queries), see `failures.counts`. Reads every ranking once."""
        return failures.counts(self.evaluation)

    @cached_property
    def lengths(self) -> np.ndarray:
        import numpy as np

        return np.array([len(query.text.split()) for query in self.evaluation.queries])

    @cached_property
    def _relevant(self) -> np.ndarray:
        import numpy as np

        return np.array([query.relevant for query in self.evaluation.queries])

    @cached_property
    def _texts(self) -> list[str]:
        return [f"{query.id} {query.text}".casefold() for query in self.evaluation.queries]

    @cached_property
    def _text_orders(self) -> Mapping[str, np.ndarray]:
        """Places in alphabetical order."""
        import numpy as np

        orders = {}
        for name, texts in (
            ("qid", [query.id for query in self.evaluation.queries]),
            ("text", [query.text.casefold() for query in self.evaluation.queries]),
        ):
            places = np.empty(len(texts))
            places[sorted(range(len(texts)), key=texts.__getitem__)] = np.arange(len(texts))
            orders[name] = places
        return orders

    def _mask(self, asked: Asked) -> np.ndarray:
        import numpy as np

        mask = np.ones(len(self.evaluation.queries), bool)
        typed = asked.match.casefold().strip()
        if typed:
            mask &= np.array([typed in text for text in self._texts])
        for wanted, values in ((asked.length, self.lengths), (asked.relevant, self._relevant)):
            if wanted is not None:
                mask &= (values >= wanted[0]) & (values <= wanted[1])
        if asked.sign:
            difference = self.differences(asked.measure, asked.system, asked.baseline)
            mask &= {"win": difference > 0, "tie": difference == 0, "loss": difference < 0}[asked.sign]
        if asked.outcome is not None:
            mask &= self.outcomes[asked.system, OUTCOMES.index(asked.outcome)] > 0
        return mask

    def _key(self, asked: Asked) -> np.ndarray:
        import numpy as np

        name, _, number = asked.sort.partition(":")
        if name == "value":
            return self.values(asked.measure)[_index(number, len(self.evaluation.systems)) if number else asked.system]
        if name in ("difference", "abs"):
            difference = self.differences(asked.measure, asked.system, asked.baseline)
            return np.abs(difference) if name == "abs" else difference
        if name == JUDGED:
            return self.values(JUDGED)[asked.system]
        if name == "length":
            return self.lengths.astype(float)
        if name == "relevant":
            return self._relevant.astype(float)
        if name == "judged":
            return np.array([query.judged for query in self.evaluation.queries], dtype=float)
        if name in self._text_orders:
            return self._text_orders[name]
        if name == "disagreement":
            return 1 - self.agreement(asked.system, asked.baseline)[0]
        if name in AGREEMENTS:
            return self.agreement(asked.system, asked.baseline)[AGREEMENTS.index(name)]
        raise Problem(f"queries cannot be sorted by {asked.sort!r}: take {', '.join(COLUMNS)}.", usage=True)


def _index(text: str, count: int) -> int:
    if not text.isdigit() or int(text) >= count:
        raise Problem(f"there is no system {text}: they are numbered from 0 to {count - 1}.", usage=True)
    return int(text)
