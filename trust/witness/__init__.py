"""A witness cosigns the checkpoints of other people's logs: guilds can watch each other."""
