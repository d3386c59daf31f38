"""Futures of what is on its way into the log: never cancelled, and ended together."""

from collections.abc import Sequence
from concurrent.futures import Future


def new_flight() -> "Future[None]":
    """Return a future that is never cancelled."""
    flight: Future[None] = Future()
    flight.set_running_or_notify_cancel()
    return flight


def after(flight: "Future[None]", others: Sequence["Future[None]"]) -> "Future[None]":
    """Return a future that has landed when this flight and the others have."""
    for other in others:
        flight = _after_both(flight, other)
    return flight


def _after_both(first: "Future[None]", second: "Future[None]") -> "Future[None]":
    both = new_flight()

    def then(_first: "Future[None]") -> None:
        second.add_done_callback(end)

    def end(_second: "Future[None]") -> None:
        fault = first.exception() or second.exception()
        if fault is None:
            both.set_result(None)
        else:
            both.set_exception(fault)

    first.add_done_callback(then)
    return both
