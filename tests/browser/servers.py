"""JupyterLab as an instructor starts it, on this machine alone."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from grading.course import Course

START_SECONDS = 90
STOP_SECONDS = 10
SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none"},  # show all cells at once, not only those in view
    "apputils-extension/notification": {"fetchNews": "false"},
}
OWN_FOLDERS = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")


@dataclass(frozen=True)
class Server:
    """A running JupyterLab."""

    port: int
    token: str

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path.lstrip('/')}{'&' if '?' in path else '?'}token={self.token}"

    def get(self, path: str) -> list | dict:
        """Return what the server's REST interface answers."""
        with urllib.request.urlopen(self.url(path), timeout=30) as reply:
            return json.load(reply)

    def terminals(self) -> int:
        """How many terminals are open: each is a shell of whoever started the server."""
        return len(self.get("api/terminals"))


@contextmanager
def jupyter_lab(folder: Path, private: Path, course: Course | None = None) -> Iterator[Server]:
    """Run JupyterLab in `folder` with the user's own settings out of the way; stop it and its kernels afterwards.

    private : folder for settings, and the log.
    course : whose gradebook formgrader shows, None for this repository's.
    Raises RuntimeError, with the log, if it does not start.
    """
    private.mkdir(parents=True, exist_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = Server(free.getsockname()[1], secrets.token_hex(16))
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={server.port}"]
    command += ["--ServerApp.port_retries=0", f"--IdentityProvider.token={server.token}", "--allow-root"]
    environment = {
        **os.environ,
        **{name: str(private / name.lower()) for name in OWN_FOLDERS},
        "JUPYTERLAB_SETTINGS_DIR": str(private / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(private / "workspaces"),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "COURSE_ROOT": str(course.root if course else ""),
        "GRADEBOOK_DIR": str(course.gradebook if course else ""),
    }
    for name, settings in SETTINGS.items():
        path = private / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings))
    log = private / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _wait_until_it_answers(server, process, log)
        yield server
    finally:
        _stop(process)


def _wait_until_it_answers(server: Server, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            server.get("api/status")
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start: {log.read_text(errors='replace')[-2000:]}")


def _stop(process: subprocess.Popen) -> None:
    # asked to end, the server ends its kernels too, which are no members of its process group
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
