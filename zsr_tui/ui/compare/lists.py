"""One system's list as it stands, and how far the system is with the query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from zsr_tui.api.events import Ranking, Row, StageProgress
from zsr_tui.api.preparing import PartView
from zsr_tui.api.requests import ProblemView, SystemHead
from zsr_tui.api.weights import BestWeight
from zsr_tui.domain import AnySource
from zsr_tui.ui.compare.weights import Weights
from zsr_tui.ui.parts.judging.state import Measures


class Phase(Enum):
    """How far a system is with the query."""

    IDLE = "idle"  # nothing was asked
    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"
    BEHIND = "of the query before; enter asks"  # too slow to follow what is typed
    PREPARING = "preparing"  # it failed for want of something that is being made now
    STOPPED = "stopped"  # by the user, or because the whole search ended


@dataclass(slots=True)
class SystemList:
    """One system's list as it stands. `places` has the 0-based place of each document in `rows`."""

    head: SystemHead
    phase: Phase = Phase.IDLE
    ranking: Ranking | None = None
    pane: str = ""  # that the ranking was asked for; "": the one of all lists
    places: dict[str, int] = field(default_factory=dict)
    outdated: bool = False  # the rows are of the query before
    progress: StageProgress | None = None
    measures: dict[str, float | None] | None = None
    judged: tuple[Measures, Measures] | None = None  # over what counts, and over what is seen beside it
    held: bool = False  # its measures are not shown before what else was judged is known
    problem: ProblemView | None = None
    moved: Weights | None = None  # of a fusion, where they are other than those of `head`
    best: BestWeight | None = None  # of the part that is moved, once it was asked for
    lacking: tuple[PartView, ...] = ()  # what is being made for it, or waits for a yes
    asking: bool = False  # again, by itself
    answers: int = 0  # how often it was answered since the query was asked

    @property
    def weights(self) -> Weights | None:
        """Of a fusion, as they stand; None for any other system."""
        return self.moved or (Weights.of(self.head.fusion) if self.head.fusion else None)

    @property
    def rows(self) -> tuple[Row, ...]:
        return self.ranking.rows if self.ranking else ()

    @property
    def unfinished(self) -> bool:
        return self.phase in (Phase.WAITING, Phase.WORKING)

    @property
    def provisional(self) -> bool:
        """Its rows are not the last word: they are still made, ended before their time, or are of a part of the
        documents."""
        return self.phase is not Phase.DONE or (self.ranking is not None and self.ranking.searched is not None)

    def measured(self, values: dict[str, float | None] | None, held: bool) -> None:
        """Over the dataset's judgments."""
        self.measures, self.held = values, held

    def measured_over(self, counted: Measures, beside: Measures) -> None:
        self.judged, self.held = (counted, beside), False

    def over(self, sources: Sequence[AnySource]) -> Mapping[str, float | None]:
        """Its measures over the judgments of these sources; nothing where they were not measured."""
        found = [each.values for each in self.judged or () if each.sources == sources]
        return found[0] if found else {}

    def row(self, doc_id: str) -> Row | None:
        place = self.places.get(doc_id)
        return None if place is None else self.rows[place]

    def asked_again(self, head: SystemHead, phase: Phase = Phase.WAITING) -> SystemList:
        """With the rows that it has until others come."""
        return SystemList(head, phase, self.ranking, self.pane, self.places, self.outdated, lacking=self.lacking)

    def take(self, ranking: Ranking, pane: str = "") -> None:
        self.ranking, self.pane, self.progress, self.judged, self.outdated = ranking, pane, None, None, False
        self.places = {row.doc_id: place for place, row in enumerate(ranking.rows)}
        self.phase = Phase.DONE if ranking.final else Phase.WORKING
        self.answers += ranking.final


def notations(lists: Sequence[SystemList]) -> tuple[str, ...]:
    """Of the systems as the lists stand: with weights that were moved, whatever was chosen."""
    return tuple(each.head.notation for each in lists)
