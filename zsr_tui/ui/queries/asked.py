"""What the query table is asked to show, and how keys and the filter line change it: values, no widgets."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from zsr_tui.api.evaluations import EvaluationItem
from zsr_tui.api.queries import ReadQueries
from zsr_tui.selection import QuerySelection, Sign
from zsr_tui.ui.queries.table.columns import JUDGED, Look, sorts
from zsr_tui.ui.queries.table.pages import PAGE

SIGNS: tuple[Sign, ...] = ("", "win", "loss", "tie")
# What is interesting is mostly large: these orders begin at their large end. The worst differences are the small ones.
LARGE_FIRST = ("abs", "relevant", "judged", "length", "documents")
AGREEMENTS = ("rbo", "jaccard", "tau_ap")
_RANGE = re.compile(r"(?i)^(words|relevant):(\d*-?\d*)$")


@dataclass(frozen=True, slots=True)
class Shown:
    """`system` and `baseline` are indexes; `typed` is the filter line as it stands; `within` names the group `group` of
    `feature`."""

    id: str
    measure: str = ""
    system: int = 1
    baseline: int = 0
    sort: str = "difference"
    descending: bool = False
    typed: str = ""
    sign: Sign = ""
    outcome: str = ""
    feature: str = ""
    group: int = 0
    within: str = ""
    agreements: bool = False

    @property
    def filtered(self) -> bool:
        return bool(self.typed.strip() or self.sign or self.outcome or self.feature)

    @property
    def worst_first(self) -> Shown:
        """In the order that a table opens with: by the difference to the baseline; by the value of a single system."""
        sort = "difference" if self.system != self.baseline else f"value:{self.system}"
        return replace(self, sort=sort, descending=False)

    def request(self, offset: int) -> ReadQueries:
        match, length, relevant = parts(self.typed)
        selection = QuerySelection(
            measure=self.measure,
            system=self.system,
            baseline=self.baseline,
            sort=self.sort,
            descending=self.descending,
            match=match,
            sign=self.sign,
            outcome=self.outcome,
            feature=self.feature,
            group=self.group,
            length=length,
            relevant=relevant,
        )
        return ReadQueries(id=self.id, selection=selection, offset=offset, limit=PAGE, agreements=self.agreements)

    def look(self, item: EvaluationItem | None, largest: float = 1.0, id_width: int = 11) -> Look:
        return Look(
            systems=len(item.systems) if item is not None else 0,
            system=self.system,
            baseline=self.baseline,
            sort=self.sort,
            descending=self.descending,
            judged=item is None or JUDGED in item.measures,
            agreements=self.agreements,
            largest=largest,
            id_width=id_width,
            documents=bool(self.outcome),
        )

    @property
    def compared(self) -> Shown:
        """What the differences of the queries depend on: all but what the order of other columns says."""
        return replace(
            self, sort="difference", descending=self.sort == "difference" and self.descending, agreements=False
        )

    def in_filter(self) -> list[str]:
        """The filters in words, without what the filter line shows itself."""
        signs = {"win": "wins", "loss": "losses", "tie": "ties"}
        return [text for text in (signs.get(self.sign, ""), self.outcome, self.within) if text]

    # what keys do

    def sorted_by(self, sort: str) -> Shown:
        """The same order again is turned round."""
        if sort == self.sort:
            return replace(self, descending=not self.descending)
        return replace(self, sort=sort, descending=sort in LARGE_FIRST)

    def next_sort(self, look: Look, by: int) -> Shown:
        """The order of the next column to the right (1) or left (-1)."""
        every = sorts(look)
        at = every.index(self.sort) if self.sort in every else 0
        sort = every[(at + by) % len(every)]
        return replace(self, sort=sort, descending=sort in LARGE_FIRST)

    def next_sign(self) -> Shown:
        return replace(self, sign=SIGNS[(SIGNS.index(self.sign) + 1) % len(SIGNS)])

    def next_system(self, count: int, by: int) -> Shown:
        """The next one that is not the baseline."""
        others = [system for system in range(count) if system != self.baseline]
        if not others:
            return self
        at = others.index(self.system) if self.system in others else -1
        return replace(self, system=others[(at + by) % len(others)])

    def next_baseline(self, count: int) -> Shown:
        baseline = (self.baseline + 1) % max(1, count)
        changed = replace(self, baseline=baseline)
        return changed if self.system != baseline else replace(changed, system=self.baseline)

    def next_measure(self, measures: tuple[str, ...]) -> Shown:
        at = measures.index(self.measure) if self.measure in measures else 0
        return replace(self, measure=measures[(at + 1) % len(measures)])

    def with_agreements(self, shown: bool) -> Shown:
        """Comparing rankings sorts by disagreement; without it, the worst are first."""
        if shown:
            return replace(self, agreements=True, sort="rbo", descending=False)
        others = replace(self, agreements=False)
        return others.worst_first if self.sort in AGREEMENTS else others

    def of_class(self, system: int, outcome: str) -> Shown:
        """The queries where a system has documents of a class of failure, and no filter besides."""
        baseline = self.system if system == self.baseline else self.baseline
        return replace(self.unfiltered(), system=system, baseline=baseline, outcome=outcome)

    def of_group(self, feature: str, group: int, within: str) -> Shown:
        """The queries of a group of a feature, and no filter besides."""
        return replace(self.unfiltered(), feature=feature, group=group, within=within)

    def unfiltered(self) -> Shown:
        every = replace(self, typed="", sign="", outcome="", feature="", group=0, within="")
        return every.worst_first if self.sort == "documents" else every


def parts(typed: str) -> tuple[str, str, str]:
    """Text to find, and the ranges of `words:3-8` and `relevant:2-`, which may stand anywhere in the line."""
    ranges = {"words": "", "relevant": ""}
    text = []
    for word in typed.split():
        match = _RANGE.match(word)
        if match is not None:
            ranges[match[1].lower()] = match[2] if match[2] != "-" else ""
        else:
            text.append(word)
    return " ".join(text), ranges["words"], ranges["relevant"]
