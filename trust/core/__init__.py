"""The rules, pure: no I/O, clock, randomness or environment; time is a parameter."""
