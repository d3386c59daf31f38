"""What trials came to, and how it adds up over the parts of a run."""

from collections import Counter
from typing import Any, NamedTuple


class Outcome(NamedTuple):
    """The sum of a number of trials."""

    trials: int
    acknowledged: int
    faults: Counter[str]  # by the names of `ledger`
    details: list[str]
    worst: dict[str, float] = {}  # noqa: RUF012 - the largest value of a figure; never changed

    def plus(self, other: "Outcome") -> "Outcome":
        """Add another part."""
        worst = {
            name: max(self.worst.get(name, 0), other.worst.get(name, 0))
            for name in {*self.worst, *other.worst}
        }
        return Outcome(
            self.trials + other.trials,
            self.acknowledged + other.acknowledged,
            self.faults + other.faults,
            [*self.details, *other.details],
            worst,
        )

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        return self._asdict()

    @staticmethod
    def from_json(kept: dict[str, Any] | None) -> "Outcome":
        """Read what `to_json` wrote; of nothing, the sum of no trials."""
        if kept is None:
            return Outcome(0, 0, Counter(), [])
        return Outcome(**{**kept, "faults": Counter(kept["faults"])})
