"""The queries that a report shows with their lists: which, why, and which stage is at fault."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from zsr_tui.evaluation.results import Evaluation
from zsr_tui.evaluation.stage_losses import StageLosses, stage_losses
from zsr_tui.numerals import signed

EACH = 3  # queries with the largest loss, and as many with the largest gain, of each system
MOST = 12  # queries that are shown with their lists
DEPTH = 10  # documents of each list

_ORDINALS = ("", "second ", "third ")


@dataclass(frozen=True, slots=True)
class Reason:
    """Its difference to the baseline is the system's `place`-th largest loss (gain, if positive) of all queries."""

    system: int
    difference: float
    place: int

    def sentence(self, shown: Sequence[str], baseline: int) -> str:
        """As in "second largest loss of X against Y: −0.37"; `shown` are the systems' names."""
        ordinal = _ORDINALS[self.place - 1] if self.place <= len(_ORDINALS) else f"{self.place}th "
        kind = "loss" if self.difference < 0 else "gain"
        return (
            f"{ordinal}largest {kind} of {shown[self.system]} against {shown[baseline]}: {signed(self.difference, 2)}"
        )


@dataclass(frozen=True, slots=True)
class Chosen:
    """`query` is its index; there are no `reasons` where no query differs, as `note` says.
    `losses` are by system: of those that it was chosen for, of all but the baseline otherwise."""

    query: int
    reasons: tuple[Reason, ...] = ()
    note: str = ""
    losses: tuple[tuple[int, StageLosses], ...] = ()

    def about(self, evaluation: Evaluation) -> str:
        """Which query it is, and how much of it was judged."""
        query = evaluation.queries[self.query]
        where = f"{query.member} · " if len(evaluation.members) > 1 else ""
        return f"{where}query {query.id} · {query.relevant:,} relevant of {query.judged:,} judged"

    def lines(self, shown: Sequence[str], baseline: int) -> list[tuple[str, str]]:
        """Why it was chosen, and what the stages of that system did to it, either of which may be empty."""
        losses = {system: each.sentence for system, each in self.losses}
        reasons: dict[int, list[str]] = {}
        for reason in self.reasons:
            reasons.setdefault(reason.system, []).append(reason.sentence(shown, baseline))
        found = [(self.note, "")] if self.note else []
        for system in dict.fromkeys([*reasons, *losses]):
            said = "; ".join(reasons.get(system, [shown[system]]))
            found.append((said[:1].upper() + said[1:] if system in reasons else said, losses.get(system, "")))
        return found


def extremes(evaluation: Evaluation, baseline: int, measure: str, each: int = EACH) -> list[Chosen]:
    """The queries that make the difference: of every system in turn, those where it loses most against the baseline,
    and those where it gains most, with every such reason. Without a second system, or any difference: the first ones.
    """
    import numpy as np

    values = evaluation.values[:, evaluation.measures.index(measure), :]
    turns: list[tuple[int, Reason]] = []
    for system in range(len(evaluation.systems)):
        difference = values[system] - values[baseline]
        known = np.flatnonzero(np.isfinite(difference) & (np.abs(difference) > 0))
        order = known[np.argsort(difference[known], kind="stable")].tolist()
        losses = [index for index in order if difference[index] < 0][:each]
        gains = [index for index in reversed(order) if difference[index] > 0][:each]
        for turn in (losses, gains):
            turns += [(index, Reason(system, float(difference[index]), at)) for at, index in enumerate(turn, start=1)]
    found: dict[int, list[Reason]] = {}
    for index, reason in sorted(turns, key=lambda turn: turn[1].place):
        found.setdefault(index, []).append(reason)
    chosen = [Chosen(index, tuple(reasons)) for index, reasons in found.items()][:MOST]
    first = "One of the first queries: no system differs from the baseline." if len(values) > 1 else ""
    return chosen or [Chosen(index, note=first) for index in range(min(each, len(evaluation.queries)))]


def with_losses(evaluation: Evaluation, chosen: Iterable[Chosen], baseline: int, measure: str) -> list[Chosen]:
    """Reads the lists of each query."""
    others = [system for system in range(len(evaluation.systems)) if system != baseline] or [baseline]
    found = []
    for each in chosen:
        systems = list(dict.fromkeys(reason.system for reason in each.reasons)) or others
        losses = tuple((system, stage_losses(evaluation, each.query, system, baseline, measure)) for system in systems)
        found.append(replace(each, losses=losses))
    return found
