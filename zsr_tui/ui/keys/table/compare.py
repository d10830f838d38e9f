"""What can be done on the Compare screen; what is seldom needed there stands on its own."""

from __future__ import annotations

from zsr_tui.ui.keys.action import action, at
from zsr_tui.ui.keys.table.judging import judging

COMPARE = at(
    "compare",
    action("query", "slash", does="focus_query", label="query")("Type a query", "Go to the query line."),
    action("query_before", "backspace", "less_than_sign", does="changes.back", label="before")(
        "Back to the query before the change", "To the query that this one is a change of, and its lists."
    ),
    action("query_after", "greater_than_sign", does="changes.forth", label="after")(
        "Forth to the changed query", "To the change of this query that was shown last."
    ),
    action("changes", "c", does="changes.open", label="changes")(
        "What the change did", "Measures, and the documents that came, left and moved, list by list."
    ),
    action("next_query", "n", does="next_query", argument=1, label="next")(
        "Next query", "Run the next query of the dataset."
    ),
    action("document", "enter", does="reader.open", label="open")(
        "Open the document", "Read the whole document, with its rank and score in every system."
    ),
    action("explain", "i", does="reader.explain", label="why")(
        "Explain the row", "Why it has its score here: its way through the system, and what the score is made of."
    ),
    action("evaluate", "e", does="windows.evaluation", label="eval", of_app=True)(
        "Evaluate over all queries", "Tables, tests and plots of systems over all queries of the dataset."
    ),
    action("setup", "s", does="windows.setup", label="setup", of_app=True)(
        "Choose corpus and systems", "Open the setup."
    ),
    *(
        action(id, *keys, does="next_list", argument=by, label="list", group="Go to the list beside")(
            f"{side} list", f"Move to the list on the {way}; a narrow terminal shows one at a time."
        )
        for id, keys, by, side, way in (
            ("previous_list", ("left", "shift+tab"), -1, "Previous", "left"),
            ("next_list", ("right", "tab"), 1, "Next", "right"),
        )
    ),
    *(
        action(f"weight_{name}", *keys, does=f"slider.{name}", group="Move a fusion's weight")(
            f"{title} weight for a list inside a fusion",
            f"By {step}, of rrf(...) or linear(...); * chooses which list. Rows are ordered anew at once; nothing is "
            "searched.",
        )
        for name, keys, title, step in (
            ("up", ("plus", "equals_sign"), "More", "0.05"),
            ("up_a_little", ("full_stop",), "A little more", "0.01"),
            ("down_a_little", ("comma",), "A little less", "0.01"),
            ("down", ("minus",), "Less", "0.05"),
        )
    ),
    action("weight_part", "asterisk", does="slider.next_part")(
        "Weigh another list of the fusion", "The keys move the weight of the next list inside the fusion."
    ),
    action("weight_best", "b", does="slider.best")(
        "The weight that is best for this query",
        "Marks (◆) on the slider where the query's nDCG@10 is highest; again, goes there. What is best over all "
        "queries, the weights of an evaluation say.",
    ),
    action("weights_chosen", "ctrl+r", does="slider.as_chosen")(
        "Weights as chosen", "Back to the weights that the system was chosen with."
    ),
    action("take_weights", "u", does="slider.take")(
        "Take these weights over",
        "The setup and evaluations get them. A reranker behind the fusion has to score again, and is asked for first.",
    ),
    *judging(),
    action("next_unjudged", "space", does="judging.next_unjudged")(
        "Next unjudged row", "Of this list: one that neither the dataset nor you have judged."
    ),
    action("find_query", "f", label="find")(
        "Find a query of the dataset", "Search the dataset's own queries by typing."
    ),
    action("previous_query", "p", does="next_query", argument=-1, label="prev")(
        "Previous query", "Run the query of the dataset before this one."
    ),
    action("reference", "r", does="choose_reference", label="ref")(
        "Choose the reference list", "Make this list the one that arrows (↑ ↓ → ×) are counted against."
    ),
    action("variants", "v", does="changes.open_variants", label="variants")(
        "Variants of the query", "Shortened, without each of its terms, and so on: what each makes of every list."
    ),
    action("movement", "m", does="changes.count_from", label="marks")(
        "What the marks count from",
        "After a change of the query: from each list before it, or against the reference list.",
    ),
    action("pause_list", "w", does="preparing.pause", label="pause")(
        "Pause what a list waits for, or go on",
        "A list whose corpus, model or index is being made: pauses that, goes on with it, tries it again, or begins "
        "what the list asks about. A list that failed or was stopped asks again.",
    ),
    action("stop_list", "W", does="preparing.stop", label="stop making")(
        "Stop what a list waits for", "What is done is kept; it goes on only when you say so."
    ),
    action("align", "a", does="align_lists", label="align")(
        "Align the lists", "Scroll every list to the document under the cursor."
    ),
    action("judge_pool", "Q", does="windows.judge", label="judge", of_app=True)(
        "Judge what is unjudged",
        "In the first documents of all lists, one after the other; blind, or what matters most.",
    ),
    action("prefer_blind", "V", does="windows.prefer", label="blind", of_app=True)(
        "Compare lists without names",
        "Two systems at a time, query after query: you say which list is better, and the end who won.",
    ),
    action("cancel", "escape", does="cancel_search", kept=True)(
        "Leave the query line, or stop the search",
        "The rows that are there stay. In a query that an evaluation opened: back to its queries.",
    ),
)

