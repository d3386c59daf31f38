"""How a database of an earlier version is brought up to date: one file a step, never changed."""
