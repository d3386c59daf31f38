"""Checking a whole registry from its entries up, without writing and without its keys."""
