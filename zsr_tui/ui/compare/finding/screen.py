"""A finding as it was when it was made, from what it carries; and what has changed since, where the corpus is here."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from textual import on
from textual.app import ComposeResult

from zsr_tui.api.judging import ReadJudgments
from zsr_tui.api.requests import SearchRequest
from zsr_tui.client.protocol import EngineApi
from zsr_tui.numerals import counted, date
from zsr_tui.sessions.answers import Answers
from zsr_tui.sessions.carried import CarriedEngine
from zsr_tui.sessions.findings import TOP, Finding
from zsr_tui.sessions.recorder import CHECKING
from zsr_tui.sessions.records import Answer
from zsr_tui.sessions.servers import host_of, hosts_of
from zsr_tui.text import one_line
from zsr_tui.ui.compare.finding import notes
from zsr_tui.ui.compare.finding.making import heads_of, kept_of, lists_of
from zsr_tui.ui.compare.finding.since import judged_otherwise, lines, sentences
from zsr_tui.ui.compare.ranking.rankings import Rankings
from zsr_tui.ui.keys.action import Action
from zsr_tui.ui.keys.bar import KeyBar
from zsr_tui.ui.parts.bar import Bar
from zsr_tui.ui.parts.clipped import clipped
from zsr_tui.ui.parts.copying.choice import Choice, Copyable
from zsr_tui.ui.parts.cursor_view import CursorView
from zsr_tui.ui.parts.heights import SHORT
from zsr_tui.ui.parts.judging.marks import all_marks
from zsr_tui.ui.parts.lines import Lines
from zsr_tui.ui.parts.messages import CompareWanted, Comparison, Explainable, ExplanationWanted
from zsr_tui.ui.parts.notice import Notice
from zsr_tui.ui.parts.pieces import Piece
from zsr_tui.ui.parts.screen import BaseScreen
from zsr_tui.wrapping import wrap

QUERY_LINES = 3
MOST_NOTES, MOST_NOTES_SHORT = 6, 2  # lines


class FindingScreen(BaseScreen[None]):
    """What the keys do is in `zsr_tui.ui.keys.table`; its handlers are the public methods here. `engine` says what the
    systems find now; `markdown` is the finding as it is copied."""

    PLACE = "finding"
    AUTO_FOCUS = ""
    CSS_PATH = "screen.tcss"

    def __init__(self, engine: EngineApi, finding: Finding, markdown: Callable[[], str]) -> None:
        super().__init__()
        self.finding = finding
        self._engine, self._markdown = engine, markdown
        self._now: dict[str, Answer] = {}
        self._why_not: dict[str, str] = {}
        self._judged = ""  # otherwise than in the finding
        self._left = False  # for Compare, where what is lacking is made
        self.status, self.notice = Bar(id="status"), Notice()
        self.asked, self.since, self.notes = Lines(id="asked"), Lines(id="since"), Lines(id="notes")
        self.rankings: Rankings | None = None
        if lists := lists_of(finding):
            self.rankings = Rankings(lists, active=finding.active, reference=finding.reference, id="rankings")
            self.rankings.copyable = self.copyable

    def compose(self) -> ComposeResult:
        yield self.status
        yield self.asked
        yield self.notice
        yield self.since
        yield self.notes
        if self.rankings is not None:
            yield self.rankings
        yield KeyBar()

    def on_mount(self) -> None:
        finding, rankings = self.finding, self.rankings
        tops = any(each.total > len(each.rows) for each in finding.lists)
        made = f"{f'first {TOP} rows · ' if tops else ''}finding{f' of {date(finding.made)}' if finding.made else ''} "
        self.status.show([(f" {one_line(finding.dataset)} ", "title-active")], [(one_line(made), "reference")])
        if rankings is not None:
            kept = all_marks(kept_of(finding), finding.counting)
            rankings.show(range(len(finding.lists)), lists_of(finding), heads_of(finding), finding.judged, kept=kept)
            rankings.active_list.focus()
            if finding.doc_id:
                rankings.seek(finding.active, finding.doc_id)
        self._arrange()
        self.again_unless_served()

    def _query_lines(self) -> list[list[Piece]]:
        """What is known of the query and as much of it as three lines hold."""
        finding = self.finding
        known = "free query: no judgments"
        if finding.judged_as is not None:
            known = f"judged as qid {one_line(finding.judged_as)}"
        elif finding.qid is not None:
            known = f"qid {one_line(finding.qid)} · {finding.relevant} relevant"
        width = max(20, self.size.width - 2)
        text = clipped(f"{known}  {one_line(finding.query)}", width, QUERY_LINES)
        return [[(text[start:end], "strong")] for start, end in wrap(text, width)]

    @property
    def key_labels(self) -> dict[str, str]:
        """What cannot be done stands in no bar."""
        labels = {} if self.finding.explanations else {"finding_explain": ""}
        if len(self.finding.lists) < 2:
            labels |= {"finding_previous_list": "", "finding_next_list": ""}
        return labels

    def applies(self, action: Action) -> bool:
        if action.id == "finding_explain":
            return super().applies(action) and bool(self.finding.explanations)
        return super().applies(action) and (action.argument is None or len(self.finding.lists) > 1)

    def on_resize(self) -> None:
        self._arrange()

    def _arrange(self) -> None:
        most = MOST_NOTES_SHORT if self.size.height < SHORT else MOST_NOTES
        self.asked.show(self._query_lines())
        self.notes.show(notes.lines(self.finding), most, self.key_of("finding_whole"))
        self.notes.display = bool(self.notes.text)

    # what has changed since

    def again(self) -> None:
        """Ask again; what a server would score, if the user wants that."""
        hosts = hosts_of(each.system for each in self.finding.lists)
        if not hosts:
            self._ask(servers=False)
            return
        from zsr_tui.ui.parts.confirm import ConfirmScreen

        def answered(yes: bool | None) -> None:
            self._ask(servers=bool(yes))

        cost = f"{one_line(', '.join(hosts))} would get the query and documents of {one_line(self.finding.dataset)}."
        self.app.push_screen(ConfirmScreen("Ask the server?", (cost,), "Ask it", "Without it"), answered)

    def on_screen_resume(self) -> None:
        if self._left and any(not host_of(system) for system in self._why_not):
            self.again_unless_served()
        self._left = False

    def again_unless_served(self) -> None:
        """At first no server is asked: the file may be of somebody else."""
        self._ask(servers=False)

    def _ask(self, *, servers: bool) -> None:
        finding = self.finding
        self._now, self._why_not, self._judged = {}, {}, ""
        systems = []
        for each in finding.lists:
            host = "" if servers else host_of(each.system)
            if host:
                self._why_not[each.system] = f"{host} would score for it; {self.key_of('finding_again')} asks it."
            elif each.system not in systems:
                systems.append(each.system)
        self._show_since()
        if systems:
            self.ask("since", self._compare_with_now, tuple(systems))

    async def _compare_with_now(self, systems: tuple[str, ...]) -> None:
        finding, name = self.finding, f"{CHECKING}{os.urandom(4).hex()}"
        request = SearchRequest(
            id=name, pane=name, dataset=finding.dataset, systems=systems, query=finding.query, qid=finding.qid,
            judged_as=finding.judged_as, depth=finding.depth, drop_self=finding.drop_self, passages=False,
            unfinished=False,
        )  # fmt: skip
        answers = Answers(request)
        async for event in self._engine.stream(request):
            answers.take(event)
            for answer in answers.lists():
                self._take(answer)
            if answers.problem:
                self._cannot(answers.problem)
            self._show_since()
        if self._now and finding.judgments:
            self.ask("judged", self._compare_judgments)

    async def _compare_judgments(self) -> None:
        finding = self.finding
        asked = ReadJudgments(
            dataset=finding.dataset, query_id=finding.qid or finding.judged_as or "", query_text=finding.query
        )
        kept = await self._engine.call(asked)
        self._judged = judged_otherwise(finding, (each.judgment for each in kept.items))
        self._show_since()

    def _take(self, answer: Answer) -> None:
        if answer.problem:
            self._why_not[answer.system] = answer.problem
        elif answer.whole:
            self._now[answer.system] = answer

    def _cannot(self, why: str) -> None:
        for each in self.finding.lists:
            if each.system not in self._now:
                self._why_not.setdefault(each.system, why)

    def _show_since(self) -> None:
        self.since.show(self._since_lines)

    @property
    def _since_lines(self) -> list[list[Piece]]:
        return lines(self.finding, sentences(self.finding, self._now, self._why_not), self._judged)

    def show_problem(self, sentence: str, group: str) -> None:
        if group == "since":
            self._cannot(sentence)
            self._show_since()
        else:
            super().show_problem(sentence, group)

    # what the keys do

    def next_list(self, by: int) -> None:
        if self.rankings is not None:
            self.rankings.choose((self.rankings.active + by) % len(self.finding.lists))

    @on(CursorView.Opened)
    def compare(self) -> None:
        """With the real engine. What a server would score waits for Enter in the query line."""
        finding, rankings = self.finding, self.rankings
        systems = tuple(each.system for each in finding.lists) or tuple(each.system for each in finding.explanations)
        if not systems:
            self.tell("The finding names no system.")
            return
        served, self._left = bool(hosts_of(systems)), True
        self.post_message(
            CompareWanted(
                Comparison(
                    dataset=finding.dataset,
                    systems=systems,
                    query="" if served else finding.query,
                    qid=None if served else finding.qid,
                    doc_id=rankings.doc_id if rankings else finding.doc_id,
                    active=rankings.active if rankings else 0,
                    depth=finding.depth,
                    reference=rankings.reference if rankings else 0,
                    drop_self=finding.drop_self,
                    back=True,
                    draft=finding.query if served else "",
                    typing=served,
                    change_of=None if served else finding.change_of,
                )
            )
        )

    def show_whole(self) -> None:
        """Everything that has no room here."""
        from zsr_tui.ui.compare.finding.whole import WholeScreen

        parts = (
            ("Query", [one_line(self.finding.query)]),
            ("Now", self._texts(self._since_lines)),
            ("Notes and judgments", self._texts(notes.lines(self.finding))),
        )
        self.app.push_screen(WholeScreen([each for each in parts if each[1]]))

    @staticmethod
    def _texts(shown: Sequence[Sequence[Piece]]) -> list[str]:
        return ["".join(text for text, _ in line) for line in shown]

    def explain(self) -> None:
        """From what the finding carries."""
        first, *others = self.finding.explanations
        against = [each.doc_id for each in others if not self.finding.against_system]
        systems = [each.system for each in others if self.finding.against_system]
        about = Explainable(
            dataset=self.finding.dataset,
            systems=(first.system, *systems),
            system=0,
            doc_id=first.doc_id,
            query=self.finding.query,
            qid=self.finding.qid,
            ranking=(*against, first.doc_id),
            drop_self=self.finding.drop_self,
        )
        self.post_message(ExplanationWanted(about, CarriedEngine(self.finding)))

    def copyable(self) -> Copyable:
        choices: Sequence[Choice] = [Choice("m", "all of it as Markdown", self._markdown())]
        if self.since.text:
            choices = [*choices, Choice("c", "what has changed since", self.since.text)]
        return Copyable(f"the finding of {counted(len(self.finding.lists), 'list')}", tuple(choices))
