"""The scoring module over HTTP for other programs: `routes` take requests and errors, `answers` make the answers."""
