"""What can be judged and noted where documents are shown, and done while judging document after document of a pool."""

from __future__ import annotations

from zsr_tui.ui.keys.action import Action, action, at

HIGHEST = 9  # of the grades that have a key; which of them apply is the dataset's scale


NOTE = at(
    "note",
    action("note_keep", "f5", does="keep", label="keep")("Keep it", "The notes, tags and bookmarks of all targets."),
    action("note_target", "ctrl+t", does="next_target", label="about")(
        "About something else", "The document for this query, the query, or the document whatever the query."
    ),
    action("note_bookmark", "f6", does="bookmark", label="bookmark")("Bookmark, or not", "What the note is about."),
    action("note_back", "escape", does="leave", label="back", kept=True)("Leave the note", "What is kept stays."),
)


REVIEW = at(
    "review",
    action("review_open", "enter", does="open_entry", label="open")(
        "Open it in Compare", "Its query, with the cursor on the document; escape there comes back."
    ),
    action("review_filter", "slash", does="focus_filter", label="search")(
        "Search", "Every word has to stand in the note, the reason, the query, the document's title or id, or a name."
    ),
    *(
        action(f"review_kind_{number}", str(number), does="show_kind", label="show", argument=number, group="Show")(
            f"Show {kind}", "Everything, or one kind alone."
        )
        for number, kind in enumerate(("everything", "judgments", "notes", "tags", "bookmarks"), 1)
    ),
    action("review_note", "N", "n", does="edit_note", label="note")(
        "Note and tags", "On what the entry under the cursor is about."
    ),
    action("review_drop", "delete", "x", does="drop_entry", label="take away")(
        "Take it away", "The judgment, note, tag or bookmark under the cursor."
    ),
    action("review_undo", "U", "u", does="undo")("Bring back", "What was taken away last in this window."),
    action("review_write", "w", does="write_file", label="write")(
        "Write your judgments to a file", "JSON lines or CSV with who, when and why; TREC qrels; BEIR's."
    ),
    action("review_merge", "m", does="merge_file", label="merge")(
        "Merge somebody's file", "How far you agree, and each conflict to be decided; what you had not judged is kept."
    ),
    action("review_again", "f5", does="read")("Ask again", "Others may have judged and noted meanwhile."),
    action("review_back", "escape", does="leave", label="back", kept=True)(
        "Leave the list", "Back to where it was opened."
    ),
)


def judging(prefix: str = "") -> tuple[Action, ...]:
    """The actions of one place; `prefix` tells their ids from those of another."""
    return (
        *(
            action(
                f"{prefix}grade_{grade}", str(grade), does="judging.grade", argument=grade, label="judge", group="Judge"
            )(
                f"Judge {grade}",
                "A judgment of your own on the document under the cursor, on the scale of the dataset: 0 is not "
                "relevant. The dataset's files stay as they are.",
            )
            for grade in range(HIGHEST + 1)
        ),
        action(f"{prefix}clear_judgment", "x", does="judging.clear")(
            "Clear the judgment", "Of your own, on the document under the cursor."
        ),
        action(f"{prefix}undo_judgment", "U", does="judging.undo")(
            "Take the last judgment back", "One after the other, as far back as this window."
        ),
        action(f"{prefix}note", "N", does="judging.note", label="note")(
            "Note and tags", "On the document for this query, on the document, or on the query; a bookmark, too."
        ),
        action(f"{prefix}bookmark", "B", does="judging.bookmark")(
            "Bookmark, or not", "The document under the cursor, for this query; the review list has all of them."
        ),
        action(f"{prefix}own_judgments", "O", does="judging.toggle_own")(
            "Own judgments count, or not", "In the measures; where the two differ both values are shown."
        ),
        action(f"{prefix}counting", "J", does="judging.choose_counting")(
            "Choose which judgments count", "The dataset's, your own, a model's, or several: the first counts."
        ),
    )


MERGE = at(
    "merge",
    *(
        action(f"merge_grade_{grade}", str(grade), does="decide", label="decide", argument=grade, group="Decide")(
            f"It is a {grade}", "The grade that counts, of one of both or another one; it is kept at once."
        )
        for grade in range(HIGHEST + 1)
    ),
    action("merge_open", "s", "enter", does="leave_open", label="leave open")("Leave it open", "Yours stands."),
    action("merge_back", "escape", does="leave", label="back", kept=True)(
        "Leave the conflicts", "What was decided is kept; of the others yours stand."
    ),
)

POOL = at(
    "pool",
    *(
        action(
            f"pool_grade_{grade}", str(grade), does="grade", label="grade", argument=grade, group="Grade the document"
        )(f"Grade it {grade}", "As far as the dataset's scale goes; 0 is not relevant. It is kept at once.")
        for grade in range(HIGHEST + 1)
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
    action("pool_page", "n", does="next_page", label="next queries")(
        "The next queries", "Of many, 1,000 are pooled together; behind the last ones come the first."
    ),
    action("pool_model", "M", does="have_judged", label="model")(
        "Have a model judge the pool", "By the server of the settings; what it costs is asked first."
    ),
    action("pool_again", "f5", does="again")("Ask again", "After something went wrong."),
    action("pool_back", "escape", does="leave", label="back", kept=True)(
        "Leave the judging", "What was judged is kept."
    ),
)

BLIND = at(
    "blind",
    *(
        action(f"blind_{name}", *keys, does="prefer", label="better", argument=side, group="Which list is better")(
            f"{title}", "It is kept at once, and the next two lists come."
        )
        for name, keys, side, title in (
            ("left", ("left", "1"), -1, "The left list is better"),
            ("right", ("right", "2"), 1, "The right list is better"),
        )
    ),
    action("blind_tie", "equals_sign", "0", does="prefer", label="alike", argument=0)(
        "Neither is better", "A tie: half a win for both."
    ),
    action("blind_pass", "s", does="pass_over", label="pass")("Pass it over", "Nothing is kept of this query."),
    action("blind_undo", "u", "U", does="undo", label="undo")(
        "Take the last one back", "The two lists are shown again, on the same sides."
    ),
    action("blind_pair", "p", does="choose_pair", label="pair")(
        "Choose the two systems", "Of three or more: all pairs in turn, or one alone, about which you learn sooner."
    ),
    action("blind_result", "r", does="toggle_result", label="reveal")(
        "Who won", "Which systems they were, win rates with intervals, and what you preferred of each query."
    ),
    action("blind_document", "d", does="toggle_document", label="document")(
        "Show or hide the document", "The whole text of the one under the cursor; tab goes to the other list."
    ),
    action("blind_again", "f5", does="again")("Ask again", "After something went wrong."),
    action("blind_back", "escape", does="leave", label="back", kept=True)(
        "Leave the comparison", "What was preferred is kept."
    ),
)
