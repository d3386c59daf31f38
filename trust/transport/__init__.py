"""One request over HTTP, for the client of a registry and for a registry that asks witnesses."""
