"""Where a registry keeps things: ports with contracts, and their SQL and tile backends."""
