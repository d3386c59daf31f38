"""Signed things: statement, envelope, certificate, time-stamp token, bundle, dossier."""
