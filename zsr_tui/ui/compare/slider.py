"""The weights of a fused list, moved while its list is looked at: the engine answers from the lists inside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from zsr_tui.api.weights import BestWeight, FindBestWeight, Reweigh
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import DATASET_ONLY, AnySource
from zsr_tui.text import one_line
from zsr_tui.ui.compare.messages import SystemsTaken
from zsr_tui.ui.compare.ranking.rankings import Rankings
from zsr_tui.ui.compare.session import Phase, SearchSession, SystemList
from zsr_tui.ui.compare.updates import Update
from zsr_tui.ui.compare.weights import LEAST, Weights
from zsr_tui.ui.parts.screen import BaseScreen


class WeightSlider:
    """Of the active list, and of one whose slider is clicked. `show` is told what changes, `search` asks a query, of
    the dataset where it has an id."""

    def __init__(
        self,
        screen: BaseScreen[Any],
        engine: EngineApi,
        session: SearchSession,
        rankings: Rankings,
        show: Callable[[Update], None],
        search: Callable[[str, str | None], None],
    ) -> None:
        self._screen, self._engine, self._session, self._rankings = screen, engine, session, rankings
        self._show, self._search = show, search
        self._asking = False
        self._counted = self._counting  # what the best weights were found with
        rankings.slid = self.click

    @property
    def key_labels(self) -> dict[str, str]:
        """For the key bar, where the active list is a fusion."""
        each = self._session.lists[self._rankings.active]
        if each.weights is None or each.phase is not Phase.DONE:
            return {}
        labels = {"weight_up": "weight", "weight_down": "weight", "take_weights": "take over" if each.moved else ""}
        return labels if each.head.fusion and each.head.fusion.reranker else {**labels, "weight_best": "best"}

    def up(self) -> None:
        self._step(5)

    def up_a_little(self) -> None:
        self._step(1)

    def down_a_little(self) -> None:
        self._step(-1)

    def down(self) -> None:
        self._step(-5)

    def _step(self, hundredths: int) -> None:
        """To the next multiple of so much, up or down."""
        number = self._rankings.active
        if (weights := self._weights(number)) is not None:
            self._put(number, weights.stepped(hundredths))

    def click(self, number: int, share: float) -> None:
        """On the slider of a list (from 0)."""
        self._rankings.choose(number)
        if (weights := self._weights(number)) is not None:
            self._put(number, weights.at(share))

    def next_part(self) -> None:
        number = self._rankings.active
        if (weights := self._weights(number)) is not None:
            each = self._session.lists[number]
            each.moved, each.best = weights.next_part(), None
            self._screen.tell(f"+ and − move the weight of {one_line(each.moved.labels[each.moved.part])}.")
            self._rankings.show_head(number)

    def as_chosen(self) -> None:
        """Back to the weights of the system that was chosen."""
        from zsr_tui import pipeline

        number = self._rankings.active
        if (weights := self._weights(number)) is None:
            return
        chosen = pipeline.outer_fusion(pipeline.parse(self._session.systems[number]))
        if chosen is not None and len(chosen.weights) == len(weights.shares):
            whole = sum(chosen.weights)
            shares = tuple(weight / whole for weight in chosen.weights)
            self._put(number, replace(weights, shares=shares, whole=whole, exact=chosen.weights))

    def best(self) -> None:
        """Mark the weight with which the query's measure is highest; go there, where it is marked."""
        number = self._rankings.active
        if (weights := self._weights(number)) is None:
            return
        each = self._session.lists[number]
        fusion = each.head.fusion
        if fusion is not None and fusion.reranker:
            self._screen.tell(f"{one_line(fusion.reranker)} would have to score again with every weight.")
        elif each.best is None:
            self._screen.ask("best-weight", self._find_best, number, weights)
        elif each.best.low <= weights.share <= each.best.high:
            best, among = each.best, f", as with {_span(each.best)}" if each.best.low < each.best.high else ""
            self._screen.tell(
                f"{best.measure} of this query is highest, {best.value:.3f}, with the weight that it has{among}."
            )
        else:
            self._put(number, weights.at(each.best.share))

    def forget_best(self) -> None:
        """What was found with other judgments than those that count by now."""
        if self._counted != self._counting:
            self._counted = self._counting
            for each in self._session.lists:
                each.best = None

    @property
    def _counting(self) -> tuple[tuple[AnySource, ...], frozenset[tuple[str, str, int]]]:
        """The sources that the measures are over, and what each but the dataset says."""
        kept = self._session.kept
        if kept is None or not kept.judged:
            return DATASET_ONLY, frozenset()
        sources = self._session.counts.sources
        said = (
            (source, doc_id, each.judgment.grade)
            for source in sources
            if source != "dataset"
            for doc_id, each in kept.of_source(source).items()
        )
        return sources, frozenset(said)

    async def _find_best(self, number: int, weights: Weights) -> None:
        session, each = self._session, self._session.lists[number]
        if (request := session.request) is None or (ranking := each.ranking) is None:
            return
        counting = None
        while counting != self._counting:  # somebody may judge meanwhile
            counting, kept = self._counting, session.kept
            asked = FindBestWeight(
                pane=each.pane or session.pane,
                search=ranking.request,
                system=ranking.system,
                weights=weights.written,
                part=weights.part,
                sources=counting[0],
                query_id=kept.query_id if kept is not None else "",
                query_text=kept.query_text if kept is not None else "",
            )
            found = await self._engine.call(asked)
            if session.request is not request or not self._current(number, each):
                return
        self.forget_best()
        if found is None:
            self._screen.tell("The query has no judgments that could say which weight is best.")
        elif each.weights is not None and each.weights.part == weights.part:
            if found.value == 0 or (found.low <= LEAST and found.high >= weights.most):
                self._screen.tell(f"{found.measure} of this query is {found.value:.3f} with every weight.")
                return
            each.best = found
            self._rankings.show_head(number)
            there = f"{_span(found)}{', and elsewhere' if found.elsewhere else ''}"
            part, key = one_line(weights.labels[weights.part]), self._screen.key_of("weight_best")
            best = f"{found.measure} of this query is highest, {found.value:.3f}"
            self._screen.tell(f"{best}, where {part} weighs {there}; {key} goes there.")

    def _put(self, number: int, weights: Weights) -> None:
        """These weights from now on."""
        each = self._session.lists[number]
        each.moved = weights
        self._rankings.show_head(number)
        self._screen.refresh_bindings()
        fusion = each.head.fusion
        if fusion is not None and fusion.reranker:
            self._screen.tell(
                f"{one_line(fusion.reranker)} would have to score again with these weights: "
                f"{self._screen.key_of('take_weights')} asks it to."
            )
        elif not self._asking:
            self._asking = True
            self._screen.ask("weights", self._follow, number, exclusive=False)

    def take(self) -> None:
        """Make it the system that was chosen, for the setup and for evaluations; a reranker scores after asking."""
        from zsr_tui.ui.parts.confirm import ConfirmScreen

        number = self._rankings.active
        if self._weights(number) is None:
            return
        each, notation = self._session.lists[number], self._notation(number)
        fusion = each.head.fusion
        if fusion is None or not fusion.reranker or notation == each.head.notation:
            self._taken(number, notation)
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._taken(number, notation)
                self._search(*self._session.asked)

        about = f"{one_line(fusion.reranker)} scores what {one_line(notation)} finds; pairs that it knows cost nothing."
        self._screen.app.push_screen(
            ConfirmScreen("Score again with these weights?", (about,), "Score", "No"), answered
        )

    def _notation(self, number: int) -> str:
        """The list's system with the weights as they stand."""
        from zsr_tui import pipeline

        each = self._session.lists[number]
        weights = each.weights
        if weights is None or each.moved is None or (each.head.fusion and weights.same_as(each.head.fusion.shares)):
            return each.head.notation
        return str(pipeline.reweighted(pipeline.parse(each.head.notation), weights.written))

    def _taken(self, number: int, notation: str) -> None:
        session = self._session
        if notation in session.systems[:number] + session.systems[number + 1 :]:
            self._screen.tell("Another list has this system already.")
            return
        session.choose(number, notation)
        self._screen.tell(f"List {number + 1} is {one_line(notation)} from now on.")
        self._screen.post_message(SystemsTaken(session.systems))

    def _weights(self, number: int) -> Weights | None:
        each = self._session.lists[number]
        if each.weights is None:
            self._screen.tell("This list fuses nothing: weights are those of rrf(...) and linear(...).")
        elif each.phase is not Phase.DONE or not self._rankings.is_of_query(number):
            self._screen.tell("The weights can be moved once the list is there.")
            return None
        return each.weights

    async def _follow(self, number: int) -> None:
        """Ask for the list until it is the one of the weights as they stand; what is put meanwhile is asked then."""
        session, each, asked = self._session, self._session.lists[number], None
        try:
            while (request := session.request) is not None and self._current(number, each) and each.moved != asked:
                asked, ranking = each.moved, each.ranking
                assert asked is not None
                assert ranking is not None
                pane = each.pane or session.pane  # of its own where the list has asked again
                answer = await self._engine.call(
                    Reweigh(pane=pane, search=ranking.request, system=ranking.system, weights=asked.written)
                )
                if session.request is request and self._current(number, each):
                    self._show(session.reweigh(number, answer))
        except Exception:
            each.moved = None  # what is shown is what was found
            self._rankings.show_head(number)
            raise
        finally:
            self._asking = False

    def _current(self, number: int, each: SystemList) -> bool:
        """Whether the list is still the one that is shown: a search makes new ones."""
        return self._session.lists[number] is each


def _span(best: BestWeight) -> str:
    """`0.20 to 0.41`, or the one weight."""
    return f"{best.low:.2f} to {best.high:.2f}" if best.low < best.high else f"{best.share:.2f}"
