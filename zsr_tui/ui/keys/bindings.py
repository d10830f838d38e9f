"""The actions of the table with their keys: bindings, key bar, help and command palette derive from here.

A user's keys stand in the settings (`zsr_tui.settings`):

    [keys]
    next_query = "right_square_bracket"
    quit = ["ctrl+q", "f10"]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from textual.binding import Binding
from textual.dom import DOMNode

from zsr_tui.settings.file import nearest
from zsr_tui.ui.keys.action import ANYWHERE, HERE, Action
from zsr_tui.ui.keys.names import key_display, key_name
from zsr_tui.ui.keys.table import ACTIONS

BY_ID: Mapping[str, Action] = {action.id: action for action in ACTIONS}

# In a modal window and while typing, keys that are no characters still reach these.
_ALWAYS = frozenset({"help", "palette", "quit"})
_HELP = "\0"  # stands for the key of the help in a complaint, until every override is known


def grouped(actions: Iterable[Action]) -> list[tuple[str, str, Action]]:
    """(keys as shown, title, action) for each action, those of a group as one: ("1-3", "Go to a list", ...), ("← →",
    "Sort by another column", ...)."""
    groups: dict[str, list[Action]] = {}
    for action in actions:
        groups.setdefault(action.group or action.id, []).append(action)
    rows = []
    for members in groups.values():
        first, last = members[0], members[-1]
        if first is last:
            keys = " ".join(key_display(key) for key in first.keys)
        else:
            ends = [key_display(each.keys[0]) for each in (first, last)]
            keys = ("-" if all(map(str.isdigit, ends)) else " ").join(ends)
        rows.append((keys, first.group or first.title, first))
    return rows


class KeyTable:
    """`ACTIONS` with the user's keys in them. `complaints` has one sentence for every entry that was refused; `at` says
    where that is written."""

    def __init__(
        self, overrides: Mapping[str, object] | None = None, at: Callable[[str], str] = lambda _id: "config.toml"
    ) -> None:
        self.complaints: list[str] = []
        self._at = at
        self._actions = dict(BY_ID)
        for action_id, written in (overrides or {}).items():
            self._override(action_id, written)
        help_key = key_display(self["help"].keys[0])
        self.complaints = [complaint.replace(_HELP, help_key) for complaint in self.complaints]

    def __iter__(self) -> Iterator[Action]:
        return iter(self._actions.values())

    def __getitem__(self, action_id: str) -> Action:
        return self._actions[action_id]

    def at(self, place: str) -> list[Action]:
        """The actions of a place, in the table's order, then those of what has the focus, then those that apply
        anywhere."""
        return [action for where in (place, HERE, ANYWHERE) for action in self if action.where == where]

    def install(self, node: DOMNode, place: str) -> None:
        """Give a screen (or the app, for ANYWHERE) the bindings of a place; they replace bindings of the same keys.
        With HERE comes the help: a dialog keeps keys from the app.

        They are put on the instance because the user's keys are known only at run time. A keymap of Textual's
        would not do: it is applied after the keys that a focused Input consumes were taken out, so that a key
        changed from F1 to a letter would fire while typing.
        """
        for action in self:
            if action.where != place and not (place == HERE and action.id == "help"):
                continue
            for key in action.keys:
                priority = action.id in _ALWAYS and len(key_display(key)) > 1
                binding = Binding(key, f"app.do('{action.id}')", action.title, id=action.id, priority=priority)
                node._bindings.key_to_bindings[key] = [binding]

    def _override(self, action_id: str, written: object) -> None:
        action = self._actions.get(action_id)
        if action is None:
            guess = nearest(action_id, BY_ID).removesuffix(".")
            self._complain(action_id, f"there is no action {action_id!r}{guess or ';'} {_HELP} lists them.")
            return
        texts = [written] if isinstance(written, str) else written
        if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
            self._complain(action_id, f'{action_id} takes a key or a list of keys, as in "ctrl+n".')
            return
        keys = []
        for text in texts:
            name = key_name(text)
            if name is None:
                self._complain(action_id, f"{action_id}: there is no key {text!r}.")
                return
            taken = self._holder(name, action)
            if taken is not None:
                self._complain(action_id, f"{action_id}: the key {text!r} already belongs to {taken.id}.")
                return
            keys.append(name)
        self._actions[action_id] = replace(action, keys=tuple(dict.fromkeys(keys)))

    def _complain(self, action_id: str, what: str) -> None:
        self.complaints.append(f"{self._at(action_id)}: {what}")

    def _holder(self, key: str, wanted: Action) -> Action | None:
        """Who else has `key` where `wanted` applies."""
        holders = (other for other in self if other.id != wanted.id and key in other.keys)
        shared = {ANYWHERE, HERE}
        return next((o for o in holders if o.where == wanted.where or shared & {o.where, wanted.where}), None)
