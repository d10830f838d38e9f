"""What can be done on the evaluation screen, and in the form that starts an evaluation."""

from __future__ import annotations

from zsr_tui.ui.keys.action import Action, at

_VIEWS = ("the evaluations", "the table", "the plot by size", "the average", "the rerank depth", "the matrix")

EVALUATION = at(
    "evaluation",
    Action(
        "evaluation_new",
        ("n",),
        "Evaluate",
        "Choose systems, run files, measures and queries, and start in the background.",
        handler="new_evaluation",
        label="new",
    ),
    Action(
        "evaluation_open",
        ("enter",),
        "Open",
        "In the list: this evaluation. In the table: the queries behind this system's figures.",
        handler="open_row",
        label="open",
    ),
    *(
        Action(
            f"evaluation_view_{number}",
            (str(number),),
            f"Go to {title}",
            "Evaluations, the table, the plot by model size, its average, the rerank depth, the matrix of datasets.",
            handler="show_view",
            label="view",
            argument=number,
            group="Go to a view",
        )
        for number, title in enumerate(_VIEWS, 1)
    ),
    Action(
        "evaluation_pause",
        ("p",),
        "Pause or go on",
        "Pause the evaluation that runs, after the queries that are at work; or go on with it.",
        handler="pause_job",
        label="pause",
    ),
    Action(
        "evaluation_stop",
        ("c",),
        "Stop the evaluation",
        "Stop the evaluation that runs; what was finished is kept.",
        handler="stop_job",
        label="stop",
    ),
    Action(
        "evaluation_resume",
        ("r",),
        "Resume the evaluation",
        "Go on with an evaluation that was stopped or interrupted; systems that failed are tried again.",
        handler="resume_evaluation",
        label="resume",
    ),
    Action(
        "evaluation_measure",
        ("m",),
        "Next measure",
        "Compare by the next measure, in the table, the plots and the matrix.",
        handler="next_measure",
        label="measure",
    ),
    Action(
        "evaluation_report",
        ("x",),
        "Write a report",
        "As .html, .md, .tex, .csv, .json, .svg or .png.",
        handler="export_report",
        label="report",
    ),
    Action(
        "evaluation_baseline",
        ("b",),
        "Choose the baseline",
        "Make this system the one that the others are compared with.",
        handler="choose_baseline",
        label="base",
    ),
    Action(
        "evaluation_test",
        ("v",),
        "Switch the test of significance",
        "Paired t-test or randomisation test, both with Holm-Bonferroni over the systems.",
        handler="next_test",
        label="test",
    ),
    Action(
        "evaluation_about",
        ("i",),
        "About the evaluation",
        "Everything to be known of it, and what it takes to repeat it.",
        handler="about_evaluation",
        label="about",
    ),
    Action(
        "evaluation_delete",
        ("delete",),
        "Delete the evaluation",
        "Asks first.",
        handler="delete_evaluation",
        label="delete",
    ),
    Action("evaluation_next_view", ("tab",), "Next view", "Go to the view on the right.", handler="next_view"),
    Action(
        "evaluation_previous_view",
        ("shift+tab",),
        "Previous view",
        "Go to the view on the left.",
        handler="previous_view",
    ),
    Action(
        "evaluation_back",
        ("escape",),
        "Leave the evaluation",
        "Back to Compare; an evaluation that runs goes on.",
        handler="leave",
        label="back",
        kept=True,
    ),
)

FORM = at(
    "evaluation-start",
    Action(
        "evaluation_start",
        ("f5",),
        "Start the evaluation",
        "Prepare what is missing, then run all queries through the systems.",
        handler="start",
        label="start",
    ),
    Action(
        "evaluation_start_back",
        ("escape",),
        "Leave the form",
        "Back to the evaluations; nothing is started.",
        handler="leave",
        label="back",
        kept=True,
    ),
)
