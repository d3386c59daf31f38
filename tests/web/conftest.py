"""One registry a file, with Ana and a client."""

from browser import ana, client, world

__all__ = ["ana", "client", "world"]
