from __future__ import annotations

from zsr_tui.api.events import Failed, decode, encode
from zsr_tui.api.requests import ProblemView


def test_a_text_that_is_no_unicode_is_sent_with_question_marks_and_the_stream_goes_on() -> None:
    """As the path of a folder, whose bytes no encoding tells: an engine that cannot say it was taken for dead."""
    event = Failed(request="1", problem=ProblemView(message="/caf\udce9 \ud800 is not there.", usage=True))
    assert decode(encode(event)) == Failed(
        request="1", problem=ProblemView(message="/caf? ? is not there.", usage=True)
    )
