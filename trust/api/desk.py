"""One thread that computes for an event loop, so that the loop goes on answering.

To hand a task to a thread pool and take back its result wakes two threads, which costs as much as
reading a statement. Under load tasks are waiting anyway: this thread takes one after the other, and
gives back what it has in one go.
"""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar

Result = TypeVar("Result")

MOST = 16  # results that are given back at once; the first of them has waited for the others


class _Task(NamedTuple):
    function: Callable[[], Any]
    future: asyncio.Future[Any]


class _Result(NamedTuple):
    future: asyncio.Future[Any]
    value: Any
    error: Exception | None


class Desk:
    """Runs tasks in the order in which they come. For what computes; nothing may wait here."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "desk")
        self._tasks: deque[_Task] = deque()
        self._running = False
        self._lock = threading.Lock()  # of `_running`

    async def run(self, function: Callable[[], Result]) -> Result:
        """Return what the function returns, or raise what it raises."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._put(_Task(function, future))
        return await future

    async def after(self, done: "Future[None]", function: Callable[[], Result]) -> Result:
        """Run the function once `done` has ended, however it ended."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        done.add_done_callback(lambda _: self._put(_Task(function, future)))
        return await future

    def _put(self, task: _Task) -> None:
        with self._lock:
            self._tasks.append(task)
            if self._running:
                return
            self._running = True
        self._pool.submit(self._work)

    def _work(self) -> None:
        """Do what there is, and what comes meanwhile."""
        results: list[_Result] = []
        while True:
            with self._lock:
                task = self._tasks.popleft() if self._tasks else None
                self._running = task is not None
            if task is not None:
                results.append(_do(task))
            if results and (task is None or len(results) >= MOST):
                _give_back(results)
                results = []
            if task is None:
                return


def _do(task: _Task) -> _Result:
    try:
        return _Result(task.future, task.function(), None)
    except Exception as error:  # noqa: BLE001 - it is raised again where the task came from
        return _Result(task.future, None, error)


def _give_back(results: list[_Result]) -> None:
    """Wake each loop once. One that is closed waits for nothing any more."""
    for loop in {result.future.get_loop() for result in results}:
        mine = [result for result in results if result.future.get_loop() is loop]
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_set, mine)


def _set(results: list[_Result]) -> None:
    for future, value, error in results:
        if future.done():  # whoever asked has been cancelled
            continue
        if error is None:
            future.set_result(value)
        else:
            future.set_exception(error)
