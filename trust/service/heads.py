"""Signing the head of the log: at once with a key in memory, after the commit with one elsewhere.

A log key in another process (custody/remote.py) never signs a second tree in the place of one that
it has signed, so what it signs must not be rolled back any more. What is committed has the line of
the clock alone until then; it promises nothing.
"""

from trust.core.log.checkpoint import (
    Checkpoint,
    SignedCheckpoint,
    complete_checkpoint,
    date_checkpoint,
    sign_checkpoint,
)
from trust.custody.remote import Prove, RemoteLogSigner
from trust.service.authorities import Authorities


def sign_head(checkpoint: Checkpoint, authorities: Authorities, seconds: int) -> SignedCheckpoint:
    """Sign a checkpoint that is about to be committed, by the clock alone where the key is away."""
    log, clock = authorities.keys["log"], authorities.keys["clock"]
    if isinstance(log, RemoteLogSigner):
        note = date_checkpoint(checkpoint, log.public_key, clock, seconds)
    else:
        note = sign_checkpoint(checkpoint, log, clock, seconds)
    return SignedCheckpoint(checkpoint, note, seconds)


def complete_head(
    signed: SignedCheckpoint, authorities: Authorities, prove: Prove
) -> SignedCheckpoint:
    """Have the log's key sign what is committed; return it as it is where that is done.

    Raises:
        NotAllowed: it does not continue what that key has signed.
        Unavailable: the process that holds the key does not answer.
    """
    log = authorities.keys["log"]
    if not isinstance(log, RemoteLogSigner):
        return signed
    return signed._replace(note=complete_checkpoint(signed.note, log.proving(prove)))
