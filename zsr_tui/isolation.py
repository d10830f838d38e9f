"""A start that runs nothing of the current folder, which is often somebody else's corpus: not as a module, program or
library. Imports what Python itself has imported before it, and nothing else."""

import os
import sys

# lists of folders that Python, the system, Java and Perl search; an empty entry of one is the current folder
SEARCHED = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "CLASSPATH", "PERL5LIB", "PERLLIB")
_HOME = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def leave_current_folder() -> None:
    """For a process that is this program: take the current folder, and folders named relative to it, off what this
    process and its children search. Where the program itself lies in it, as in a checkout, it is searched last."""
    named = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    left = {"", *_current(), *(os.path.abspath(each) for each in named if not os.path.isabs(each))}
    left -= {each for each in named if os.path.isabs(each)}  # as the user wrote it
    sys.path[:] = [entry for entry in sys.path if entry not in left]
    for name in SEARCHED:
        if name in os.environ:
            _set(name, [each for each in os.environ[name].split(os.pathsep) if os.path.isabs(each)])
    if _HOME not in sys.path:
        sys.path.append(_HOME)
        _set("PYTHONPATH", [*filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)), _HOME])
    os.environ["PYTHONSAFEPATH"] = "1"  # for Python as a child: its `-m` does not search the folder either


def _current() -> tuple[str, ...]:
    try:
        return (os.getcwd(),)
    except OSError:  # it has been removed
        return ()


def _set(name: str, folders: list[str]) -> None:
    if folders:
        os.environ[name] = os.pathsep.join(folders)
    else:
        del os.environ[name]
