"""What a start must find before it goes on: database, entries and published files agree."""

from trust.core.errors import TouchplateError, Unavailable
from trust.core.log.checkpoint import SignedCheckpoint, clock_vkey, log_vkey, open_checkpoint
from trust.service.authorities import Authorities


def open_stored(note: str, authorities: Authorities) -> SignedCheckpoint:
    """Open a checkpoint of our own; raise Unavailable if it is none."""
    keys, origin = authorities.keys, authorities.origin
    try:
        return open_checkpoint(
            note,
            log_vkey(origin, keys["log"].public_key),
            clock_vkey(origin, keys["clock"].public_key),
        )
    except TouchplateError as error:
        raise Unavailable(f"a stored checkpoint does not verify: {error}") from error


def check_public(public: SignedCheckpoint | None, committed: SignedCheckpoint | None) -> None:
    """The published checkpoint may be older than the database's, never ahead of it.

    Raises:
        Unavailable: the database is older than what the world has seen. To go on would fork.
    """
    if public is None:
        return
    if committed is None:
        raise Unavailable("a checkpoint is published, the database has none; restore it")
    if (public.checkpoint.size, public.time) > (committed.checkpoint.size, committed.time):
        raise Unavailable("the published checkpoint is newer than the database; restore it")
    same_size = public.checkpoint.size == committed.checkpoint.size
    if same_size and public.checkpoint.root != committed.checkpoint.root:
        raise Unavailable("the published checkpoint has another root than the database's")
