"""The application in a browser on this machine: a server on loopback, a process for each tab, one engine for all."""

COPY = "copy"  # the kind of message that has a text for the clipboard, from a tab's process to its page
