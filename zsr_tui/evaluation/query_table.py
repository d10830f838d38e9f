"""The table of queries: sorted by any column and filtered, 10,000 of them in milliseconds, without their rankings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from zsr_tui.domain import Problem
from zsr_tui.evaluation import agreement, breakdown, failures
from zsr_tui.evaluation.comparison import TIE
from zsr_tui.evaluation.failures import outcome_index
from zsr_tui.evaluation.reading import Reading, Readings
from zsr_tui.evaluation.results import Evaluation, Feature, Group
from zsr_tui.selection import QuerySelection

if TYPE_CHECKING:
    import numpy as np

JUDGED = "Judged@10"
AGREEMENTS = ("rbo", "jaccard", "tau_ap")
COLUMNS = (
    *("position", "qid", "text", "length", "relevant", "judged", JUDGED, "value", "difference", "abs", "documents"),
    *AGREEMENTS,
)


class QueryTable:
    """Arrays over the queries of an evaluation. What needs the rankings is computed once, when it is first asked for:
    agreements of a pair of systems, outcomes, and features. `rarity` as in `breakdown`; `tagged` gives the queries that
    each of the user's tags is on, as they are now."""

    def __init__(
        self,
        evaluation: Evaluation,
        rarity: breakdown.Rarity | None = None,
        tagged: Callable[[Evaluation], Mapping[str, Collection[int]]] = lambda _: {},
    ) -> None:
        self.evaluation = evaluation
        self._rarity, self._tagged = rarity, tagged
        self._readings = Readings()

    def unread(self, selection: QuerySelection, agreements: bool, seconds: float) -> int | None:
        """None where the rows can be told after `seconds` at most; otherwise of how many queries the rankings have been
        read so far: reading goes on as long as it is asked for again."""
        needed: list[Reading[Any]] = []
        if agreements or selection.sort in (*AGREEMENTS, "disagreement"):
            needed.append(self._agreement(selection.system, selection.baseline))
        if selection.outcome:
            needed.append(self._outcomes())
        if selection.feature:
            needed.append(self._features())
        waiting = [reading for reading in needed if not reading.ready(seconds / len(needed))]
        return min(reading.done for reading in waiting) if waiting else None

    def rows(self, selection: QuerySelection) -> np.ndarray:
        """The indexes of the queries that are asked for, in order. Raises `Problem` for an unknown column."""
        import numpy as np

        kept = np.flatnonzero(self._mask(selection))
        if selection.sort == "position":
            return kept[::-1] if selection.descending else kept
        keys = self._key(selection)[kept]
        # Unknown values come last in either direction, and equal ones stay in the dataset's order.
        known = ~np.isnan(keys)
        order = np.argsort(-keys[known] if selection.descending else keys[known], kind="stable")
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
                one, other = (self.evaluation.systems[each].final(lists.by_stage) for each in (system, baseline))
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
        others = {breakdown.TRUNCATION, breakdown.TAGS}
        return told and len({each.name for each in self.features()} - others) < breakdown.EVERYWHERE

    def features(self, again: bool = False) -> tuple[Feature, ...]:
        """Reads every ranking once; `again`: also after it was told, since corpora and indexes come and go."""
        if again:
            self._readings.forget("features")
        return (*breakdown.by_tag(self.evaluation, self._tagged(self.evaluation)), *self._features().result())

    def _features(self) -> Reading[tuple[Feature, ...]]:
        return self._readings.of("features", lambda read: breakdown.features(self.evaluation, self._rarity, read))

    @cached_property
    def counts(self) -> Mapping[str, np.ndarray]:
        """How many words, relevant and judged documents each query has: float64, by column."""
        import numpy as np

        counted = [(len(query.text.split()), query.relevant, query.judged) for query in self.evaluation.queries]
        table = np.array(counted, float).reshape(-1, 3)
        return dict(zip(("length", "relevant", "judged"), table.T, strict=True))

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

    def _mask(self, selection: QuerySelection) -> np.ndarray:
        import numpy as np

        mask = np.ones(len(self.evaluation.queries), bool)
        typed = selection.match.casefold().strip()
        if typed:
            mask &= np.array([typed in text for text in self._texts])
        for name, wanted in (("length", selection.length), ("relevant", selection.relevant)):
            if wanted:
                low, high = _range(wanted)
                mask &= (self.counts[name] >= low) & (self.counts[name] <= high)
        if selection.sign:
            difference = self.differences(selection.measure, selection.system, selection.baseline)
            mask &= {"win": difference > 0, "tie": difference == 0, "loss": difference < 0}[selection.sign]
        if selection.outcome:
            mask &= self.outcomes[selection.system, outcome_index(selection.outcome)] > 0
        if selection.feature:
            inside = np.zeros(len(mask), bool)
            inside[self._group(selection.feature, selection.group).queries] = True
            mask &= inside
        return mask

    def _group(self, feature: str, group: int) -> Group:
        known = self.features()
        found = next((each for each in known if each.name == feature), None)
        if found is None:
            names = ", ".join(each.name for each in known)
            raise Problem(f"queries cannot be grouped by {feature!r}: take one of {names}.", usage=True)
        if not 0 <= group < len(found.groups):
            raise Problem(f"there is no group {group} of {feature!r}: it has {len(found.groups)}.", usage=True)
        return found.groups[group]

    def _key(self, selection: QuerySelection) -> np.ndarray:
        import numpy as np

        name, _, number = selection.sort.partition(":")
        if name == "value":
            system = _index(number, len(self.evaluation.systems)) if number else selection.system
            return self.values(selection.measure)[system]
        if name in ("difference", "abs"):
            difference = self.differences(selection.measure, selection.system, selection.baseline)
            return np.abs(difference) if name == "abs" else difference
        if name == JUDGED:
            return self.values(JUDGED)[selection.system]
        if name in self.counts:
            return self.counts[name]
        if name in self._text_orders:
            return self._text_orders[name]
        if name == "documents" and selection.outcome:
            return self.outcomes[selection.system, outcome_index(selection.outcome)].astype(float)
        if name == "disagreement":
            return 1 - self.agreement(selection.system, selection.baseline)[0]
        if name in AGREEMENTS:
            return self.agreement(selection.system, selection.baseline)[AGREEMENTS.index(name)]
        raise Problem(f"queries cannot be sorted by {selection.sort!r}: take {', '.join(COLUMNS)}.", usage=True)


def _index(text: str, count: int) -> int:
    if not text.isdigit() or int(text) >= count:
        raise Problem(f"there is no system {text}: they are numbered from 0 to {count - 1}.", usage=True)
    return int(text)


def _range(text: str) -> tuple[int, int]:
    """ "3-8", "3-", "-8" or "3"."""
    low, dash, high = text.partition("-")
    try:
        return int(low or 0), int(high or 2**31) if dash else int(low)
    except ValueError:
        raise Problem(f"the range {text!r} is not understood: write it as 3-8.", usage=True) from None
