"""People: DID, handle, key code, authority of a key, status."""
