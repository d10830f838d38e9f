"""What a user can do, and where: one entry of the table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

ANYWHERE = "anywhere"  # also where a screen is not one of ours
HERE = "here"  # in whatever has the focus, on every screen and dialog of ours


@dataclass(frozen=True, slots=True)
class Action:
    """`handler` is the name of a method of the screen whose `PLACE` is `where`, or of a part of it ("changes.back"); of
    every screen where that is HERE; of the app where it is ANYWHERE or `of_app` is set.

    `label` is how the key bar names it; an action without a label isn't on the bar unless the screen names it there
    for the moment. One that is `kept` stands at the bar's end in any width. The bar and the help show actions with the
    same `group` as one, as in "1-5 list". `keys` are names that Textual knows.
    `mouse` says what a mouse does instead, where an action is of no use in the palette.
    """

    id: str
    keys: tuple[str, ...]
    title: str
    help: str
    where: str
    handler: str
    label: str = ""
    argument: int | None = None
    group: str = ""
    kept: bool = False
    of_app: bool = False
    mouse: str = ""


def action(id: str, *keys: str, does: str = "", **more: Any) -> Callable[[str, str], Action]:
    """An entry of the table; what it gives takes the action's title and help. `does` is the handler, where that has
    another name than the action; `more` are fields of `Action`."""
    return lambda title, help: Action(id, keys, title, help, ANYWHERE, does or id, **more)


def at(place: str, *actions: Action) -> tuple[Action, ...]:
    """The actions of a place."""
    return tuple(replace(action, where=place) for action in actions)
