"""Signers: where private keys live. Imports the core, and nothing else of ours."""
