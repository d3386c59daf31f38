"""The sentences that verdicts are said in."""
