"""What can be done with the queries of an evaluation, and where it is counted why they fail."""

from __future__ import annotations

from zsr_tui.ui.keys.action import Action, at

QUERIES = at(
    "evaluation_queries",
    Action(
        "queries_open",
        ("enter",),
        "Open the query in Compare",
        "With the evaluation's systems; escape there comes back to this row.",
        handler="open_query",
        label="open",
    ),
    Action(
        "queries_filter",
        ("slash",),
        "Filter the queries",
        "Words of the query, words:3-8 for its length, relevant:2- for its relevant documents.",
        handler="focus_filter",
        label="filter",
    ),
    *(
        Action(
            f"queries_view_{number}",
            (str(number),),
            f"Show the {name}",
            "The table, bars of the differences, every query in both systems, or the query's documents in both.",
            handler="show_view",
            label="view",
            argument=number,
            group="Table, bars, queries or documents in two systems",
        )
        for number, name in enumerate(("table", "bars", "scatter of the queries", "documents"), 1)
    ),
    Action(
        "queries_paths",
        ("d",),
        "Show or hide the documents' paths",
        "The rank of each relevant document in every stage, and the stage at fault. Tab goes there.",
        handler="toggle_paths",
        label="paths",
    ),
    Action(
        "queries_failures",
        ("y",),
        "Why queries fail",
        "Classes of failure, and what goes with them; Enter there lists the queries of a class.",
        handler="open_failures",
        label="why",
    ),
    Action(
        "queries_measure",
        ("m",),
        "Next measure",
        "Of those that were computed.",
        handler="next_measure",
        label="measure",
    ),
    Action(
        "queries_next_system",
        ("o",),
        "Compare the next system",
        "With the baseline.",
        handler="next_system",
        label="system",
        argument=1,
    ),
    Action(
        "queries_baseline",
        ("b",),
        "Next baseline",
        "Differences are counted against it.",
        handler="next_baseline",
        label="base",
    ),
    Action(
        "queries_sign", ("w",), "Wins, losses, ties or all", "Against the baseline.", handler="next_sign", label="wins"
    ),
    Action("queries_all", ("u",), "Show all queries", "Takes every filter away.", handler="show_all", label="all"),
    *(
        Action(
            f"queries_{key}",
            (key,),
            f"Sort by the column on the {key}",
            "Every column, also |diff.|; a click on its name sorts as well. In the pictures: another query.",
            handler="step",
            label="sort",
            argument=by,
            group="Sort by another column",
        )
        for key, by in (("left", -1), ("right", 1))
    ),
    Action(
        "queries_reverse",
        ("r",),
        "Turn the order round",
        "The largest first, or the smallest.",
        handler="reverse",
        label="reverse",
    ),
    Action(
        "queries_agreements",
        ("a",),
        "Sort by disagreement",
        "RBO 0.9, Jaccard of the first ten and tau-AP of the two rankings; needs no judgments.",
        handler="toggle_agreements",
        label="disagreement",
    ),
    Action(
        "queries_previous_system",
        ("O",),
        "Compare the system before",
        "With the baseline.",
        handler="next_system",
        argument=-1,
    ),
    Action(
        "queries_next", ("n",), "Next query", "Also where the table is not shown.", handler="next_query", argument=1
    ),
    Action(
        "queries_previous",
        ("p",),
        "Previous query",
        "Also where the table is not shown.",
        handler="next_query",
        argument=-1,
    ),
    Action(
        "queries_axis",
        ("k",),
        "Ranks or scores",
        "What the picture of the documents has on its axes.",
        handler="toggle_axis",
    ),
    Action("queries_reload", ("f5",), "Ask again", "After something went wrong.", handler="reload"),
    Action(
        "queries_back",
        ("escape",),
        "Leave the queries",
        "Back to the evaluation.",
        handler="leave",
        label="back",
        kept=True,
    ),
)

FAILURES = at(
    "evaluation_failures",
    Action(
        "failures_open",
        ("enter",),
        "List these queries",
        "The queries of the class and system, or of the length, under the cursor.",
        handler="open_queries",
        label="queries",
    ),
    Action(
        "failures_tables",
        ("tab",),
        "Classes, or what goes with failure",
        "Move between the two tables.",
        handler="other_table",
        label="other table",
    ),
    Action(
        "failures_measure",
        ("m",),
        "Next measure",
        "Of what goes with failure.",
        handler="next_measure",
        label="measure",
    ),
    Action("failures_reload", ("f5",), "Ask again", "After something went wrong.", handler="reload"),
    Action(
        "failures_back",
        ("escape",),
        "Leave the failures",
        "Back to the queries.",
        handler="leave",
        label="back",
        kept=True,
    ),
)
