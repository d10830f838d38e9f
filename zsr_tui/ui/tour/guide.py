"""The tour as it goes: which step is shown, on which screen, and when it goes on."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import chain, zip_longest
from typing import Any

from textual.content import Content
from textual.screen import Screen

from zsr_tui.ui.keys.app import KeyedApp
from zsr_tui.ui.keys.names import key_display
from zsr_tui.ui.tour.panel import TourPanel
from zsr_tui.ui.tour.steps import END, OFFER, STEPS, Seen

OFTEN = 0.1  # seconds between looks at what the user has done


class Tours:
    """Those of an application, one at a time."""

    def __init__(self, app: KeyedApp) -> None:
        self._app = app
        self.now: Tour | None = None

    def offer(self) -> Tour:
        self.now = Tour(self._app, self._ended)
        return self.now

    def go_on(self) -> None:
        """Begin one, or its next step."""
        (self.now or self.offer()).go_on()

    def leave(self) -> None:
        if self.now is not None:
            self.now.end()

    def _ended(self) -> None:
        self.now = None


class Tour:
    """At first it is only offered. The panel moves with the screen; `on_end` is called once."""

    def __init__(self, app: KeyedApp, on_end: Callable[[], None]) -> None:
        self._app, self._on_end = app, on_end
        self.step = -1
        self._began = seen(app)
        self._timer = app.set_interval(OFTEN, self.look)
        self._show()

    @property
    def over(self) -> bool:
        return self.step >= len(STEPS)

    def go_on(self) -> None:
        """To the next step, whether this one was done or not; behind the last one it ends."""
        if self.over:
            self.end()
            return
        self.step += 1
        self._began = seen(self._app)
        self._show()

    def end(self) -> None:
        self._timer.stop()
        for screen in self._app.screen_stack:
            screen.query(TourPanel).remove()
        self._on_end()

    def look(self) -> None:
        """Go on where the user has done what the step says; whoever searches needs no offer any more."""
        if not self._app.screen_stack:  # the program is ending
            return
        now = seen(self._app)
        if self.step < 0 and now.asked:
            self.end()
        elif 0 <= self.step < len(STEPS) and STEPS[self.step].done(self._began, now):
            self.go_on()
        elif self._lacks_panel(self._app.screen):
            self._show()

    def _show(self) -> None:
        content = self._content()
        for screen in self._app.screen_stack:
            for panel in screen.query(TourPanel):
                panel.update(content)
        if self._lacks_panel(self._app.screen):
            self._app.screen.mount(TourPanel(content))

    def _lacks_panel(self, screen: Screen[Any]) -> bool:
        return not screen.is_modal and not screen.query(TourPanel)

    def _content(self) -> Content:
        if self.step < 0 or self.over:
            return self._with_keys(END if self.over else OFFER)
        step = STEPS[self.step]
        head = f"Tour {self.step + 1} of {len(STEPS)}: {step.title}"
        return Content.assemble(
            (head, "bold"), "  ", self._with_keys("{tour} goes on"), "\n", self._with_keys(step.text)
        )

    def _with_keys(self, text: str) -> Content:
        """The keys that the actions have, as the user may have set them, in place of their ids."""
        parts = re.split(r"\{(\w+)\}", text)
        keys = [(key_display(self._app.keys[action].keys[0]), "bold $primary") for action in parts[1::2]]
        return Content.assemble(*chain.from_iterable(zip_longest(parts[::2], keys, fillvalue="")))


def seen(app: KeyedApp) -> Seen:
    """What the user has before them. Compare may lie below the screen that is shown."""
    compare: Any = next((each for each in reversed(app.screen_stack) if app.place(each) == "compare"), None)
    if compare is None:
        return Seen(app.place())
    session = compare.session
    return Seen(
        app.place(),
        session.systems,
        session.query,
        asked=session.started,
    )
