"""What can be done on the Compare screen; what is seldom needed there stands on its own."""

from __future__ import annotations

from zsr_tui.ui.keys.action import Action, at

COMPARE = at(
    "compare",
    Action("query", ("slash",), "Type a query", "Go to the query line.", handler="focus_query", label="query"),
    Action("next_query", ("n",), "Next query", "Run the next query of the dataset.", label="next"),
    Action(
        "document",
        ("enter",),
        "Open the document",
        "Read the whole document, with its rank and score in every system.",
        handler="open_document",
        label="open",
    ),
    *(
        Action(
            f"list_{number}",
            (str(number),),
            f"Go to list {number}",
            "Move to the list of that number; a narrow terminal shows one at a time.",
            handler="show_list",
            label="list",
            argument=number,
            group="Go to a list",
        )
        for number in range(1, 6)
    ),
    Action(
        "evaluate",
        ("e",),
        "Evaluate over all queries",
        "Tables, tests and plots of systems over all queries of the dataset.",
        handler="open_evaluation",
        label="eval",
        of_app=True,
    ),
    Action(
        "setup",
        ("s",),
        "Choose corpus and systems",
        "Open the setup.",
        handler="open_setup",
        label="setup",
        of_app=True,
    ),
    Action(
        "find_query", ("f",), "Find a query of the dataset", "Search the dataset's own queries by typing.", label="find"
    ),
    Action("previous_query", ("p",), "Previous query", "Run the query of the dataset before this one.", label="prev"),
    Action(
        "reference",
        ("r",),
        "Choose the reference list",
        "Make this list the one that arrows (↑ ↓ → ×) are counted against.",
        handler="choose_reference",
        label="ref",
    ),
    Action(
        "align",
        ("a",),
        "Align the lists",
        "Scroll every list to the document under the cursor.",
        handler="align_lists",
        label="align",
    ),
    Action(
        "cancel",
        ("escape",),
        "Leave the query line, or stop the search",
        "The rows that are there stay. In a query that an evaluation opened: back to its queries.",
        handler="cancel_search",
        kept=True,
    ),
)

SELDOM = at(
    "compare",
    Action(
        "document_pane",
        ("d",),
        "Show or hide the document pane",
        "The pane below the lists shows the document under the cursor.",
        handler="toggle_document_pane",
        label="pane",
    ),
    Action(
        "self_retrieval",
        ("x",),
        "Keep or drop self-retrieval",
        "Documents whose id equals the query's are dropped by default, as BEIR does.",
        handler="toggle_self_retrieval",
        label="self-hits",
    ),
    Action("next_list", ("tab",), "Next list", "Move to the list on the right."),
    Action("previous_list", ("shift+tab",), "Previous list", "Move to the list on the left."),
)
