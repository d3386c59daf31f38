"""Filling a log quickly: one batch of works of one person, without the intake's checks."""

from world import Person, World

from trust.core.canonical import canonical
from trust.core.signing.statement import parse_statement
from trust.service.append_path import Submission


def fill(world: World, person: Person, size: int) -> None:
    """Log one batch, so that the log has this size."""
    now = world.registry._published.size
    signed = [person.prepare({"a.txt": b"%d" % at}) for at in range(now, size)]
    signer = world.registry._intake._signers.current(person.scid, now)
    certificate = signer.certificates[person.signer.public_key].der
    world.registry._writer.append(
        [
            Submission(
                item.id,
                person.scid,
                item.envelope,
                parse_statement(item.envelope.payload),
                certificate,
                canonical(item.private),
            )
            for item in signed
        ]
    )
