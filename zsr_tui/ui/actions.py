"""The one table of what a user can do, and the keys for it.

Bindings, the key bar, the help screen, the command palette and the user's own keys all derive from `ACTIONS`.
A user's keys stand in `config.toml` of the configuration folder:

    [keys]
    next_query = "right_square_bracket"
    quit = ["ctrl+q", "f10"]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from textual.binding import Binding
from textual.dom import DOMNode

from zsr_tui.ui.keys import key_display, key_name

ANYWHERE = "anywhere"


@dataclass(frozen=True, slots=True)
class Action:
    """`handler` is the name of a method of the app (`where` is ANYWHERE) or of the screen whose `PLACE` is `where`.

    `label` is how the key bar names it; an action without a label isn't on the bar. The bar and the help show
    actions with the same `group` as one, as in "1-5 list". `keys` are names that Textual knows.
    """

    id: str
    title: str
    help: str
    keys: tuple[str, ...]
    where: str
    handler: str
    label: str = ""
    argument: int | None = None
    group: str = ""


def _lists() -> tuple[Action, ...]:
    return tuple(
        Action(
            f"list_{number}",
            f"Go to list {number}",
            "Move to the list of that number; a narrow terminal shows one at a time.",
            (str(number),),
            "compare",
            "show_list",
            label="list",
            argument=number,
            group="Go to a list",
        )
        for number in range(1, 6)
    )


ACTIONS: tuple[Action, ...] = (
    Action("query", "Type a query", "Go to the query line.", ("slash",), "compare", "focus_query", label="query"),
    Action(
        "next_query",
        "Next query",
        "Run the next query of the dataset.",
        ("n",),
        "compare",
        "next_query",
        label="next",
    ),
    Action(
        "previous_query",
        "Previous query",
        "Run the query of the dataset before this one.",
        ("p",),
        "compare",
        "previous_query",
        label="previous",
    ),
    Action(
        "find_query",
        "Find a query of the dataset",
        "Search the dataset's own queries by typing.",
        ("f",),
        "compare",
        "find_query",
        label="find",
    ),
    *_lists(),
    Action(
        "next_list",
        "Next list",
        "Move to the list on the right.",
        ("tab",),
        "compare",
        "next_list",
    ),
    Action(
        "previous_list",
        "Previous list",
        "Move to the list on the left.",
        ("shift+tab",),
        "compare",
        "previous_list",
    ),
    Action(
        "document",
        "Open the document",
        "Read the whole document, with its rank and score in every system.",
        ("enter",),
        "compare",
        "open_document",
        label="document",
    ),
    Action(
        "reference",
        "Choose the reference list",
        "Make this list the one that arrows (↑ ↓ → ×) are counted against.",
        ("r",),
        "compare",
        "choose_reference",
        label="reference",
    ),
    Action(
        "align",
        "Align the lists",
        "Scroll every list to the document under the cursor.",
        ("a",),
        "compare",
        "align_lists",
        label="align",
    ),
    Action(
        "document_pane",
        "Show or hide the document pane",
        "The pane below the lists shows the document under the cursor.",
        ("d",),
        "compare",
        "toggle_document_pane",
        label="pane",
    ),
    Action(
        "self_retrieval",
        "Keep or drop self-retrieval",
        "Documents whose id equals the query's are dropped by default, as BEIR does.",
        ("x",),
        "compare",
        "toggle_self_retrieval",
        label="self-hits",
    ),
    Action(
        "cancel",
        "Stop the search",
        "Stop what is running; the rows that are there stay.",
        ("escape",),
        "compare",
        "cancel_search",
    ),
    Action(
        "start",
        "Compare the chosen systems",
        "Prepare what is missing, then open the Compare screen.",
        ("f5",),
        "setup",
        "start",
        label="compare",
    ),
    Action(
        "choose_corpus",
        "Choose a corpus",
        "Go to the corpora. Typing filters them; a folder or any ir_datasets id works too.",
        ("f2",),
        "setup",
        "focus_corpora",
        label="corpus",
    ),
    Action(
        "choose_systems",
        "Add a system",
        "Go to the presets and models. Typing filters them; the notation works too.",
        ("f3",),
        "setup",
        "focus_systems",
        label="systems",
    ),
    Action(
        "edit_chosen",
        "Reorder or remove systems",
        "Go to the chosen systems: delete removes one, [ and ] move it.",
        ("f4",),
        "setup",
        "focus_chosen",
        label="chosen",
    ),
    Action(
        "back",
        "Leave the setup",
        "Back to the Compare screen; nothing changes.",
        ("escape",),
        "setup",
        "leave",
        label="back",
    ),
    Action(
        "setup",
        "Choose corpus and systems",
        "Open the setup.",
        ("s",),
        ANYWHERE,
        "open_setup",
        label="setup",
    ),
    Action("theme", "Next theme", "Dark, light, or the terminal's own colours.", ("t",), ANYWHERE, "next_theme"),
    Action(
        "help",
        "Help",
        "Keys, marks and the notation of systems.",
        ("f1",),
        ANYWHERE,
        "open_help",
        label="help",
    ),
    Action(
        "palette",
        "Commands",
        "Every action by its name.",
        ("ctrl+p",),
        ANYWHERE,
        "open_palette",
        label="commands",
    ),
    Action("quit", "Quit", "End the program and its engine.", ("q", "ctrl+q"), ANYWHERE, "quit_app", label="quit"),
)
BY_ID: Mapping[str, Action] = {action.id: action for action in ACTIONS}

# In a modal window and while typing, keys that are no characters still reach these.
_ALWAYS = frozenset({"help", "palette", "quit"})
_HELP = "\0"  # stands for the key of the help in a complaint, until every override is known


def grouped(actions: Iterable[Action]) -> list[tuple[str, str, Action]]:
    """(keys as shown, title, action) for each action, those of a group as one: ("1-3", "Go to a list", ...)."""
    groups: dict[str, list[Action]] = {}
    for action in actions:
        groups.setdefault(action.group or action.id, []).append(action)
    rows = []
    for members in groups.values():
        first, last = members[0], members[-1]
        if first is last:
            keys = " ".join(key_display(key) for key in first.keys)
        else:
            keys = f"{key_display(first.keys[0])}-{key_display(last.keys[0])}"
        rows.append((keys, first.group or first.title, first))
    return rows


class KeyTable:
    """`ACTIONS` with the user's keys in them. `complaints` has one sentence for every entry that was refused."""

    def __init__(self, overrides: Mapping[str, object] | None = None) -> None:
        self.complaints: list[str] = []
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
        """The actions of a place, in the table's order, then those that apply anywhere."""
        own = [action for action in self if action.where == place]
        return own + [action for action in self if action.where == ANYWHERE]

    def install(self, node: DOMNode, place: str) -> None:
        """Give a screen (or the app, for ANYWHERE) the bindings of a place; they replace bindings of the same keys.

        They are put on the instance because the user's keys are known only at run time. A keymap of Textual's
        would not do: it is applied after the keys that a focused Input consumes were taken out, so that a key
        changed from F1 to a letter would fire while typing.
        """
        for action in self:
            if action.where != place:
                continue
            for key in action.keys:
                binding = Binding(
                    key,
                    f"app.do('{action.id}')",
                    action.title,
                    id=action.id,
                    priority=action.id in _ALWAYS and (len(key) > 1),
                )
                node._bindings.key_to_bindings[key] = [binding]

    def _override(self, action_id: str, written: object) -> None:
        action = self._actions.get(action_id)
        if action is None:
            self.complaints.append(f"config.toml: there is no action {action_id!r}; {_HELP} lists them.")
            return
        texts = [written] if isinstance(written, str) else written
        if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
            self.complaints.append(f'config.toml: {action_id} takes a key or a list of keys, as in "ctrl+n".')
            return
        keys = []
        for text in texts:
            name = key_name(text)
            if name is None:
                self.complaints.append(f"config.toml: {action_id}: there is no key {text!r}.")
                return
            taken = self._holder(name, action)
            if taken is not None:
                self.complaints.append(f"config.toml: {action_id}: the key {text!r} already belongs to {taken.id}.")
                return
            keys.append(name)
        self._actions[action_id] = replace(action, keys=tuple(dict.fromkeys(keys)))

    def _holder(self, key: str, wanted: Action) -> Action | None:
        """Who else has `key` where `wanted` applies."""
        for other in self:
            meets = other.where == wanted.where or ANYWHERE in (other.where, wanted.where)
            if other.id != wanted.id and meets and key in other.keys:
                return other
        return None
