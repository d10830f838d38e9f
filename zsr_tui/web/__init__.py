"""The application in a browser on this machine: a server on loopback, a process for each tab, one engine for all."""