DOCUMENT = at(
    "document",
    *(
        action(
            f"document_{name}", key, does="step", label="document", argument=by, group="Go to a neighbour in the list"
        )(f"{name.capitalize()} document", "Of the list from which it was opened; its cursor goes along.")
        for name, key, by in (("previous", "left", -1), ("next", "right", 1))
    ),
    action("document_explain", "i", does="explain", label="why")("Explain its score", "In the system of the list."),
    action("document_edit", "e", does="edit", label="what if")(
        "What if it said something else", "Its text can be edited, and is scored anew in every system that reranks."
    ),
    *judging("document_"),
    action("document_finding", "F", does="findings.make", label="finding", of_app=True)(
        "Make a finding", "Of the lists below it, with the cursor on this document."
    ),
    action("document_back", "escape", does="leave", label="back", kept=True)(
        "Leave the document", "Back to the row; Enter does so too."
    ),
)

EDIT = at(
    "edit",
    action("edit_score", "f5", does="score", label="score")(
        "Score what it says now", "In every system that reranks; nothing in the corpus changes."
    ),
    action("edit_restore", "ctrl+r", does="restore", label="its own text")("The document's own text", "As it was."),
    action("edit_back", "escape", does="leave", label="back", kept=True)(
        "Leave the edited text", "Back to the document."
    ),
)

# What Textual makes of Alt and a digit where the terminal has no Kitty protocol (as in tmux): of "ESC 1" the character
# that a Mac's Option and 1 type, and so on.
_TYPED_WITH_ALT = ("inverted_exclamation_mark", "trade_mark_sign", "pound_sign", "cent_sign", "infinity")

SELDOM = at(
    "compare",
    action("document_pane", "d", does="reader.toggle", label="pane")(
        "Show or hide the document pane", "The pane below the lists shows the document under the cursor."
    ),
    action("self_retrieval", "X", does="toggle_self_retrieval", label="self-hits")(
        "Keep or drop self-retrieval", "By default the document that is the query itself is dropped, as BEIR does."
    ),
    action("finding", "F", does="findings.make", label="finding", of_app=True)(
        "Make a finding",
        "Of what is on the screen: query, lists, marks, your notes. A small file that zsr-tui open shows again, or "
        "Markdown.",
    ),
    action("copy_comparison", does="findings.copy_comparison", of_app=True)(
        "Copy this comparison as Markdown",
        "The query, the systems with their measures, and the top of every list with its marks.",
    ),
    action("axioms", "A", does="reader.axioms", label="axioms")(
        "Hold the lists against axioms",
        "How often each list agrees with the axioms of retrieval, and the pairs of documents that do not.",
    ),
    action("parity", does="windows.parity", of_app=True)(
        "Parity of two lists' scorers",
        "The same pairs to the last models of the reference list and of this one: where their scores differ, and what "
        "those that differ have in common.",
    ),
    action("live", "L", does="live.toggle", label="live")(
        "Lists that follow the query line",
        "While you type, at each pause; Enter asks slow rerankers, too.",
    ),
    *(
        action(f"list_{number}", f"alt+{number}", typed, does="show_list", argument=number, group="Go to a list")(
            f"Go to list {number}", "Move to the list of that number."
        )
        for number, typed in enumerate(_TYPED_WITH_ALT, 1)
    ),
)
