"""Changes of a key history that wait: announced in the log, vetoed there, and made 72 hours later.

Everything here follows from the log: a `recovery` says what waits and until when, a `veto` refuses
it, an `identity` of that version ends the wait. Whoever asked comes back with the same version, and
with the statements of the new device, to have it made.
"""

from typing import NamedTuple

from trust.core.encoding import format_time
from trust.core.errors import Conflict, Malformed, NotAllowed
from trust.core.people.did import DidEntry
from trust.core.people.key_rules import check_change
from trust.core.people.recovery import WAIT, RecoveryFacts, kind_of
from trust.core.verify import CLOCK_SKEW
from trust.service.checks import Offer
from trust.service.key_change_request import KeyChange
from trust.service.log_writer import LogWriter
from trust.service.signers import CurrentSigner
from trust.storage.ports import Tables

LAPSE = 30 * 24 * 3600  # seconds after the wait within which it is made; then it was never asked

_NEWEST = (
    "select idx, digest, version, kind, until, (select min(signed_at) from vetoes "
    "join entries on entries.idx = vetoes.idx where vetoes.scid = recoveries.scid "
    "and vetoes.digest = recoveries.digest and vetoes.idx < :size) "
    "from recoveries where scid = :scid and recoveries.idx < :size order by idx desc limit 1"
)
_MADE = "select 1 from identities where scid = :scid and number >= :number and idx < :size limit 1"


class Waiting(NamedTuple):
    """An entry that waits until a moment, or was vetoed at one; both in seconds."""

    index: int  # type: ignore[assignment]  # hides a method of tuple
    digest: bytes
    version: str
    kind: str
    until: int
    vetoed: int | None

    @property
    def number(self) -> int:
        """Which entry of the key history it would be, from 1."""
        return int(self.version.partition("-")[0])


class Recoveries:
    """What waits at a registry. Callers let one at a time into `announce`."""

    def __init__(self, database: Tables, writer: LogWriter) -> None:
        self._database, self._writer = database, writer

    def waiting(self, scid: str, size: int) -> Waiting | None:
        """Return what waits for a person, or was vetoed, as the first entries have it."""
        values = {"scid": scid, "size": size}
        row = self._database.row(_NEWEST, values)
        if row is None:
            return None
        found = Waiting(row[0], bytes(row[1]), *row[2:])
        made = self._database.row(_MADE, {**values, "number": found.number})
        lapsed = found.vetoed is None and self._writer.now() > found.until + LAPSE
        return None if made is not None or lapsed else found

    def announce(self, change: KeyChange, signer: CurrentSigner) -> int | None:
        """Announce a change that has to wait; return the index of what announces it.

        None: it need not wait, has waited, or does not follow the newest version.

        Raises:
            NotAllowed: it waits still, was vetoed, or another change has to wait for the end of a
                recovery.
            Conflict: another one waits.
        """
        if len(change.log.entries) != len(signer.log.entries) + 1:
            return None
        kind = kind_of(signer.newest, change.entry)
        found = self.waiting(change.log.scid, self._writer.size)
        if kind == "device":
            _check_quiet(found)
            return None
        if found is not None and found.vetoed is not None:
            raise NotAllowed(
                f"a recovery was vetoed on {format_time(found.vetoed)}: now only a ruling decides "
                "whose key history this is"
            )
        if found is not None and found.digest == change.entry.digest:
            return self._continued(found, change)
        if found is not None and not (found.kind == "drop" and kind == "recovery"):
            raise Conflict(
                f"another change of kind {found.kind} waits until {format_time(found.until)}"
            )
        return self._begin(change, signer.newest, kind)

    def has_waited(self, change: KeyChange) -> bool:
        """Say whether the wait of this very change is over, and nobody vetoed it."""
        found = self.waiting(change.log.scid, self._writer.size)
        return (
            found is not None
            and found.digest == change.entry.digest
            and found.vetoed is None
            and self._writer.now() >= found.until
        )

    def check_veto(self, offer: Offer, size: int) -> None:
        """Require that a veto is of a recovery that waits.

        Raises:
            NotAllowed: there is none, it is of another kind, or its wait is over.
            Conflict: it is vetoed already.
        """
        found = self.waiting(offer.scid, size)
        if found is None or found.digest != offer.statement.subjects[0]:
            raise NotAllowed("no such change of your key history waits")
        if found.vetoed is not None:
            raise Conflict(f"it was vetoed on {format_time(found.vetoed)} already")
        if found.kind != "recovery":
            raise NotAllowed(
                "this change would drop your recovery key: only that key can stop it. "
                "`touchplate recover` takes its place"
            )
        if self._writer.now() >= found.until:
            raise NotAllowed(f"the time for a veto ended on {format_time(found.until)}")

    def _continued(self, found: Waiting, change: KeyChange) -> int | None:
        """Return the announcement again, or None once the wait is over and it can be made."""
        if not change.offers:
            return found.index
        if self._writer.now() < found.until:
            raise NotAllowed(f"this change waits until {format_time(found.until)}")
        return None

    def _begin(self, change: KeyChange, previous: DidEntry, kind: str) -> int:
        entry, scid = change.entry, change.log.scid
        if change.offers:
            raise Malformed(
                "what has to wait is announced first, without statements", "body.statements"
            )
        check_change(previous, entry, waited=True)
        now = self._writer.now()
        if entry.version_time > now + CLOCK_SKEW:
            raise NotAllowed(f"the version is of {format_time(entry.version_time)}, still to come")
        # The log dates it a moment later; the wait is never shorter than it says.
        until = format_time(now + WAIT + CLOCK_SKEW)
        facts = RecoveryFacts(scid, entry.version_id, kind, until)
        self._writer.append_own([self._writer.make("recovery", entry.digest, facts)])
        announced = self.waiting(scid, self._writer.size)
        if announced is None or announced.digest != entry.digest:
            raise Conflict("another change was announced at the same time")
        return announced.index


def _check_quiet(found: Waiting | None) -> None:
    """Keep a device from changing keys under a recovery that waits."""
    if found is not None and found.kind == "recovery" and found.vetoed is None:
        raise NotAllowed(
            f"a recovery of you waits until {format_time(found.until)}: if that is not you, "
            "`touchplate recover veto` ends it; no keys change before"
        )
