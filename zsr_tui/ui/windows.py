"""The screens that open above Compare. Each is imported when it is first opened."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING

from zsr_tui.ui.parts.messages import AxiomsWanted, ExplanationWanted, FailuresWanted, QueriesWanted, WindowWanted

if TYPE_CHECKING:
    from zsr_tui.ui.app import ZsrTuiApp
    from zsr_tui.ui.explain.screen import ExplainScreen
    from zsr_tui.ui.parts.messages import Duellists, Poolable
    from zsr_tui.ui.setup.changes import Changes

READY = 2.0  # seconds after the start, when the first list is read


class Windows:
    """Of one application; handlers of `zsr_tui.ui.keys.table`, and what screens want opened."""

    def __init__(self, app: ZsrTuiApp) -> None:
        self._app = app
        self._changes: Changes | None = None  # that led to what is compared
        self._explain: ExplainScreen | None = None  # kept, which opens sooner than a new one

    def setup(self) -> None:
        from zsr_tui.ui.setup.changes import Changes, Choice
        from zsr_tui.ui.setup.screen import SetupScreen

        app = self._app
        if self._changes is None or self._changes.led_to != Choice(app.dataset, app.systems):
            self._changes = Changes()  # the setup was left without comparing, or they were changed elsewhere
        app.push_screen(SetupScreen(app.engine, app.dataset, app.systems, app.memory.recent, self._changes))

    def evaluation(self) -> None:
        from zsr_tui.ui.evaluation.screen import EvaluationScreen

        app = self._app
        app.push_screen(EvaluationScreen(app.engine, app.evaluations, app.dataset, app.systems))

    def engine(self) -> None:
        from zsr_tui.ui.engine.screen import EngineScreen

        self._app.push_screen(EngineScreen(self._app.engine))

    def help(self) -> None:
        """Of this place, what has the focus first; or close it."""
        from zsr_tui.ui.help.screen import HelpScreen, about_focused, text_of

        app = self._app
        if isinstance(app.screen, HelpScreen):
            return app.screen.leave()
        place, about = app.place(), about_focused(app.focused)
        actions = [action for action in app.keys.at(place) if app.applies(action)]
        app.push_screen(HelpScreen(actions, place, about, text_of(app.screen)))

    def open(self, wanted: WindowWanted) -> None:
        """What a screen wants opened."""
        match wanted:
            case ExplanationWanted():
                self._explanation(wanted)
            case AxiomsWanted():
                self._axioms(wanted)
            case QueriesWanted():
                self._queries(wanted)
            case FailuresWanted():
                self._failures(wanted)

    def _explanation(self, wanted: ExplanationWanted) -> None:
        from zsr_tui.ui.explain.screen import ExplainScreen

        app = self._app
        screen = self._explain or self._kept(ExplainScreen(app.engine))
        if screen in app.screen_stack:  # one above another
            screen = ExplainScreen(app.engine)
        screen.open(wanted.engine or app.engine, wanted.about)
        app.push_screen(screen)

    def _kept(self, screen: ExplainScreen) -> ExplainScreen:
        self._explain = screen
        self._app.install_screen(screen, "explain")
        return screen

    async def get_ready(self) -> None:
        """A while after the start: read what the first explanation needs, which is then opened sooner."""
        await asyncio.sleep(READY)
        module = await asyncio.to_thread(import_module, "zsr_tui.ui.explain.screen")
        if self._explain is None:
            styles = self._app.stylesheet
            for path in self._kept(module.ExplainScreen(self._app.engine)).css_path:
                styles.read(path)
            styles.parse()

    def review(self) -> None:
        """What was judged and noted of the corpus."""
        from zsr_tui.ui.judging.review.screen import ReviewScreen

        app = self._app
        if not isinstance(app.screen, ReviewScreen):
            session = app.compare.session
            weighed = tuple(session.weighed) if session.systems == app.systems else ()
            app.push_screen(ReviewScreen(app.engine, app.dataset, app.systems, weighed))

    def judge(self) -> None:
        """The unjudged documents of what is shown: of Compare's query, or of the queries of an evaluation."""
        from zsr_tui.ui.judging.pool.screen import PoolScreen
        from zsr_tui.ui.queries.screen import QueriesScreen

        found, below = self._poolable(), self._app.screen

        def judged(_: None) -> None:
            """What is shown there may be other numbers now; Compare reads them whenever it is back."""
            if isinstance(below, QueriesScreen):
                below.listing.change(below.choice, follow=True)

        if isinstance(found, str):
            below.notify(found, timeout=4, markup=False)
        else:
            self._app.push_screen(PoolScreen(self._app.engine, found), judged)

    def prefer(self) -> None:
        """Two lists at a time without names: of Compare's systems, or of those that a table of queries compares."""
        from zsr_tui.ui.judging.blind.screen import BlindScreen

        found = self._duellists()
        if isinstance(found, str):
            self._app.screen.notify(found, timeout=4, markup=False)
        else:
            self._app.push_screen(BlindScreen(self._app.engine, found))

    def parity(self) -> None:
        """The scorers of two of Compare's lists on the same pairs."""
        from zsr_tui.ui.compare.parity.scorers import scorers
        from zsr_tui.ui.compare.parity.screen import ParityScreen
        from zsr_tui.ui.compare.screen import CompareScreen

        screen = self._app.screen
        if not isinstance(screen, CompareScreen):
            return
        lists = screen.rankings
        found = scorers(screen.session, lists.reference, lists.active)
        if isinstance(found, str):
            screen.tell(found)
        else:
            self._app.push_screen(ParityScreen(self._app.engine, screen.session.dataset, *found))

    def _duellists(self) -> Duellists | str:
        from zsr_tui.ui.compare import duels as of_systems
        from zsr_tui.ui.compare.screen import CompareScreen
        from zsr_tui.ui.queries import duels as of_queries
        from zsr_tui.ui.queries.screen import QueriesScreen

        match self._app.screen:
            case CompareScreen() as screen:
                return of_systems.duellists(screen.session)
            case QueriesScreen() as screen:
                return of_queries.duellists(screen.item, screen.choice)
        return "Lists are compared from Compare, and from the queries of an evaluation."

    def _poolable(self) -> Poolable | str:
        from zsr_tui.ui.compare import pooled as of_query
        from zsr_tui.ui.compare.screen import CompareScreen
        from zsr_tui.ui.queries import pooled as of_queries
        from zsr_tui.ui.queries.screen import QueriesScreen

        match self._app.screen:
            case CompareScreen() as screen:
                return of_query.poolable(screen.session)
            case QueriesScreen() as screen:
                return of_queries.poolable(screen.item, screen.choice)
        return "Documents are judged from Compare, and from the queries of an evaluation."

    def _axioms(self, wanted: AxiomsWanted) -> None:
        from zsr_tui.ui.explain.axioms.screen import AxiomsScreen

        self._app.push_screen(AxiomsScreen(self._app.engine, wanted.about))

    def _queries(self, wanted: QueriesWanted) -> None:
        from zsr_tui.ui.queries.screen import QueriesScreen

        self._app.push_screen(QueriesScreen(self._app.engine, wanted.evaluation, wanted.selection, wanted.group))

    def _failures(self, wanted: FailuresWanted) -> None:
        from zsr_tui.ui.queries.failures.screen import FailuresScreen

        self._app.push_screen(FailuresScreen(self._app.engine, wanted.evaluation, wanted.selection))
