"""Stands between a student's kernel and the trusted process: a Jupyter client on one side, small messages on the other.

It lives inside the sandbox, because a kernel that means harm can send its client messages without end. The trusted
process believes it no more than the kernel, and reads from it only messages of a bounded size.
"""

from __future__ import annotations

import json
import os
import select
import socket
import time
from collections.abc import Iterator
from typing import Any

import zmq
from inside import frames
from jupyter_client.session import Session

INTERRUPT_SECONDS = 3.0
SETTLE_SECONDS = 1.0  # after the reply, wait this long for outputs that are still under way
MESSAGE_BYTES = 64 * 1024**2  # a larger message from the kernel cuts the connection
ANSWER_BYTES = 8 * 1024**2
REQUEST_BYTES = 64 * 1024**2
MESSAGES_WAITING = 16
READY = b"ready"
OUTPUTS = frozenset({"stream", "display_data", "execute_result", "error"})


def serve(channel: socket.socket, connection: dict[str, Any], kernel: int, ready: int, limits: dict[str, Any]) -> None:
    """Hand requests to the kernel and its answers back, until the trusted process hangs up.

    connection : as in a Jupyter connection file.
    kernel : process id of the kernel.
    ready : descriptor from which `READY` can be read once the kernel's sockets are there, or else why they are not.
    """
    try:
        client = Client(connection, kernel, limits["output_kib"] * 1024)
        client.connect(ready, limits["start_seconds"])
    except Exception as error:
        frames.send(channel, {"ready": False, "reason": f"{type(error).__name__}: {error}"[:500]})
        return
    frames.send(channel, {"ready": True})
    requests = frames.Reader(channel, REQUEST_BYTES)
    while True:
        try:
            request = requests.receive(None)
        except EOFError:
            return
        frames.send(channel, client.execute(request["content"], request["seconds"]))


