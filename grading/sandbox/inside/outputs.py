"""What a cell shows, collected as Jupyter's outputs up to a size."""

from __future__ import annotations

import base64
import io
import json
import os
from typing import Any

FULL = "\n[more output than the limit allows; the rest was dropped]\n"
SMALLEST = 64  # bytes that each output counts at least, so that there is an end to empty ones, too


class Outputs:
    """Outputs of one cell after the other; what goes beyond the limit of a cell is dropped, and a note says so."""

    def __init__(self, size: int):
        self.size = size  # bytes of a cell
        self.clear()

    def clear(self) -> None:
        """Forget everything that was shown."""
        self._left, self._full, self._kept = self.size, False, []

    def take(self) -> list[dict[str, Any]]:
        """Return what was shown since the last time."""
        kept = [
            {**output, "text": "".join(output["text"])} if output["output_type"] == "stream" else output
            for output in self._kept
        ]
        self.clear()
        return kept

    def text(self, name: str, text: str) -> None:
        """Add a text to a stream: stdout or stderr."""
        if self._full or not text:
            return
        if not (self._kept and self._kept[-1].get("name") == name):
            if self._left < SMALLEST:
                self._end()
                return
            self._left -= SMALLEST
            self._kept.append({"output_type": "stream", "name": name, "text": []})
        kept = text[: self._left]
        self._left -= len(kept)
        self._kept[-1]["text"].append(kept)
        if len(kept) < len(text):
            self._end()

    def add(self, kind: str, content: dict[str, Any]) -> None:
        """Add a display, a result or an error."""
        size = max(SMALLEST, len(json.dumps(content)))
        if self._full:
            return
        if size > self._left:
            self._end()
            return
        self._left -= size
        self._kept.append({"output_type": kind, **content})

    def _end(self) -> None:
        self._full = True
        self._kept.append({"output_type": "stream", "name": "stdout", "text": [FULL]})


def plain_bundle(bundle: dict[str, Any]) -> dict[str, Any]:
    """A bundle of MIME types as JSON can hold it: bytes as base64, anything odd as its text."""
    return {
        str(kind): base64.b64encode(data).decode() if isinstance(data, bytes) else _plain(data)
        for kind, data in bundle.items()
    }


def _plain(data: Any) -> Any:
    return data if isinstance(data, str) else json.loads(json.dumps(data, default=str))


class _Bytes(io.BufferedIOBase):
    """The bytes of a stream. Other processes than the kernel write into the file behind its descriptor."""

    def __init__(self, outputs: Outputs, name: str, descriptor: int):
        self._outputs, self._name, self._descriptor, self._owner = outputs, name, descriptor, os.getpid()

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def write(self, data: Any) -> int:
        if os.getpid() != self._owner:  # a copy of the kernel, whose outputs nobody sees
            return os.write(self._descriptor, data)
        self._outputs.text(self._name, bytes(data).decode("utf-8", "replace"))
        return len(data)


class Stream(io.TextIOWrapper):
    """Standard output or standard error of a notebook."""

    def __init__(self, outputs: Outputs, name: str, descriptor: int):
        super().__init__(_Bytes(outputs, name, descriptor), encoding="utf-8", errors="replace", write_through=True)
        self.mode = "w"


class Printed:
    """The files behind descriptors 1 and 2: what libraries in C, threads and other processes print."""

    def __init__(self, folder: str, size: int):
        self._size = size
        self._files = {}
        for name, descriptor in (("stdout", 1), ("stderr", 2)):
            file = os.open(folder, os.O_RDWR | os.O_TMPFILE | os.O_APPEND, 0o600)
            os.dup2(file, descriptor)
            self._files[name] = file

    def into(self, outputs: Outputs) -> None:
        """Add what was printed since the last time."""
        for name, file in self._files.items():
            if os.fstat(file).st_size:
                outputs.text(name, os.pread(file, self._size + 1, 0).decode("utf-8", "replace"))
                os.ftruncate(file, 0)
