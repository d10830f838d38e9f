"""The colours: ours, the terminal's own, Textual's, and the user's own (`own`).

Every mark on the screen has a glyph of its own, so nothing is told by colour alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.app import App
from textual.filter import LineFilter, Monochrome, NoColor
from textual.theme import BUILTIN_THEMES, Theme

from zsr_tui.domain import Problem
from zsr_tui.settings.file import nearest
from zsr_tui.ui.themes import own

DEFAULT = "slate"
COLOURLESS = "ansi-dark"  # under NO_COLOR: the terminal's own two colours, with bold, dim, underline and reverse

SLATE = Theme(
    name="slate",
    primary="#7fb2e5",
    secondary="#8fa3b8",
    accent="#e8b45a",
    success="#7fc98f",
    warning="#e8b45a",
    error="#f08a7d",
    foreground="#e3e7ec",
    background="#14181d",
    surface="#1a2027",
    panel="#242c36",
    dark=True,
    variables={
        "block-cursor-background": "#2f4a66",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#26303b",
        "block-cursor-blurred-foreground": "#e3e7ec",
        "border": "#7fb2e5",
        "border-blurred": "#3a4654",
        "footer-background": "#1a2027",
        "footer-key-foreground": "#e8b45a",
        "footer-description-foreground": "#aab6c3",
        "input-selection-background": "#2f4a66",
    },
)

PAPER = Theme(
    name="paper",
    primary="#1c5a96",
    secondary="#4d5d6e",
    accent="#8a4b00",
    success="#1d6b34",
    warning="#8a4b00",
    error="#a32a1c",
    foreground="#1b1f24",
    background="#fbfaf7",
    surface="#f3f1eb",
    panel="#e6e3da",
    dark=False,
    variables={
        "block-cursor-background": "#cfe0f2",
        "block-cursor-foreground": "#0d1116",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#e3e3df",
        "block-cursor-blurred-foreground": "#1b1f24",
        "border": "#1c5a96",
        "border-blurred": "#b9b4a6",
        "footer-background": "#f3f1eb",
        "footer-key-foreground": "#8a4b00",
        "footer-description-foreground": "#4d5d6e",
        "input-selection-background": "#cfe0f2",
    },
)

OURS = (SLATE, PAPER)
# The last two are Textual's and leave every colour to the terminal.
NAMES: tuple[str, ...] = (SLATE.name, PAPER.name, "ansi-dark", "ansi-light")
_NO_COLOR = NoColor()


BUILT_IN: tuple[str, ...] = tuple(BUILTIN_THEMES)


def every() -> tuple[str, ...]:
    """Ours, the user's own and Textual's, each name once."""
    return tuple(dict.fromkeys((*NAMES, *own.names(), *BUILT_IN)))


def after(name: str) -> str:
    """The next of ours, the terminal's and the user's own; behind any other comes the first."""
    cycle = tuple(dict.fromkeys((*NAMES, *own.names())))
    return cycle[(cycle.index(name) + 1) % len(cycle)] if name in cycle else cycle[0]


def line_filters(app: App[Any], chosen: Sequence[LineFilter]) -> Sequence[LineFilter]:
    """Without colour, in the terminal's own colours: Textual chooses its filter before the theme is known, and the one
    for other themes paints the terminal's default colours black on black."""
    if not (app.no_color and app.native_ansi_color):
        return chosen
    return [_NO_COLOR if isinstance(each, Monochrome) else each for each in chosen]


def missing(name: str) -> str:
    """A sentence, if there is no such theme."""
    return "" if name in every() else f"There is no theme {name!r}{nearest(name, every())}"


def install(app: App[Any], chosen: str) -> str:
    """Ours, and the chosen one, if there are colours. A sentence, if there is no such theme or it cannot be used."""
    for ours in OURS:
        app.register_theme(ours)
    if app.no_color:
        app.theme = COLOURLESS
        return ""
    app.theme = DEFAULT
    return use(app, chosen) if chosen else ""


def use(app: App[Any], name: str) -> str:
    """As `install`, for a running application. A user's own is read anew."""
    if name in own.names():
        try:
            app.register_theme(own.read(name))
        except Problem as problem:
            return problem.message
    elif complaint := missing(name):
        return complaint
    if app.theme == name:
        app.mutate_reactive(App.theme)  # it may have other colours now
    else:
        app.theme = name
    return ""
