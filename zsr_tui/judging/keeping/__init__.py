"""What a person keeps of a corpus: judgments, notes, tags, bookmarks, preferences, looks of pooled
judging, decided conflicts, in one SQLite file.

    file_of(dataset)     its path, in `caller.home()/"kept"`
    KeptFile(dataset)    open it; one connection, for many threads and beside other processes
    Judgments(file), Remarks(file), Preferences(file), Reviewing(file), Looks(file), Decided(file)
                         what can be asked of it

An answer is given when what it says is on the disk: the write-ahead log is synced with every transaction, and moved
into the file right after it, so that a copy of the one file is a copy of everything. Nothing is ever overwritten: a
change is a new row, and marks the one before as gone.
"""

from zsr_tui.judging.keeping.decided import Decided
from zsr_tui.judging.keeping.file import KeptFile, file_of
from zsr_tui.judging.keeping.judgments import Judgments
from zsr_tui.judging.keeping.looks import Looks
from zsr_tui.judging.keeping.preferences import Preferences
from zsr_tui.judging.keeping.remarks import Remarks
from zsr_tui.judging.keeping.reviewing import Reviewing

__all__ = ["Decided", "Judgments", "KeptFile", "Looks", "Preferences", "Remarks", "Reviewing", "file_of"]
