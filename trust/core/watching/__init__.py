"""Watching a log: what its entries say of each other, and whether it continues what was seen."""
