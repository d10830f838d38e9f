"""What is being explained, and what of it has come: no widgets."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from itertools import count

from zsr_tui.api.events import AnyEvent, EngineLost, Failed
from zsr_tui.api.explanations import Contrasted, Explained, ExplainFinished, ExplainRequest
from zsr_tui.explanation import Contrast, Explanation, Span
from zsr_tui.ui.parts.messages import Explainable

_numbers = count(1)
NOTHING = Explainable(dataset="", systems=("",), system=0, doc_id="")  # before something is asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`system` is a place among the systems; `sentence` a span of the text whose words are left out; `rival` the
    document against which sentences are left out, of a reranker that compares documents.
    `against`: the document that was chosen to compare it with, "" for its neighbour in the list.
    `against_system`: how many systems further the one stands that this one is compared with; 0 for a document."""

    about: Explainable
    system: int
    doc_id: str
    stage: str = ""
    sentence: Span | None = None
    rival: str = ""
    gradient: bool = False
    spend: bool = False
    against: str = ""
    against_system: int = 0

    @property
    def other_system(self) -> int:
        return (self.system + self.against_system) % len(self.about.systems)

    @property
    def next_against(self) -> int:
        """Of `against_system`: behind the last comes the other document, where there is one."""
        following = (self.against_system + 1) % len(self.about.systems)
        return following or (0 if self.against or self.opponent() else 1)

    def request(self, *, compare: bool) -> ExplainRequest:
        """`compare`: both, where there is another."""
        about = self.about
        second = about.systems[self.other_system] if compare and self.against_system else ""
        return ExplainRequest(
            id=f"explain-{os.getpid()}-{next(_numbers)}",
            dataset=about.dataset,
            system=about.systems[self.system],
            doc_id=self.doc_id,
            query=about.query,
            qid=about.qid,
            stage=self.stage,
            sentence=None if compare else self.sentence,
            rival="" if compare else self.rival,
            gradient=self.gradient,
            spend=self.spend,
            against=self.against or self.opponent() if compare and not second else "",
            against_system=second,
            drop_self=about.drop_self,
            pane=about.pane,
            unfinished=True,
        )

    def of(self, doc_id: str) -> Asked:
        """Another document."""
        against = "" if doc_id == self.against else self.against
        return replace(self, doc_id=doc_id, sentence=None, rival="", against=against)

    def in_system(self, number: int) -> Asked:
        return replace(
            self,
            system=number % len(self.about.systems),
            stage="",
            sentence=None,
            rival="",
            gradient=False,
            spend=False,
        )

    def neighbour(self, by: int) -> str:
        """The document so many places further in the list; "" where there is none."""
        ids = self.about.order
        at = ids.index(self.doc_id) + by if self.doc_id in ids else 0
        return ids[at] if ids and 0 <= at < len(ids) and ids[at] != self.doc_id else ""

    def stranger(self, opponent: str) -> bool:
        """Whether it stands in no place of the list, so that this one, which nobody chose, is no neighbour of it."""
        return bool(opponent) and not self.against and self.doc_id not in self.about.order

    def opponent(self) -> str:
        """What it is compared with unless another is chosen: the document above it, or below the first; the first of
        the list for one that is not in it."""
        return self.neighbour(-1) or self.neighbour(1)


@dataclass(slots=True)
class Known:
    """What has come for a request: the latest state of one explanation, or of two. `sentence` says what went wrong, or
    what the engine went through; `asks` requests to `host` wait for leave."""

    request: ExplainRequest
    events: dict[int, Explained] = field(default_factory=dict)
    contrast: Contrast | None = None
    finished: bool = False
    sentence: str = ""

    def take(self, event: AnyEvent) -> None:
        match event:
            case Explained(which=which):
                self.events[which] = event
            case Contrasted(contrast=contrast):
                self.contrast = contrast
            case ExplainFinished():
                self.finished = True
            case Failed(problem=problem):
                self.sentence, self.finished = problem.message, True
            case EngineLost(restarted=True, see_log=see_log, how=how):
                ours = f"The engine stopped{how}; a new one runs and repeats the explanation{see_log}."
                self.sentence = event.waiting or ours
            case EngineLost(see_log=see_log, how=how):
                self.sentence = f"The engine stopped again{how}{see_log}."

    @property
    def asks(self) -> tuple[int, str]:
        """Requests that a server was not sent, and where they would go."""
        waiting = [event for event in self.events.values() if event.asks]
        return sum(event.asks for event in waiting), waiting[0].host if waiting else ""

    def explanation(self, which: int = 0) -> Explanation | None:
        event = self.events.get(which)
        return event.explanation if event else None

    def stage(self, which: int = 0) -> str:
        """What is under way, in words."""
        event = self.events.get(which)
        return event.stage if event and not self.finished else ""
