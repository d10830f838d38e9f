"""What a user may set: in `config.toml`, in a profile of it, in the environment, on the command line; each outranks the
one before it.

setting    what a setting is: its key, its default, what it takes, the variable that outranks the file
table      every setting there is
file       the lines of a TOML file, and what is wrong in it
reading    the file and the environment become `Settings`
showing    all of them as a commented file, and as rows for people

The engine and the libraries read the environment, as ever: `begin` puts there what the file sets and the environment
does not.
"""

from zsr_tui.settings.reading import Settings, begin, load

__all__ = ["Settings", "begin", "load"]
