"""Stop a call that does not end, so that a notebook is not lost to an endless loop."""

from __future__ import annotations

import contextlib
import ctypes
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

from utils.check.call import Returned, call
from utils.check.cases import Case, Failure, Outcome

SECONDS = 10.0  # for one case; an answer usually takes some milliseconds
AGAIN = 0.5  # seconds after which a call that did not stop is interrupted once more: code may catch everything


class TimeUp(BaseException):
    """A call took too long. Not an Exception, because those are the student's and may be caught."""


def call_patiently(function: Callable, case: Case, returned: Returned, seconds: float = SECONDS) -> Outcome:
    """Call a function on a case, as `call` does, but not for longer than so many seconds."""
    try:
        with limited(seconds):
            return call(function, case, returned)
    except TimeUp:
        said = f"still computes after {seconds:g} seconds and was stopped; is there a loop that never ends?"
        return Outcome(failure=Failure("timeout", said))


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise TimeUp in the code of a `with` block that takes longer than so many seconds.

    By a signal where there are signals and this is the main thread; else by a second thread, which reaches Python code
    only, and not a library that computes for long. Where neither is to be had, nothing is interrupted.
    """
    main = threading.current_thread() is threading.main_thread()
    with (_by_signal if main and hasattr(signal, "setitimer") else _by_thread)(seconds):
        yield


@contextlib.contextmanager
def _by_signal(seconds: float) -> Iterator[None]:
    over = False

    def stop(number: int, frame: FrameType | None) -> None:
        if not over:
            raise TimeUp

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        yield
    finally:
        over = True  # a signal on its way must not hit what comes next
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before if before is not None else signal.SIG_DFL)


@contextlib.contextmanager
def _by_thread(seconds: float) -> Iterator[None]:
    lock, done, thread = threading.Lock(), threading.Event(), threading.get_ident()

    def watch() -> None:
        wait = seconds
        while not done.wait(wait):
            with lock:
                if not done.is_set():
                    _raise_in(thread, TimeUp)
            wait = AGAIN

    watcher = threading.Thread(target=watch, daemon=True)
    try:
        watcher.start()
    except RuntimeError:  # a Python without threads
        yield
        return
    try:
        yield
    finally:
        with lock:
            done.set()
            _raise_in(thread, None)


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    """Have an exception raised in a thread at its next line of Python; None takes back one that is due."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error) if error else None)
