"""What waits in a person's key history, in sentences."""

from collections.abc import Mapping

from trust.core.canonical import Json
from trust.core.encoding import parse_time
from trust.core.wording.dates import moment

_ASKED = {
    "recovery": "Somebody with this person's recovery key asked for new keys.",
    "drop": "One of this person's devices asked to replace the recovery key.",
}
_REFUSED = {
    "recovery": "If that is you and you did not ask, veto it: touchplate recover veto.",
    "drop": "If that is you and you did not ask, come back with your recovery key: "
    "touchplate recover.",
}


def recovery_sentence(waiting: Mapping[str, Json]) -> str:
    """Say what was asked for, until when it waits, or that it was vetoed.

    `waiting` is {kind, version, until, vetoed}, as the API gives it.
    """
    kind, vetoed = str(waiting["kind"]), waiting["vetoed"]
    if vetoed is not None:
        return (
            f"{_ASKED[kind]} A device of the person vetoed that on "
            f"{moment(parse_time(str(vetoed)))}. Whose keys these are is now for a ruling."
        )
    until = moment(parse_time(str(waiting["until"])))
    return f"{_ASKED[kind]} It waits until {until}, so that it can be refused. {_REFUSED[kind]}"
