"""The kernel of one submission: IPython's shell, which a process forked from the warm one runs and answers for.

It speaks frames: a cell to run, or a question to one of its functions; and back what came of it. Whoever reads its
answers believes none of them, for the student's code runs in the same process.
"""

from __future__ import annotations

import asyncio
import builtins
import os
import random
import signal
import socket
import sys
from collections.abc import Coroutine
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import numpy
from inside import frames
from inside.outputs import Outputs, Printed, Stream, plain_bundle
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Instance, Type
from traitlets.config import Config

from utils.check import call, published

REQUEST_BYTES = 64 * 1024**2
ANSWER_BYTES = 8 * 1024**2
ASKED = {"answer": call.answer, "answers": call.answers}  # as they are before any student's code runs
NO_PROGRAMS = "no other program can be run while a notebook is graded"
NO_INPUT = "nobody can answer input() while a notebook is graded"


class _Result(DisplayHook):
    """Shows the value of a cell's last expression."""

    def start_displayhook(self) -> None: ...
    def write_output_prompt(self) -> None: ...
    def finish_displayhook(self) -> None: ...

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        self.shell.outputs.add("execute_result", {"data": plain_bundle(format_dict)})


class _Display(DisplayPublisher):
    """Shows what is displayed; what replaces an earlier display is not shown."""

    def publish(self, data: dict[str, Any], *_: Any, update: bool = False, **__: Any) -> None:
        if not update:
            self.shell.outputs.add("display_data", {"data": plain_bundle(data)})

    def clear_output(self, wait: bool = False) -> None:
        self.shell.outputs.clear()


class NotebookShell(InteractiveShell):
    """IPython's shell as a notebook uses it."""

    displayhook_class = Type(_Result)
    display_pub_class = Type(_Display)
    outputs = Instance(Outputs)

    def _showtraceback(self, etype: type, evalue: BaseException | None, stb: list[str]) -> None:
        self.outputs.add("error", {"ename": etype.__name__, "evalue": "", "traceback": list(map(str, stb))})

    def enable_gui(self, gui: str | None = None) -> None:
        """There is no screen."""

    def init_virtualenv(self) -> None:
        """There is one environment."""

    def ask_exit(self) -> None:
        """`quit` ends nothing: the cells that follow count."""

    def system(self, cmd: str) -> None:
        """`!command` in a cell: as if the command were not found."""
        print(f"{cmd}: {NO_PROGRAMS}", file=sys.stderr)
        self.user_ns["_exit_code"] = 127

    system_piped = system_raw = system

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> list[str]:
        """`x = !command`"""
        self.system(cmd)
        return []


def prepare(output_bytes: int) -> NotebookShell:
    """Make the shell, and read what every kernel reads, once for all kernels that will be forked."""
    published.read_ahead()
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.IPKernelApp.tqdm = "a notebook"  # by which libraries tell one from a terminal
    shell = NotebookShell.instance(config=config, outputs=Outputs(output_bytes), user_module=None)
    shell.enable_matplotlib("inline")
    # whichever way of showing figures a student asks for, here there is one
    shell.register_magic_function(lambda line: shell.enable_matplotlib("inline"), "line", "matplotlib")
    return shell


class Kernel:
    """Runs the cells of one submission in the shell, and asks its functions.

    folder : where it may write.
    """

    def __init__(self, shell: NotebookShell, folder: str):
        self._owner = os.getpid()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for name in ("work", "home"):
            os.mkdir(f"{folder}/{name}", 0o700)
        os.chdir(f"{folder}/work")
        os.environ["HOME"] = f"{folder}/home"
        self._shell = shell
        self._printed = Printed(folder, shell.outputs.size)
        sys.stdout, sys.stderr = Stream(shell.outputs, "stdout", 1), Stream(shell.outputs, "stderr", 2)
        builtins.input = _no_input
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        # who draws without a seed of their own draws the same in every kernel; a fork seeds `random` by the clock
        random.seed(0)
        numpy.random.seed(0)
        if "torch" in sys.modules:
            sys.modules["torch"].manual_seed(0)

    def serve(self, channel: socket.socket) -> None:
        """Answer requests until the other side hangs up."""
        frames.send(channel, {"ready": True})
        requests = frames.Reader(channel, REQUEST_BYTES)
        while True:
            try:
                request = requests.receive(None)
            except EOFError:
                return
            reply = self.answer(request)
            if os.getpid() != self._owner:  # a copy of the kernel that a cell has made; only one may go on
                os._exit(0)
            frames.send(channel, reply)

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return what came of a request; an interruption, at whatever moment, ends what the student's code does."""
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            try:
                return self._question(*request["ask"]) if "ask" in request else self._run(request["run"])
            finally:
                signal.signal(signal.SIGINT, signal.SIG_IGN)
        except BaseException as error:  # an interruption beside the student's code, or a shell that was tampered with
            return {"status": "error", "outputs": [], "reason": f"{type(error).__name__}: {_text(error)}"[:300]}

    def _run(self, source: str) -> dict[str, Any]:
        shell = self._shell
        shell.outputs.clear()
        result = self._until_done(_run_cell(shell, source))
        self._printed.into(shell.outputs)
        return {"status": "ok" if result is not None and result.success else "error", "outputs": shell.outputs.take()}

    def _until_done(self, cell: Coroutine) -> Any:
        task = self._loop.create_task(cell)
        while not task.done():
            try:
                self._loop.run_until_complete(task)
            except KeyboardInterrupt:
                task.cancel()  # an interrupted cell that awaits must not go on behind the cells that follow
            except BaseException:
                if task.done():
                    raise
                # else a task of an earlier cell exits, or stops the loop: this cell goes on
        return task.result()

    def _question(self, function: str, name: str, data: str) -> dict[str, Any]:
        with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
            text = str(ASKED[function](self._shell.user_ns.get(name), data))
        self._close_figures()
        if len(text) > ANSWER_BYTES:
            reason = f"an answer of {len(text):,} characters; at most {ANSWER_BYTES:,} are read"
            return {"status": "error", "outputs": [], "reason": reason}
        return {"status": "ok", "outputs": [], "answer": text}

    def _close_figures(self) -> None:
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close("all")  # of a function that draws, one for each call


async def _run_cell(shell: NotebookShell, source: str) -> Any:
    """Run a cell as a notebook does: within a loop that is running, so that it may await, or make tasks."""
    transformed, problem = source, None
    try:
        transformed = shell.transform_cell(source)
    except Exception:
        problem = sys.exc_info()
    if not shell.should_run_async(source, transformed_cell=transformed, preprocessing_exc_tuple=problem):
        return shell.run_cell(source, store_history=True)
    try:
        return await shell.run_cell_async(
            source, store_history=True, transformed_cell=transformed, preprocessing_exc_tuple=problem
        )
    finally:
        shell.events.trigger("post_execute")


def _no_input(prompt: object = "") -> str:
    raise StdinNotImplementedError(NO_INPUT)


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return ""
