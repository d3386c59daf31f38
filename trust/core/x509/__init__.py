"""The X.509 and RFC 3161 profile of the registry: certificates, SCTs, time-stamp tokens."""
