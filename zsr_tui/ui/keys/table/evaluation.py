"""What can be done on the evaluation screen, and in the form that starts an evaluation."""

from __future__ import annotations

from zsr_tui.ui.keys.action import action, at

_VIEWS = (
    *("the evaluations", "the table", "the plot by size", "the average", "the rerank depth", "the matrix"),
    *("the weights", "the grid"),
)

EVALUATION = at(
    "evaluation",
    action("evaluation_new", "n", does="new_evaluation", label="new")(
        "Evaluate", "Choose systems, run files, measures and queries, and start in the background."
    ),
    action("evaluation_open", "enter", does="open_row", label="open")(
        "Open", "In the list: this evaluation. In the table: the queries behind this system's figures."
    ),
    *(
        action(
            f"evaluation_view_{number}",
            str(number),
            does="show_view",
            label="view",
            argument=number,
            group="Go to a view",
        )(
            f"Go to {title}",
            "Evaluations, the table, the plot by model size, its average, the rerank depth, the matrix of datasets, "
            "the weights of fused pairs, retrievers by rerankers.",
        )
        for number, title in enumerate(_VIEWS, 1)
    ),
    action("evaluation_pause", "p", does="pause_job", label="pause")(
        "Pause or go on", "Pause the evaluation that runs, after the queries that are at work; or go on with it."
    ),
    action("evaluation_stop", "c", does="stop_job", label="stop")(
        "Stop the evaluation", "Stop the evaluation that runs; what was finished is kept."
    ),
    action("evaluation_resume", "r", does="resume_evaluation", label="resume")(
        "Resume the evaluation",
        "Go on with an evaluation that was stopped or interrupted; systems that failed are tried again.",
    ),
    action("evaluation_measure", "m", does="next_measure", label="measure")(
        "Next measure", "Compare by the next measure, in the table, the plots and the matrix."
    ),
    action("evaluation_pair", "w", does="next_pair", label="pair")(
        "Next fused pair", "In the curve of weights: the next pair of lists that is fused."
    ),
    action("evaluation_report", "x", does="export_report", label="report")(
        "Write a report", "As .html, .md, .tex, .csv, .json, .svg or .png."
    ),
    action("evaluation_baseline", "b", does="choose_baseline", label="base")(
        "Choose the baseline", "Make this system the one that the others are compared with."
    ),
    action("evaluation_test", "v", does="next_test", label="test")(
        "Switch the test of significance",
        "Paired t-test or randomisation test, both with Holm-Bonferroni over the systems.",
    ),
    action("evaluation_own", "O", does="views.toggle_own", label="own")(
        "Own judgments count, or not", "In all numbers of the evaluation; where the two differ both are shown."
    ),
    action("evaluation_counting", "J", does="views.choose_counting")(
        "Choose which judgments count", "The dataset's, your own, a model's, or several: the first counts."
    ),
    action("evaluation_about", "i", does="about_evaluation", label="about")(
        "About the evaluation", "Everything to be known of it, and what it takes to repeat it."
    ),
    action("evaluation_delete", "delete", does="delete_evaluation", label="delete")(
        "Delete the evaluation", "Asks first."
    ),
    action("evaluation_axioms", "A", does="check_axioms", label="axioms")(
        "Hold the lists against axioms",
        "How often each system agrees with the axioms of retrieval over all queries, and the pairs that do not.",
    ),
    action("evaluation_next_view", "tab", does="next_view", argument=1)("Next view", "Go to the view on the right."),
    action("evaluation_previous_view", "shift+tab", does="next_view", argument=-1)(
        "Previous view", "Go to the view on the left."
    ),
    action("evaluation_back", "escape", does="leave", label="back", kept=True)(
        "Leave the evaluation", "Back to Compare; an evaluation that runs goes on."
    ),
)

FORM = at(
    "evaluation-start",
    action("evaluation_start", "f5", does="start", label="start")(
        "Start the evaluation", "Prepare what is missing, then run all queries through the systems."
    ),
    action("evaluation_start_back", "escape", does="leave", label="back", kept=True)(
        "Leave the form", "Back to the evaluations; nothing is started."
    ),
)
