"""A machine that knows nothing of this repository: another Python, an empty folder, a drive as Colab has it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

from grading.authoring.bundle import GUIDE, write_bundle
from grading.course import ROOT, Course


def setup_cell(content: Path) -> str:
    """The cell that students paste on Colab, with a folder of ours in place of Colab's /content."""
    found = re.search(r"```python\n(from google\.colab.*?)```", (ROOT / GUIDE).read_text(encoding="utf-8"), re.DOTALL)
    return found.group(1).replace("/content", str(content))


class Machine:
    """A Python and a folder, its /content, with the bundle on the drive."""

    def __init__(self, python: Path, content: Path):
        self.python, self.content = python, content
        drive, google = content / "drive/MyDrive", content / ".colab/google"
        for folder in (drive, google):
            folder.mkdir(parents=True)
        write_bundle(Course.here(), drive / "bundle.zip")
        (google / "colab.py").write_text("class drive:\n    mount = print  # it is there already\n")

    @property
    def environment(self) -> dict[str, str]:
        path = f"{self.python.parent}:/usr/bin:/bin"
        return {"PATH": path, "PYTHONPATH": str(self.content / ".colab"), "HOME": str(self.content)}

    def run(self, *arguments: str, cwd: Path) -> str:
        """Run Python; return what it printed, errors included."""
        command = [self.python, *arguments]
        return subprocess.run(
            command, cwd=cwd, env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ).stdout

    def execute(self, notebook: nbformat.NotebookNode, cwd: Path | None = None) -> None:
        """Execute a notebook in a kernel of this machine, all cells, whether they raise or not."""
        manager = KernelManager(transport="ipc", connection_file=str(self.content / "kernel.json"))
        command = [str(self.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        manager._kernel_spec = KernelSpec(argv=command, language="python")
        where = {"metadata": {"path": str(cwd or self.content)}}
        client = NotebookClient(notebook, km=manager, timeout=600, allow_errors=True, resources=where)
        try:
            client.execute(env=self.environment)
        finally:
            manager.shutdown_kernel(now=True)  # the client ends only kernels of its own
