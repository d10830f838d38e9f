"""What can be done with the queries of an evaluation, and where it is counted why they fail."""

from __future__ import annotations

from zsr_tui.ui.keys.action import action, at

QUERIES = at(
    "evaluation_queries",
    action("queries_open", "enter", does="open_query", label="open")(
        "Open the query in Compare", "With the evaluation's systems; escape there comes back to this row."
    ),
    *(
        action(f"queries_{key}", key, does="step", label="sort", argument=by, group="Sort by another column")(
            f"Sort by the column on the {key}",
            "Every column, also |diff.|; a click on its name sorts as well. In the pictures: another query.",
        )
        for key, by in (("left", -1), ("right", 1))
    ),
    action("queries_reverse", "r", does="reverse", label="reverse")(
        "Turn the order round", "The largest first, or the smallest."
    ),
    action("queries_paths", "d", does="toggle_paths", label="paths")(
        "Show or hide the documents' paths",
        "The rank of each relevant document in every stage, and the stage at fault. Tab goes there.",
    ),
    *(
        action(
            f"queries_view_{number}",
            str(number),
            does="show_view",
            label="view",
            argument=number,
            group="Table, bars, queries or documents in two systems",
        )(
            f"Show the {name}",
            "The table, bars of the differences, every query in both systems, or the query's documents in both.",
        )
        for number, name in enumerate(("table", "bars", "scatter of the queries", "documents"), 1)
    ),
    action("queries_filter", "slash", does="focus_filter", label="filter")(
        "Filter the queries", "Words of the query, words:3-8 for its length, relevant:2- for its relevant documents."
    ),
    action("queries_failures", "f", does="open_failures", label="why")(
        "Why queries fail", "Classes of failure, and what goes with them; Enter there lists the queries of a class."
    ),
    action("queries_measure", "m", does="next_measure", label="measure")(
        "Next measure", "Of those that were computed."
    ),
    action("queries_next_system", "o", does="next_system", label="system", argument=1)(
        "Compare the next system", "With the baseline."
    ),
    action("queries_baseline", "b", does="next_baseline", label="base")(
        "Next baseline", "Differences are counted against it."
    ),
    action("queries_sign", "w", does="next_sign", label="wins")("Wins, losses, ties or all", "Against the baseline."),
    action("queries_explain", "i", does="explain_document", label="explain")(
        "Explain the document", "Why the system gave the document under the cursor its score, or where it would stand."
    ),
    action("queries_judge", "Q", does="windows.judge", label="judge", of_app=True)(
        "Judge what is unjudged",
        "In the first documents of all lists of the queries that are shown; blind, or what matters most first.",
    ),
    action("queries_prefer", "V", does="windows.prefer", label="blind", of_app=True)(
        "Compare the two systems without names",
        "List beside list of the queries that are shown: you say which is better, and the end who won.",
    ),
    action("queries_all", "u", does="show_all", label="all")("Show all queries", "Takes every filter away."),
    action("queries_agreements", "a", does="toggle_agreements", label="disagreement")(
        "Sort by disagreement", "RBO 0.9, Jaccard of the first ten and tau-AP of the two rankings; needs no judgments."
    ),
    action("queries_previous_system", "O", does="next_system", argument=-1)(
        "Compare the system before", "With the baseline."
    ),
    action("queries_next", "n", does="next_query", argument=1)("Next query", "Also where the table is not shown."),
    action("queries_previous", "p", does="next_query", argument=-1)(
        "Previous query", "Also where the table is not shown."
    ),
    action("queries_axis", "s", does="toggle_axis")(
        "Ranks or scores", "What the picture of the documents has on its axes."
    ),
    action("queries_reload", "f5", does="reload")("Ask again", "After something went wrong."),
    action("queries_back", "escape", does="leave", label="back", kept=True)(
        "Leave the queries", "Back to the evaluation."
    ),
)

FAILURES = at(
    "evaluation_failures",
    action("failures_open", "enter", does="open_queries", label="queries")(
        "List these queries", "The queries of the class and system, or of the length, under the cursor."
    ),
    action("failures_tables", "tab", does="focus_next", label="other table")(
        "Classes, or what goes with failure", "Move between the two tables."
    ),
    action("failures_measure", "m", does="next_measure", label="measure")("Next measure", "Of what goes with failure."),
    action("failures_reload", "f5", does="reload")("Ask again", "After something went wrong."),
    action("failures_back", "escape", does="leave", label="back", kept=True)(
        "Leave the failures", "Back to the queries."
    ),
)
