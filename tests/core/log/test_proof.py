"""tlog-proof: what is read is what was written; the vectors hold the refusals one by one."""

from hypothesis import given
from hypothesis import strategies as st

from trust.core.log.checkpoint import Checkpoint, clock_vkey, log_vkey, sign_checkpoint
from trust.core.log.merkle import inclusion_proof, leaf_hash, root_hash
from trust.core.log.proof import TlogProof
from trust.custody.signers import Ed25519Signer, generate_ed25519

LOG, CLOCK = (Ed25519Signer(generate_ed25519()) for _ in range(2))
LOG_KEY, CLOCK_KEY = (
    log_vkey("log.example", LOG.public_key),
    clock_vkey("log.example", CLOCK.public_key),
)


@given(st.integers(1, 70), st.data(), st.none() | st.binary(max_size=99))
def test_every_entry_of_small_logs(size: int, data: st.DataObject, extra: bytes | None) -> None:
    leaves = [leaf_hash(b"%d" % at) for at in range(size)]
    index = data.draw(st.integers(0, size - 1))
    note = sign_checkpoint(Checkpoint("log.example", size, root_hash(leaves)), LOG, CLOCK, 7)
    proof = TlogProof(index, tuple(inclusion_proof(index, leaves)), note, extra)
    read = TlogProof.parse(proof.encode())
    assert read == proof
    assert read.check(leaves[index], LOG_KEY, CLOCK_KEY).checkpoint.size == size
