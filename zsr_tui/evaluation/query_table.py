"""The table of queries: sorted by any column and filtered, 10,000 of them in milliseconds, without their rankings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from zsr_tui.domain import Problem
from zsr_tui.evaluation import agreement, breakdown, failures
from zsr_tui.evaluation.comparison import TIE
from zsr_tui.evaluation.failures import OUTCOMES, Outcome
from zsr_tui.evaluation.reading import Reading, Readings
from zsr_tui.evaluation.results import Evaluation

if TYPE_CHECKING:
    import numpy as np

JUDGED = "Judged@10"
AGREEMENTS = ("rbo", "jaccard", "tau_ap")
COLUMNS = (
    *("position", "qid", "text", "length", "relevant", "judged", JUDGED, "value", "difference", "abs", "documents"),
    *AGREEMENTS,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which queries, in which order. `system` and `baseline` are indexes; `measure` one of the evaluation's.

    `sort` is one of `COLUMNS`, "disagreement" (RBO, the least first when descending), or `value:N` for the value of
    system N; "documents" counts those with `outcome`. `sign` keeps queries that `system` wins, ties or loses against
    `baseline`; `outcome` those where `system` has a document with it; `feature` and `group` those of a group of a
    feature, see `breakdown.features`; lengths are in words. Ranges include both ends.
    """

    measure: str
    system: int
    baseline: int
    sort: str = "position"
    descending: bool = False
    match: str = ""
    sign: Literal["", "win", "tie", "loss"] = ""
    outcome: Outcome | None = None
    feature: str = ""
    group: int = 0
    length: tuple[int, int] | None = None
    relevant: tuple[int, int] | None = None


class QueryTable:
    """Arrays over the queries of an evaluation. What needs the rankings is computed once, when it is first asked for:
    agreements of a pair of systems, outcomes, and features. `rarity` as in `breakdown`."""

    def __init__(self, evaluation: Evaluation, rarity: breakdown.Rarity | None = None) -> None:
        self.evaluation = evaluation
        self._rarity = rarity
        self._readings = Readings()

    def unread(self, asked: Asked, agreements: bool, seconds: float) -> int | None:
        """None where the rows can be told after `seconds` at most; otherwise of how many queries the rankings have been
        read so far: reading goes on as long as it is asked for again."""
        needed: list[Reading[Any]] = []
        if agreements or asked.sort in (*AGREEMENTS, "disagreement"):
            needed.append(self._agreement(asked.system, asked.baseline))
        if asked.outcome is not None:
            needed.append(self._outcomes())
        if asked.feature:
            needed.append(self._features())
        waiting = [reading for reading in needed if not reading.ready(seconds / len(needed))]
        return min(reading.done for reading in waiting) if waiting else None

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
        return self._agreement(system, baseline).result()

    def _agreement(self, system: int, baseline: int) -> Reading[np.ndarray]:
        def work(read: Callable[[int], None]) -> np.ndarray:
            import numpy as np

            table = np.full((len(AGREEMENTS), len(self.evaluation.queries)), np.nan)
            for query in range(len(self.evaluation.queries)):
                lists = self.evaluation.lists(query)
                one, other = self.evaluation.final(lists, system), self.evaluation.final(lists, baseline)
                if one is not None and other is not None:
                    a, b = one.doc_ids[: agreement.DEPTH], other.doc_ids[: agreement.DEPTH]
                    table[:, query] = agreement.rbo(a, b), agreement.jaccard(a, b), agreement.tau_ap(a, b)
                read(query + 1)
            return table

        return self._readings.of(("agreement", system, baseline), work)

    @property
    def outcomes(self) -> np.ndarray:
        """int32 of shape (systems, outcomes, queries), see `failures.counts`. Reads every ranking once."""
        return self._outcomes().result()

    def _outcomes(self) -> Reading[np.ndarray]:
        return self._readings.of("outcomes", lambda read: failures.counts(self.evaluation, read))

    @property
    def lacks_features(self) -> bool:
        """Whether some could not be told, for want of the corpus or its index."""
        told = self._readings.known("features")
        return told and len({each.name for each in self.features()} - {breakdown.TRUNCATION}) < breakdown.EVERYWHERE

    def features(self, again: bool = False) -> tuple[breakdown.Feature, ...]:
        """Reads every ranking once; `again`: also after it was told, since corpora and indexes come and go."""
        if again:
            self._readings.forget("features")
        return self._features().result()

    def _features(self) -> Reading[tuple[breakdown.Feature, ...]]:
        return self._readings.of("features", lambda read: breakdown.features(self.evaluation, self._rarity, read))

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
        if asked.feature:
            inside = np.zeros(len(mask), bool)
            inside[self._group(asked.feature, asked.group).numbers] = True
            mask &= inside
        return mask

    def _group(self, feature: str, group: int) -> breakdown.Queries:
        known = self.features()
        found = next((each for each in known if each.name == feature), None)
        if found is None:
            names = ", ".join(each.name for each in known)
            raise Problem(f"queries cannot be grouped by {feature!r}: take one of {names}.", usage=True)
        if not 0 <= group < len(found.groups):
            raise Problem(f"there is no group {group} of {feature!r}: it has {len(found.groups)}.", usage=True)
        return found.groups[group]

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
        if name == "documents" and asked.outcome is not None:
            return self.outcomes[asked.system, OUTCOMES.index(asked.outcome)].astype(float)
        if name == "disagreement":
            return 1 - self.agreement(asked.system, asked.baseline)[0]
        if name in AGREEMENTS:
            return self.agreement(asked.system, asked.baseline)[AGREEMENTS.index(name)]
        raise Problem(f"queries cannot be sorted by {asked.sort!r}: take {', '.join(COLUMNS)}.", usage=True)


def _index(text: str, count: int) -> int:
    if not text.isdigit() or int(text) >= count:
        raise Problem(f"there is no system {text}: they are numbered from 0 to {count - 1}.", usage=True)
    return int(text)
