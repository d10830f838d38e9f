"""What can be done on the Compare screen; what is seldom needed there stands on its own."""

from __future__ import annotations

from zsr_tui.ui.keys.action import Action

_PLACE = "compare"

COMPARE: tuple[Action, ...] = (
    Action("query", "Type a query", "Go to the query line.", ("slash",), _PLACE, "focus_query", label="query"),
    Action(
        "next_query",
        "Next query",
        "Run the next query of the dataset.",
        ("n",),
        _PLACE,
        "next_query",
        label="next",
    ),
    Action(
        "document",
        "Open the document",
        "Read the whole document, with its rank and score in every system.",
        ("enter",),
        _PLACE,
        "open_document",
        label="open",
    ),
    *(
        Action(
            f"list_{number}",
            f"Go to list {number}",
            "Move to the list of that number; a narrow terminal shows one at a time.",
            (str(number),),
            _PLACE,
            "show_list",
            label="list",
            argument=number,
            group="Go to a list",
        )
        for number in range(1, 6)
    ),
    Action(
        "evaluate",
        "Evaluate over all queries",
        "Tables, tests and plots of systems over all queries of the dataset.",
        ("e",),
        _PLACE,
        "open_evaluation",
        label="eval",
        of_app=True,
    ),
    Action(
        "setup",
        "Choose corpus and systems",
        "Open the setup.",
        ("s",),
        _PLACE,
        "open_setup",
        label="setup",
        of_app=True,
    ),
    Action(
        "find_query",
        "Find a query of the dataset",
        "Search the dataset's own queries by typing.",
        ("f",),
        _PLACE,
        "find_query",
        label="find",
    ),
    Action(
        "previous_query",
        "Previous query",
        "Run the query of the dataset before this one.",
        ("p",),
        _PLACE,
        "previous_query",
        label="prev",
    ),
    Action(
        "reference",
        "Choose the reference list",
        "Make this list the one that arrows (↑ ↓ → ×) are counted against.",
        ("r",),
        _PLACE,
        "choose_reference",
        label="ref",
    ),
    Action(
        "align",
        "Align the lists",
        "Scroll every list to the document under the cursor.",
        ("a",),
        _PLACE,
        "align_lists",
        label="align",
    ),
    Action(
        "cancel",
        "Leave the query line, or stop the search",
        "The rows that are there stay. In a query that an evaluation opened: back to its queries.",
        ("escape",),
        _PLACE,
        "cancel_search",
        kept=True,
    ),
)

SELDOM: tuple[Action, ...] = (
    Action(
        "document_pane",
        "Show or hide the document pane",
        "The pane below the lists shows the document under the cursor.",
        ("d",),
        _PLACE,
        "toggle_document_pane",
        label="pane",
    ),
    Action(
        "self_retrieval",
        "Keep or drop self-retrieval",
        "Documents whose id equals the query's are dropped by default, as BEIR does.",
        ("x",),
        _PLACE,
        "toggle_self_retrieval",
        label="self-hits",
    ),
    Action("next_list", "Next list", "Move to the list on the right.", ("tab",), _PLACE, "next_list"),
    Action("previous_list", "Previous list", "Move to the list on the left.", ("shift+tab",), _PLACE, "previous_list"),
)
