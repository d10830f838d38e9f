"""A stored evaluation over other judgments than those that it was made with: nothing is run again, and nothing is
written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from zsr_tui.evaluation.results import Evaluation
from zsr_tui.evaluation.stored import Stored

if TYPE_CHECKING:
    import numpy as np

_AT_ONCE = 200  # queries


class Rejudged(Stored):
    """`judgments` has those of the queries whose judgments are others, by the query's index; a query that has none
    left has no value. `note` says whose they are."""

    def __init__(self, stored: Stored, judgments: Mapping[int, dict[str, int]], note: str) -> None:
        self.folder, self._lists = stored.folder, stored._lists
        self.spec = msgspec.structs.replace(stored.spec, notes=(*stored.spec.notes, note))
        self.queries = [
            msgspec.structs.replace(query, judgments=judgments[index]) if index in judgments else query
            for index, query in enumerate(stored.queries)
        ]
        self._changed = sorted(judgments)

    def evaluation(self, *given: Any, **named: Any) -> Evaluation:
        return replace(super().evaluation(*given, **named), rejudged=bool(self._changed))

    def records(self) -> np.ndarray:
        import numpy as np

        records = super().records().copy()
        ran = (~np.isnan(records["ms"])).any(axis=1)
        changed = [query for query in self._changed if ran[query]]
        for start in range(0, len(changed), _AT_ONCE):
            some = changed[start : start + _AT_ONCE]
            records["values"][some] = self.measured((self.lists(query).by_stage for query in some), some)
        records["values"][[query for query in changed if not self.queries[query].judgments]] = np.nan
        return records
