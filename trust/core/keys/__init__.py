"""Keys and what they sign: P-256, Ed25519, the Signer Protocol, and DER."""
