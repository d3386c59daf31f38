"""The verbs of the server, found through the entry-point group touchplate.commands."""
