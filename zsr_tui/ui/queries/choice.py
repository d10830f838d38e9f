"""What of an evaluation's queries is looked at, and how keys and the filter line change it: values, no widgets."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from zsr_tui.api.queries import ReadQueries
from zsr_tui.selection import QuerySelection, Sign
from zsr_tui.ui.queries.table.pages import PAGE

SIGNS: tuple[Sign, ...] = ("", "win", "loss", "tie")
# What is interesting is mostly large: these orders begin at their large end. The worst differences are the small ones.
LARGE_FIRST = ("abs", "relevant", "judged", "length", "documents")
AGREEMENTS = ("rbo", "jaccard", "tau_ap")
_RANGE = re.compile(r"(?i)^(words|relevant):(\d*(?:-\d*)?)$")


@dataclass(frozen=True, slots=True)
class QueryChoice:
    """A selection of the queries of an evaluation, and what only the screen knows of it: whether the agreements of the
    two rankings are shown, and the name of the group that it is filtered by."""

    evaluation: str
    selection: QuerySelection
    agreements: bool = False
    group: str = ""

    def having(self, **changes: Any) -> QueryChoice:
        """With another selection."""
        return replace(self, selection=replace(self.selection, **changes))

    def page(self, offset: int, follow: int | None = None) -> ReadQueries:
        return ReadQueries(
            id=self.evaluation,
            selection=self.selection,
            offset=offset,
            limit=PAGE,
            agreements=self.agreements,
            follow=follow,
        )

    @property
    def filtered(self) -> bool:
        one = self.selection
        return bool(one.match or one.length or one.relevant or one.sign or one.outcome or one.feature)

    @property
    def compared(self) -> QuerySelection:
        """What the differences of the queries depend on: all but what the order of other columns says."""
        descending = self.selection.sort == "difference" and self.selection.descending
        return replace(self.selection, sort="difference", descending=descending)

    @property
    def filters(self) -> list[str]:
        """In words, without what the filter line shows itself."""
        signs = {"win": "wins", "loss": "losses", "tie": "ties"}
        return [text for text in (signs.get(self.selection.sign, ""), self.selection.outcome, self.group) if text]

    # orders

    @property
    def worst_first(self) -> QueryChoice:
        """In the order that a table opens with: by the difference to the baseline; by the value of a single system."""
        one = self.selection
        sort = "difference" if one.system != one.baseline else f"value:{one.system}"
        return self.having(sort=sort, descending=False)

    def sorted_by(self, sort: str) -> QueryChoice:
        """The same order again is turned round."""
        if sort == self.selection.sort:
            return self.reversed
        return self.having(sort=sort, descending=sort in LARGE_FIRST)

    @property
    def reversed(self) -> QueryChoice:
        return self.having(descending=not self.selection.descending)

    def next_sort(self, sorts: list[str], by: int) -> QueryChoice:
        """The order of the next column to the right (1) or left (-1); `sorts` are those of all columns."""
        at = sorts.index(self.selection.sort) if self.selection.sort in sorts else 0
        return self.having(sort=sorts[(at + by) % len(sorts)], descending=sorts[(at + by) % len(sorts)] in LARGE_FIRST)

    def with_agreements(self, shown: bool) -> QueryChoice:
        """Comparing rankings sorts by disagreement; without it, the worst are first."""
        changed = replace(self, agreements=shown)
        if shown:
            return changed.having(sort="rbo", descending=False)
        return changed.worst_first if self.selection.sort in AGREEMENTS else changed

    # systems and measures

    def next_system(self, count: int, by: int) -> QueryChoice:
        """The next one that is not the baseline."""
        others = [system for system in range(count) if system != self.selection.baseline]
        if not others:
            return self
        at = others.index(self.selection.system) if self.selection.system in others else -1
        return self.having(system=others[(at + by) % len(others)])

    def next_baseline(self, count: int) -> QueryChoice:
        """Where it is the system, the two change places."""
        baseline = (self.selection.baseline + 1) % max(1, count)
        system = self.selection.system if self.selection.system != baseline else self.selection.baseline
        return self.having(system=system, baseline=baseline)

    def next_measure(self, measures: tuple[str, ...]) -> QueryChoice:
        at = measures.index(self.selection.measure) if self.selection.measure in measures else 0
        return self.having(measure=measures[(at + 1) % len(measures)])

    def known_to(self, measures: tuple[str, ...], count: int) -> QueryChoice:
        """With a measure and two of the `count` systems that the evaluation has."""
        one = self.selection
        known = self.having(
            measure=one.measure if one.measure in measures else measures[0],
            baseline=min(one.baseline, count - 1),
            system=min(one.system, count - 1),
        )
        alone = known.selection.system == known.selection.baseline
        return known.worst_first if alone and known.selection.sort in ("difference", "abs") else known

    # filters

    def typed(self, line: str) -> QueryChoice:
        """With what stands in the filter line."""
        match, length, relevant = parts(line)
        return self.having(match=match, length=length, relevant=relevant)

    def next_sign(self) -> QueryChoice:
        return self.having(sign=SIGNS[(SIGNS.index(self.selection.sign) + 1) % len(SIGNS)])

    def of_class(self, system: int, outcome: str) -> QueryChoice:
        """The queries where a system has documents of a class of failure, and no filter besides."""
        one = self.selection
        baseline = one.system if system == one.baseline else one.baseline
        return self.unfiltered.having(system=system, baseline=baseline, outcome=outcome)

    def of_group(self, feature: str, group: int, name: str) -> QueryChoice:
        """The queries of a group of a feature, and no filter besides."""
        return replace(self.unfiltered.having(feature=feature, group=group), group=name)

    @property
    def unfiltered(self) -> QueryChoice:
        every = replace(self, group="").having(
            match="", length="", relevant="", sign="", outcome="", feature="", group=0
        )
        return every.worst_first if self.selection.sort == "documents" else every


def parts(line: str) -> tuple[str, str, str]:
    """Text to find, and the ranges of `words:3-8` and `relevant:2-`, which may stand anywhere in the line."""
    ranges = {"words": "", "relevant": ""}
    text = []
    for word in line.split():
        match = _RANGE.match(word)
        if match is not None:
            ranges[match[1].lower()] = match[2] if match[2] != "-" else ""
        else:
            text.append(word)
    return " ".join(text), ranges["words"], ranges["relevant"]