class Client:
    """Executes one request at a time in a kernel, and keeps of its outputs what the limit allows."""

    def __init__(self, connection: dict[str, Any], kernel: int, output_bytes: int):
        self._connection = connection
        self._kernel = os.pidfd_open(kernel)
        self._output_bytes = output_bytes
        self._session = Session(key=connection["key"].encode(), signature_scheme=connection["signature_scheme"])
        self._session.digest_history_size = 0
        self._context = zmq.Context()
        self._broken = ""

    def connect(self, ready: int, seconds: float) -> None:
        """Wait until the kernel answers. Raises RuntimeError if it does not."""
        said = os.read(ready, 500) if select.select([ready], [], [], seconds)[0] else b"no sign of life"
        if said != READY:
            raise RuntimeError(said.decode("utf-8", "replace") or "it ended")
        self._shell = self._socket(zmq.DEALER, "shell_port")
        self._control = self._socket(zmq.DEALER, "control_port")
        self._outputs = self._socket(zmq.SUB, "iopub_port")
        self._outputs.setsockopt(zmq.SUBSCRIBE, b"")
        self._poller = zmq.Poller()
        self._poller.register(self._shell, zmq.POLLIN)
        self._poller.register(self._outputs, zmq.POLLIN)
        # the kernel greets a new listener: from then on no output is missed
        if not self._outputs.poll(1000 * seconds):
            raise RuntimeError("it has no outputs")
        self._receive(self._outputs)
        self._session.send(self._control, "kernel_info_request", {})
        if not self._control.poll(1000 * seconds):
            raise RuntimeError("it does not answer")

    def _socket(self, kind: int, port: str) -> zmq.Socket:
        found = self._context.socket(kind)
        found.setsockopt(zmq.LINGER, 0)
        found.setsockopt(zmq.MAXMSGSIZE, MESSAGE_BYTES)
        found.setsockopt(zmq.RCVHWM, MESSAGES_WAITING)
        found.setsockopt(zmq.RECONNECT_IVL, -1)  # whoever offers the socket anew is not the kernel
        found.connect(f"ipc://{self._connection['ip']}-{self._connection[port]}")
        return found

    def execute(self, content: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Send an execute_request; return status, outputs, reason and answer, as `Execution` has them."""
        message = self._session.send(self._shell, "execute_request", content)["header"]["msg_id"]
        return self._collect(message, seconds)

    def _collect(self, message: str, seconds: float) -> dict[str, Any]:
        outputs = BoundedOutputs(self._output_bytes)
        deadline, interrupted = time.monotonic() + seconds, False
        reply, idle = None, False
        while True:
            for source, received in self._messages(deadline):
                if received.get("parent_header", {}).get("msg_id") != message:
                    continue
                if source is self._shell:
                    reply = received
                    deadline = min(deadline, time.monotonic() + SETTLE_SECONDS)
                elif received["msg_type"] == "status":
                    idle = idle or received["content"].get("execution_state") == "idle"
                else:
                    outputs.add(received["msg_type"], received["content"])
            if reply and (idle or time.monotonic() >= deadline):
                return _finished(reply["content"], outputs.kept, seconds if interrupted else 0.0)
            if self._broken or self._has_ended():
                return _result("died", outputs.kept, self._broken or "the kernel ended")
            if time.monotonic() < deadline or reply:
                continue
            reason = f"stopped after {seconds:g} seconds"
            if interrupted:
                return _result("timeout", outputs.kept, f"{reason}, and did not let itself be interrupted", ended=True)
            self._session.send(self._control, "interrupt_request", {})
            interrupted, deadline = True, time.monotonic() + INTERRUPT_SECONDS

    def _messages(self, deadline: float) -> Iterator[tuple[zmq.Socket, dict[str, Any]]]:
        """Yield one message of each socket that has one, after waiting for some or for the kernel's end."""
        waiting = 1000 * max(0.0, deadline - time.monotonic())
        for source, _ in self._poller.poll(min(waiting, 100.0)):
            received = self._receive(source)
            if received is not None:
                yield source, received

    def _receive(self, source: zmq.Socket) -> dict[str, Any] | None:
        """Read one message; None for one that is not to be looked into. A malformed one ends all trust."""
        try:
            _, parts = self._session.feed_identities(source.recv_multipart(zmq.NOBLOCK))
            found = self._session.deserialize(parts, content=False)
            content = found["content"]
            if found["msg_type"] == "stream" or len(content) <= 2 * self._output_bytes + ANSWER_BYTES:
                return {**found, "content": self._session.unpack(content)}
            return {**found, "content": {}} if found["msg_type"] in OUTPUTS else None
        except Exception as error:  # whatever is wrong with it, its sender is not to be trusted any more
            self._broken = f"the kernel sent what is no Jupyter message ({type(error).__name__})"
            return None

    def _has_ended(self) -> bool:
        return bool(select.select([self._kernel], [], [], 0)[0])


def _result(status: str, outputs: list, reason: str = "", answer: str = "", ended: bool = False) -> dict[str, Any]:
    return {
        "status": status,
        "outputs": outputs,
        "reason": reason,
        "answer": answer,
        "ended": ended or status == "died",
    }


def _finished(reply: dict[str, Any], outputs: list, seconds: float) -> dict[str, Any]:
    """What an execute_reply says; `seconds` is the limit if that was reached, else 0."""
    if seconds:
        return _result("timeout", outputs, f"stopped after {seconds:g} seconds")
    if reply.get("status") != "ok":
        return _result("error", outputs)
    answer = reply.get("user_expressions", {}).get("answer")
    if answer is None:
        return _result("ok", outputs)
    if answer.get("status") != "ok":
        return _result("error", outputs, f"{answer.get('ename')}: {answer.get('evalue')}"[:300])
    text = str(answer["data"].get("text/plain", ""))
    if len(text) > ANSWER_BYTES:
        return _result("error", outputs, f"an answer of {len(text):,} characters; at most {ANSWER_BYTES:,} are read")
    return _result("ok", outputs, answer=text)


class BoundedOutputs:
    """Collects outputs up to a size; what goes beyond it is dropped, and a note says so."""

    def __init__(self, size: int):
        self._left = size
        self._full = False
        self.kept: list[dict[str, Any]] = []

    def add(self, kind: str, content: dict[str, Any]) -> None:
        if kind not in OUTPUTS or self._full:
            return
        size = len(json.dumps(content, default=str)) if content else self._left + 1
        if size <= self._left:
            self._left -= size
            self.kept.append({"output_type": kind, **content})
            return
        self._full = True
        if kind == "stream" and content:  # the beginning of a long text is worth keeping
            text = str(content.get("text", ""))[: self._left]
            self.kept.append({"output_type": kind, "name": str(content.get("name")), "text": text})
        note = "\n[more output than the limit allows; the rest was dropped]\n"
        self.kept.append({"output_type": "stream", "name": "stdout", "text": note})
