"""The log: note, checkpoint, tile, entry, RFC 6962 proofs, witness policy."""
