"""The HTTP client and SDK, over requests that do no I/O themselves."""
