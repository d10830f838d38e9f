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


def _views() -> tuple[Action, ...]:
    return tuple(
        Action(
            f"evaluation_view_{number}",
            f"Go to {title}",
            "Evaluations, the table, the plot by model size, its average, the rerank depth, the matrix of datasets.",
            (str(number),),
            "evaluation",
            "show_view",
            label="view",
            argument=number,
            group="Go to a view",
        )
        for number, title in enumerate(
            ("the evaluations", "the table", "the plot by size", "the average", "the rerank depth", "the matrix"), 1
        )
    )


EVALUATION: tuple[Action, ...] = (
    Action(
        "evaluation_new",
        "Evaluate",
        "Choose systems, run files, measures and queries, and start in the background.",
        ("n",),
        "evaluation",
        "new_evaluation",
        label="new",
    ),
    *_views(),
    Action("evaluation_next_view", "Next view", "Go to the view on the right.", ("tab",), "evaluation", "next_view"),
    Action(
        "evaluation_previous_view",
        "Previous view",
        "Go to the view on the left.",
        ("shift+tab",),
        "evaluation",
        "previous_view",
    ),
    Action(
        "evaluation_back",
        "Leave the evaluation",
        "Back to Compare; an evaluation that runs goes on.",
        ("escape",),
        "evaluation",
        "leave",
        label="back",
    ),
    Action(
        "evaluation_open",
        "Open",
        "In the list: this evaluation. In the table: the queries behind this system's figures.",
        ("enter",),
        "evaluation",
        "open_row",
        label="open",
    ),
    Action(
        "evaluation_measure",
        "Next measure",
        "Compare by the next measure, in the table, the plots and the matrix.",
        ("m",),
        "evaluation",
        "next_measure",
        label="measure",
    ),
    Action(
        "evaluation_baseline",
        "Choose the baseline",
        "Make this system the one that the others are compared with.",
        ("b",),
        "evaluation",
        "choose_baseline",
        label="baseline",
    ),
    Action(
        "evaluation_test",
        "Switch the test of significance",
        "Paired t-test or randomisation test, both with Holm-Bonferroni over the systems.",
        ("v",),
        "evaluation",
        "next_test",
        label="test",
    ),
    Action(
        "evaluation_pause",
        "Pause or go on",
        "Pause the evaluation that runs, after the queries that are at work; or go on with it.",
        ("p",),
        "evaluation",
        "pause_job",
        label="pause",
    ),
    Action(
        "evaluation_stop",
        "Stop the evaluation",
        "Stop the evaluation that runs; what was finished is kept.",
        ("c",),
        "evaluation",
        "stop_job",
        label="stop",
    ),
    Action(
        "evaluation_resume",
        "Resume the evaluation",
        "Go on with an evaluation that was stopped or interrupted; systems that failed are tried again.",
        ("r",),
        "evaluation",
        "resume_evaluation",
        label="resume",
    ),
    Action(
        "evaluation_report",
        "Write a report",
        "As .html, .md, .tex, .csv, .json, .svg or .png.",
        ("x",),
        "evaluation",
        "export_report",
        label="report",
    ),
    Action(
        "evaluation_about",
        "About the evaluation",
        "Everything to be known of it, and what it takes to repeat it.",
        ("i",),
        "evaluation",
        "about_evaluation",
        label="about",
    ),
    Action(
        "evaluation_delete",
        "Delete the evaluation",
        "Asks first.",
        ("d",),
        "evaluation",
        "delete_evaluation",
        label="delete",
    ),
    Action(
        "evaluation_start",
        "Start the evaluation",
        "Prepare what is missing, then run all queries through the systems.",
        ("f5",),
        "evaluation-start",
        "start",
        label="start",
    ),
    Action(
        "evaluation_start_back",
        "Leave the form",
        "Back to the evaluations; nothing is started.",
        ("escape",),
        "evaluation-start",
        "leave",
        label="back",
    ),
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
    *EVALUATION,
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
        "queries_open",
        "Open the query in Compare",
        "With the evaluation's systems; escape there comes back to this row.",
        ("enter",),
        "evaluation_queries",
        "open_query",
        label="compare",
    ),
    Action(
        "queries_filter",
        "Filter the queries",
        "Words of the query, words:3-8 for its length, relevant:2- for its relevant documents.",
        ("slash",),
        "evaluation_queries",
        "focus_filter",
        label="filter",
    ),
    Action(
        "queries_view_1",
        "Show the table",
        "The table, bars of the differences, or the documents of the query in both systems.",
        ("1",),
        "evaluation_queries",
        "show_view",
        label="view",
        argument=1,
        group="Table, bars, documents in two systems",
    ),
    Action(
        "queries_view_2",
        "Show the bars",
        "The table, bars of the differences, or the documents of the query in both systems.",
        ("2",),
        "evaluation_queries",
        "show_view",
        label="view",
        argument=2,
        group="Table, bars, documents in two systems",
    ),
    Action(
        "queries_view_3",
        "Show the documents",
        "The table, bars of the differences, or the documents of the query in both systems.",
        ("3",),
        "evaluation_queries",
        "show_view",
        label="view",
        argument=3,
        group="Table, bars, documents in two systems",
    ),
    Action(
        "queries_failures",
        "Why queries fail",
        "Classes of failure, and what goes with them; Enter there lists the queries of a class.",
        ("c",),
        "evaluation_queries",
        "open_failures",
        label="failures",
    ),
    Action(
        "queries_sign",
        "Wins, losses, ties or all",
        "Against the baseline.",
        ("w",),
        "evaluation_queries",
        "next_sign",
        label="wins/losses",
    ),
    Action(
        "queries_left",
        "Sort by the column on the left",
        "Every column, also |diff.|; a click on its name sorts as well. In the pictures: another query.",
        ("left",),
        "evaluation_queries",
        "step",
        argument=-1,
        group="Sort by another column",
    ),
    Action(
        "queries_right",
        "Sort by the column on the right",
        "Every column, also |diff.|; a click on its name sorts as well. In the pictures: another query.",
        ("right",),
        "evaluation_queries",
        "step",
        label="sort",
        argument=1,
        group="Sort by another column",
    ),
    Action(
        "queries_reverse",
        "Turn the order round",
        "The largest first, or the smallest.",
        ("r",),
        "evaluation_queries",
        "reverse",
        label="reverse",
    ),
    Action(
        "queries_next_system",
        "Compare the next system",
        "With the baseline.",
        ("o",),
        "evaluation_queries",
        "next_system",
        label="system",
        argument=1,
    ),
    Action(
        "queries_previous_system",
        "Compare the system before",
        "With the baseline.",
        ("i",),
        "evaluation_queries",
        "next_system",
        argument=-1,
    ),
    Action(
        "queries_baseline",
        "Next baseline",
        "Differences are counted against it.",
        ("b",),
        "evaluation_queries",
        "next_baseline",
        label="baseline",
    ),
    Action(
        "queries_measure",
        "Next measure",
        "Of those that were computed.",
        ("m",),
        "evaluation_queries",
        "next_measure",
        label="measure",
    ),
    Action(
        "queries_agreements",
        "Sort by disagreement",
        "RBO 0.9, Jaccard of the first ten and tau-AP of the two rankings; needs no judgments.",
        ("a",),
        "evaluation_queries",
        "toggle_agreements",
        label="disagreement",
    ),
    Action(
        "queries_paths",
        "Show or hide the documents' paths",
        "The rank of each relevant document in every stage, and the stage at fault. Tab goes there.",
        ("d",),
        "evaluation_queries",
        "toggle_paths",
        label="paths",
    ),
    Action(
        "queries_next",
        "Next query",
        "Also where the table is not shown.",
        ("n",),
        "evaluation_queries",
        "next_query",
        argument=1,
    ),
    Action(
        "queries_previous",
        "Previous query",
        "Also where the table is not shown.",
        ("p",),
        "evaluation_queries",
        "next_query",
        argument=-1,
    ),
    Action(
        "queries_axis",
        "Ranks or scores",
        "What the picture of the documents has on its axes.",
        ("k",),
        "evaluation_queries",
        "toggle_axis",
    ),
    Action(
        "queries_all",
        "Show all queries",
        "Takes every filter away.",
        ("x",),
        "evaluation_queries",
        "show_all",
        label="all",
    ),
    Action(
        "queries_reload",
        "Ask again",
        "After something went wrong.",
        ("f5",),
        "evaluation_queries",
        "reload",
    ),
    Action(
        "queries_back",
        "Leave the queries",
        "Back to the evaluation.",
        ("escape",),
        "evaluation_queries",
        "leave",
        label="back",
    ),
    Action(
        "failures_open",
        "List these queries",
        "The queries of the class and system, or of the length, under the cursor.",
        ("enter",),
        "evaluation_failures",
        "open_queries",
        label="queries",
    ),
    Action(
        "failures_measure",
        "Next measure",
        "Of what goes with failure.",
        ("m",),
        "evaluation_failures",
        "next_measure",
        label="measure",
    ),
    Action(
        "failures_tables",
        "Classes, or what goes with failure",
        "Move between the two tables.",
        ("tab",),
        "evaluation_failures",
        "other_table",
        label="other table",
    ),
    Action(
        "failures_reload",
        "Ask again",
        "After something went wrong.",
        ("f5",),
        "evaluation_failures",
        "reload",
    ),
    Action(
        "failures_back",
        "Leave the failures",
        "Back to the queries.",
        ("escape",),
        "evaluation_failures",
        "go_back",
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
    Action(
        "engine",
        "Devices and work in the background",
        "Which models are loaded where, what waits, and how long background work will take.",
        ("g",),
        ANYWHERE,
        "open_engine",
    ),
    Action(
        "evaluate",
        "Evaluate over all queries",
        "Tables, tests and plots of systems over all queries of the dataset.",
        ("e",),
        ANYWHERE,
        "open_evaluation",
        label="evaluate",
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
