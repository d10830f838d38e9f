"""One stored evaluation: what its folder holds, read and written.

    spec.json      what is evaluated: `zsr_tui.evaluation.folder.Spec`; the last of a new folder
    queries.json   the queries with their judgments, so that a stored evaluation needs no corpus
    lists.log      what every stage returned, see `zsr_tui.evaluation.logs`
    values-*.log   what it is worth, by the measures that it holds
    failed.json    why systems could not finish, where some could not
    told.json      what the lists of other engines were like, where it has some

Measures are not part of what an evaluation is: they are computed from the lists when they are first asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from zsr_tui import numerals
from zsr_tui.domain import Doc, Problem, relevant_docs
from zsr_tui.evaluation import bounds, logs
from zsr_tui.evaluation.folder import Spec, Told, disk, read, read_queries, read_spec, write_spec
from zsr_tui.evaluation.logs import Appender, ListsLog
from zsr_tui.evaluation.measures import Graded, leaves_out, measure_lists, no_values
from zsr_tui.evaluation.naming import parse_measures
from zsr_tui.evaluation.reach import reaches
from zsr_tui.evaluation.results import (
    Cost,
    Evaluation,
    QueryLists,
    QueryStandings,
    RankedList,
)
from zsr_tui.files import locked, locked_now, write_whole
from zsr_tui.progress import CancelToken, Report
from zsr_tui.text import Finder

if TYPE_CHECKING:
    import numpy as np

_MEASURED_AT_ONCE = 200  # queries, where measures are computed after the run


@dataclass(frozen=True, slots=True)
class Listing:
    """A stored evaluation in a list of them; `done` of `queries` have been run through every system that has not
    failed."""

    spec: Spec
    queries: int
    done: int
    failed: Mapping[int, str]
    bytes: int

    @property
    def complete(self) -> bool:
        return self.done == self.queries and not self.failed


class Stored:
    """A folder of the store. Reading is safe beside a writer; `writing` lets one writer in at a time."""

    def __init__(self, folder: Path) -> None:
        """Raises `Problem` where there is no evaluation in the folder, or one that cannot be read."""
        self.folder = folder
        self.spec = read_spec(folder)
        self.queries = read_queries(folder, self.spec)
        _ = self.failed, self.told  # they can be read, too
        self._lists = ListsLog(folder / "lists.log")

    @property
    def values_path(self) -> Path:
        digest = hashlib.sha256("\n".join(self.spec.measures).encode()).hexdigest()[:8]
        return self.folder / f"values-{digest}.log"

    @property
    def failed(self) -> dict[int, str]:
        """Why systems could not finish, by system."""
        path = self.folder / "failed.json"
        return read(path, dict[int, str]) if path.exists() else {}

    def set_failed(self, failed: Mapping[int, str]) -> None:
        with disk(self.folder):
            write_whole(self.folder / "failed.json", msgspec.json.encode(dict(failed)))

    @property
    def told(self) -> Told:
        path = self.folder / "told.json"
        return read(path, Told) if path.exists() else Told()

    def set_told(self, told: Told) -> None:
        with disk(self.folder):
            write_whole(self.folder / "told.json", msgspec.json.encode(told))

    def records(self) -> np.ndarray:
        """A record of `logs.values_dtype` for each query, in order."""
        return self._records()[0]

    def _records(self) -> tuple[np.ndarray, int]:
        path = self.values_path
        return logs.read_values(path, len(self.spec.systems), len(self.spec.measures), len(self.queries))

    def lists(self, query: int) -> QueryLists:
        """Raises `Problem` for a damaged file."""
        self._lists.refresh()
        return QueryLists(self._lists.read(query), self.queries[query].judgments)

    def standings(self, query: int) -> QueryStandings:
        """Raises `Problem` for a damaged file."""
        self._lists.refresh()
        judgments = self.queries[query].judgments
        relevant = set(relevant_docs(judgments))
        return QueryStandings(self._lists.standings(query, relevant), judgments)

    def final_lists(self, query: int) -> list[RankedList | None]:
        """What each system returned for a query; None where it has not run."""
        by_stage = self.lists(query).by_stage
        return [system.final(by_stage) for system in self.spec.systems]

    def measured(self, lists: Iterable[Mapping[int, RankedList]], queries: Sequence[int]) -> np.ndarray:
        """Values of the lists of `queries`, by stage: float64 of shape (queries, systems, measures, 3); nan without."""
        import numpy as np

        measures, columns_of = self._computable()
        values = np.full((len(queries), len(self.spec.systems), len(self.spec.measures), logs.BOUNDS), np.nan)
        places, graded = [], []
        for row, (query, by_stage) in enumerate(zip(queries, lists, strict=True)):
            for column, system in enumerate(self.spec.systems):
                if (ranked := system.final(by_stage)) is not None:
                    places.append((row, column))
                    graded.append(Graded.of(ranked.doc_ids, self.queries[query].judgments))
        if places:
            rows, columns = np.array(places).T
            for bound, compute in enumerate((measure_lists, bounds.condensed, bounds.maximum)):
                values[rows[:, None], columns[:, None], columns_of, bound] = compute(measures, graded).T
        return values

    def _computable(self) -> tuple[list[Any], list[int]]:
        """The measures that have values here, and their places: another machine may lack what computed one."""
        places = [place for place, name in enumerate(self.spec.measures) if not no_values(name, self._grades)]
        return list(parse_measures(self.spec.measures[place] for place in places)), places

    @cached_property
    def _grades(self) -> set[int]:
        return {grade for query in self.queries for grade in query.judgments.values()}

    def damaged(self) -> tuple[set[int], int]:
        """The queries whose lists a disk has damaged or lost, and how many records of values it has. Reads all."""
        import numpy as np

        ran = ~np.isnan(self.records()["ms"])
        damaged = self._lists.damaged()
        damaged |= set(np.flatnonzero(ran.any(axis=1)).tolist()) - self._lists.queries
        if self._lists.lost:  # a record that nothing tells the query of
            for query in set(range(len(self.queries))) - damaged:
                finals = zip(self.final_lists(query), ran[query].tolist(), strict=True)
                if any(final is None and there for final, there in finals):
                    damaged.add(query)
        return damaged, logs.damaged_values(self.values_path, len(self.spec.systems), len(self.spec.measures))

    def mend(self) -> str:
        """Take damaged results out, so that they are computed again when the evaluation goes on. A sentence, "" where
        nothing is damaged, or somebody else runs the evaluation. Raises `Problem` for a full disk."""
        import numpy as np

        with disk(self.folder), locked_now(self.folder / ".lock") as held:
            lists, values = self.damaged() if held else (set(), 0)
            if not lists and not values:
                return ""
            records = self.records()
            ran = np.flatnonzero((~np.isnan(records["ms"])).any(axis=1)).tolist()
            kept = [query for query in ran if query not in lists]
            write_whole(self.values_path, logs.encode_values(records[kept]))
            write_whole(self._lists.path, self._lists.without(lists))
        number = numerals.counted(len(lists) + values, "query", "queries")
        return f"stored results of {number} were damaged on the disk: they are computed again."

    @contextmanager
    def writing(self, report: Report, cancel: CancelToken, measures: Sequence[str] = ()) -> Iterator[Writer]:
        """Append results, with values of these measures, too, from then on; waits while another process writes. Raises
        `Cancelled`, or `Problem` for a full disk and for what was deleted meanwhile."""
        waiting = f"Waiting for another program that runs the evaluation {self.spec.id}"
        with locked(self.folder / ".lock", cancel, report, waiting):
            self._read_again()
            self._measure(measures)
            with ExitStack() as opened:
                with disk(self.folder):
                    values = opened.enter_context(closing(Appender(self.values_path, self._records()[1])))
                    lists = opened.enter_context(closing(Appender(self._lists.path, self._lists.refresh())))
                yield Writer(self.folder, values, lists)

    def _read_again(self) -> None:
        """Who wrote before may have added measures, or begun it anew. The lock is held."""
        if not (self.folder / "spec.json").exists():
            raise Problem(
                f"the evaluation {self.spec.id} was deleted by another program: run the same command again, it begins "
                "anew."
            )
        self.spec = read_spec(self.folder)
        with disk(self.folder):
            for path in self.folder.glob("values-*.log"):
                if path != self.values_path:  # kept until now for whoever had read the description before it changed
                    path.unlink()

    def _measure(self, names: Sequence[str]) -> None:
        """Have values of all these measures: computed from the lists where they are new, or could not be computed
        before. The lock is held."""
        import numpy as np

        old = self.records()
        ran = np.flatnonzero((~np.isnan(old["ms"])).any(axis=1)).tolist()
        new = [name for name in dict.fromkeys(names) if name not in self.spec.measures]
        failed = [place for place, name in enumerate(self.spec.measures) if name in names and not leaves_out(name)]
        lacking = np.isnan(old["values"][:, :, failed, 0]) & ~np.isnan(old["ms"])[:, :, None]
        if not new and not lacking.any():
            return
        spec = msgspec.structs.replace(self.spec, measures=(*self.spec.measures, *new))
        records = logs.new_values(len(spec.systems), len(spec.measures), ran)
        for name in ("ms", "pairs", "pair_ms", "warm", "dropped"):
            records[name] = old[name][ran]
        changed = copy(self)
        changed.spec = spec
        for start in range(0, len(ran), _MEASURED_AT_ONCE):
            some = ran[start : start + _MEASURED_AT_ONCE]
            lists = (self.lists(query).by_stage for query in some)
            records["values"][start : start + len(some)] = changed.measured(lists, some)
        with disk(self.folder):
            write_whole(changed.values_path, logs.encode_values(records))
            write_spec(self.folder, spec)  # a kill before it leaves the old values
        self.spec = spec

    def evaluation(
        self,
        documents: Callable[[str, Any], Mapping[str, Doc]] | None = None,
        terms: Callable[[str, str], Finder] | None = None,
    ) -> Evaluation:
        """The record that tables, plots and reports are made from."""
        import numpy as np

        spec, records, failed = self.spec, self.records(), self.failed
        values = np.ascontiguousarray(np.moveaxis(self.known(records["values"]), 0, -1))
        value, condensed, maximum = (values[:, :, bound, :] for bound in range(logs.BOUNDS))
        ran = ~np.isnan(records["ms"])
        systems = tuple(
            replace(
                system,
                cost=_cost(records, index) if system.source == "system" else Cost(),
                dropped_self=int(records["dropped"][:, index].sum()),
                failed=failed.get(index, ""),
            )
            for index, system in enumerate(spec.systems)
        )
        given = {"documents": documents, "terms": terms}
        extra: dict[str, Any] = {name: each for name, each in given.items() if each is not None}
        return Evaluation(
            id=spec.id,
            dataset=spec.dataset,
            members=spec.members,
            measures=spec.measures,
            stages=spec.stages,
            systems=systems,
            queries=tuple(self.queries),
            ran=ran.T,
            values=value,
            condensed=condensed,
            maximum=maximum,
            provenance=spec.provenance,
            lists=self.lists,
            standings=self.standings,
            notes=(*spec.notes, *self.told.notes),
            complete=bool(ran.all()),
            **extra,
        )

    def known(self, values: np.ndarray) -> np.ndarray:
        """Of shape (queries, systems, measures, bounds), without those of lists that end above where a measure does."""
        import numpy as np

        reached = [[reaches(system, name) for name in self.spec.measures] for system in self.spec.systems]
        return np.where(np.array(reached)[None, :, :, None], values, np.nan)

    def listing(self) -> Listing:
        import numpy as np

        others = [index for index in range(len(self.spec.systems)) if index not in self.failed]
        done = int((~np.isnan(self.records()["ms"][:, others])).all(axis=1).sum()) if others else 0
        size = sum(path.stat().st_size for path in self.folder.iterdir() if path.is_file())
        return Listing(self.spec, len(self.queries), done, self.failed, size)


@dataclass(frozen=True, slots=True)
class Writer:
    """Appends chunks of queries to a stored evaluation."""

    folder: Path
    values: Appender
    lists: Appender

    def append(self, queries: Sequence[int], lists: Sequence[Mapping[int, RankedList]], records: np.ndarray) -> None:
        """Lists first: a record of values says that its lists are there. Raises `Problem` for a full disk."""
        with disk(self.folder):
            pairs = zip(queries, lists, strict=True)
            self.lists.append(logs.encode_lists(query, each) for query, each in pairs if each)
            self.values.append([logs.encode_values(records)])


def _cost(records: np.ndarray, system: int) -> Cost:
    import numpy as np

    ran = records[~np.isnan(records["ms"][:, system]) & (records["warm"][:, system] == 0)]
    if not len(ran):
        return Cost()
    pairs, seconds = int(ran["pairs"][:, system].sum()), float(ran["pair_ms"][:, system].sum()) / 1000
    return Cost(float(ran["ms"][:, system].mean()), pairs / seconds if pairs and seconds else None, pairs)
