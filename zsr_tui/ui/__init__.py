"""The terminal side: the application, a room per screen, and what rooms share. It meets the engine at a socket."""
