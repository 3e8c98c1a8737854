"""Messages over a stream socket: eight bytes of length, then JSON. A reader never takes more than it agreed to."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

LENGTH_BYTES = 8


class FrameError(Exception):
    """What arrived is no message, or a larger one than was agreed to."""


def send(channel: socket.socket, content: dict[str, Any], seconds: float | None = None) -> None:
    """Send a message. Raises OSError if the other side is gone, or does not read it in time (None: wait for ever)."""
    data = json.dumps(content).encode()
    channel.settimeout(seconds)
    channel.sendall(len(data).to_bytes(LENGTH_BYTES, "big") + data)


class Reader:
    """Reads messages of at most `limit` bytes, as much of them as has arrived at a time."""

    def __init__(self, channel: socket.socket, limit: int):
        self._channel = channel
        self._limit = limit
        self._data = bytearray()

    def receive(self, seconds: float | None) -> dict[str, Any] | None:
        """Return the next message, or None if it is not complete after `seconds` (None: wait for ever).

        Raises FrameError for anything but a JSON object of the size agreed to, EOFError at the end.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        while (content := self._take()) is None:
            self._channel.settimeout(None if deadline is None else max(0.0, deadline - time.monotonic()))
            try:
                chunk = self._channel.recv(2**18)
            except (TimeoutError, BlockingIOError):
                return None
            except OSError as error:
                raise EOFError from error
            if not chunk:
                raise EOFError
            self._data += chunk
        return content

    def _take(self) -> dict[str, Any] | None:
        if len(self._data) < LENGTH_BYTES:
            return None
        end = LENGTH_BYTES + int.from_bytes(self._data[:LENGTH_BYTES], "big")
        if end - LENGTH_BYTES > self._limit:
            raise FrameError(f"a message of {end - LENGTH_BYTES:,} bytes; at most {self._limit:,} are read")
        if len(self._data) < end:
            return None
        try:
            content = json.loads(self._data[LENGTH_BYTES:end])
        except (ValueError, RecursionError) as error:
            raise FrameError(f"no JSON: {error}"[:200]) from error
        del self._data[:end]
        if not isinstance(content, dict):
            raise FrameError("no JSON object")
        return content
