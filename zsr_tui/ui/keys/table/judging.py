"""What can be done while judging: document after document of a pool, and one list against another."""

from __future__ import annotations

from zsr_tui.ui.keys.action import action, at

POOL = at(
    "pool",
    *(
        action(
            f"pool_grade_{grade}", str(grade), does="grade", label="grade", argument=grade, group="Grade the document"
        )(f"Grade it {grade}", "As far as the dataset's scale goes; 0 is not relevant. It is kept at once.")
        for grade in range(4)
    ),
    action("pool_pass", "s", does="pass_over", label="pass")(
        "Pass it over", "Nothing is kept; it does not come again in this session."
    ),
    action("pool_undo", "u", "U", does="undo", label="undo")(
        "Take the last one back", "Its judgment, too; the document is shown again."
    ),
    action("pool_result", "r", does="toggle_result", label="result")(
        "What the judgments did",
        "To every system and to the differences between them; and how far you agree with yourself.",
    ),
    action("pool_blind", "b", does="toggle_blind", label="blind")(
        "Blind or open",
        "Blind hides the systems and shows the ten that matter most in a random order; open shows where a document "
        "stands, and what is most at stake next.",
    ),
    action("pool_measure", "m", does="next_measure", label="measure")(
        "Next measure", "By which it is counted what is at stake."
    ),
    action("pool_depth", "d", does="next_depth", label="depth")(
        "How deep the lists are pooled", "The first 5, 10, 20, 50 or 100 documents of each."
    ),
    action("pool_again", "f5", does="again")("Ask again", "After something went wrong."),
    action("pool_back", "escape", does="leave", label="back", kept=True)(
        "Leave the judging", "What was judged is kept."
    ),
)
