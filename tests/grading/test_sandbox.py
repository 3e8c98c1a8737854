"""The sandbox keeps students' code in, and lets nothing remain of it."""

import os
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from grading import sandbox as sandbox_module
from grading.course import Course
from grading.sandbox import Sandbox, SandboxUnavailable, bubblewrap_mode
from tests.conftest import CHAPTER


@pytest.fixture(scope="module")
def kernel(short_limits):
    with Sandbox(CHAPTER, Course.here(), short_limits) as kernel:
        yield kernel


@pytest.fixture
def fresh(short_limits):
    """A kernel of its own, for code that harms it."""
    with Sandbox(CHAPTER, Course.here(), short_limits) as kernel:
        yield kernel


def printed(execution):
    return "".join(output.get("text", "") for output in execution.outputs)


def names_in(execution):
    return {output.get("ename") for output in execution.outputs}


FORBIDDEN = {
    "network": "import socket; socket.create_connection(('127.0.0.1', 22), timeout=2)",
    "other-hosts": "import socket; socket.create_connection(('192.0.2.1', 80), timeout=2)",
    "write-to-utils": "open('/course/utils/check.py', 'a')",
    "write-to-system": "open('/usr/x', 'w')",
    "write-to-python": "import numpy; open(numpy.__file__, 'a')",
    "solutions": f"open({str(Course.here().solutions / CHAPTER / 'momentum.py')!r})",
    "exercises": "import grading",
    "gradebook": f"import os; os.listdir({str(Course.here().gradebook)!r})",
    "passwords": "open('/etc/shadow')",
    "become-root": "import os; os.setuid(0); open('/course/x', 'w')",
}


@pytest.mark.parametrize("code", FORBIDDEN.values(), ids=FORBIDDEN)
def test_sandbox_forbids(kernel, code):
    assert kernel.run(code).status == "error"


def test_sandbox_hides_other_processes(kernel):
    numbers = printed(kernel.run("import os; print(*[p for p in os.listdir('/proc') if p.isdigit()])")).split()
    assert 0 < len(numbers) < 20
    assert str(os.getpid()) not in numbers or os.getpid() < 20


def test_sandbox_passes_no_environment_on(kernel, monkeypatch):
    assert "PYTEST" not in printed(kernel.run("import os; print(dict(os.environ))"))


def test_sandbox_has_utils_and_published_cases(kernel):
    found = kernel.run("from utils.check import _checks_files\nprint(len(_checks_files()))")
    assert printed(found).strip() == "1"


def test_sandbox_limits_one_file(kernel):
    code = "with open('/tmp/big', 'wb') as file:\n    for _ in range(100): file.write(bytes(2**20))"
    assert names_in(kernel.run(code)) == {"OSError"}
    kernel.run("import os; os.remove('/tmp/big')")


@pytest.mark.parametrize("folder", ["/tmp", "/dev/shm"])
def test_sandbox_limits_all_files_together(kernel, folder):
    code = f"""
import os
written = 0
try:
    for number in range(20):
        with open(f'{folder}/part-{{number}}', 'wb') as file:
            written += file.write(bytes(10 * 2**20))
except OSError:
    print(written // 2**20)
finally:
    [os.remove(f'{folder}/{{name}}') for name in os.listdir('{folder}') if name.startswith('part-')]
"""
    assert 0 < int(printed(kernel.run(code))) <= 64


def test_sandbox_limits_processes(fresh):
    code = "import os, time\nfor _ in range(100):\n    if os.fork() == 0: time.sleep(60); os._exit(0)"
    assert names_in(fresh.run(code)) == {"BlockingIOError"}


def test_sandbox_limits_memory(fresh):
    assert names_in(fresh.run("x = bytearray(3 * 2**30)")) == {"MemoryError"}


def test_sandbox_stops_an_endless_cell_and_goes_on(fresh):
    execution = fresh.run("while True: pass")
    assert execution.status == "timeout"
    assert "stopped after 5 seconds" in execution.reason
    assert fresh.alive and printed(fresh.run("print('alive')")) == "alive\n"


def test_sandbox_kills_what_will_not_be_interrupted(fresh):
    execution = fresh.run("import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass")
    assert execution.status == "timeout"
    assert not fresh.alive


def test_sandbox_reports_a_dead_kernel(fresh):
    execution = fresh.run("import os; os._exit(3)")
    assert (execution.status, execution.reason) == ("died", "the kernel ended")


def test_sandbox_cuts_output(fresh, short_limits):
    execution = fresh.run("print('x' * 20_000_000)")
    assert len(printed(execution)) < 1.1 * 1024 * short_limits.output_kib
    assert printed(execution).rstrip().endswith("the rest was dropped]")


def test_sandbox_leaves_nothing_behind(short_limits):
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    with Sandbox(CHAPTER, Course.here(), short_limits) as kernel:
        folder = kernel._folder
        kernel.run("import subprocess; subprocess.Popen(['sleep', '300'], start_new_session=True)")
        started = {process.pid for process in psutil.Process().children(recursive=True)} - before
        assert len(started) >= 3
    deadline = time.monotonic() + 5
    while any(map(psutil.pid_exists, started)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(psutil.pid_exists, started))
    assert not folder.exists()


def test_sandbox_answers_a_question_in_plain_text(kernel):
    assert kernel.ask("1 + 1")[1] == "2"
    assert kernel.ask("1 / 0")[0].status == "error"


@pytest.fixture
def without_cache():
    bubblewrap_mode.cache_clear()
    yield
    bubblewrap_mode.cache_clear()


def test_missing_bubblewrap_is_refused_with_the_cure(monkeypatch, without_cache):
    monkeypatch.setattr(sandbox_module.shutil, "which", lambda name: None)
    with pytest.raises(SandboxUnavailable, match=r"bwrap is missing.*apt-get install bubblewrap.*--unsafe-no-sandbox"):
        bubblewrap_mode()


def test_forbidden_namespaces_are_refused_with_the_cure(monkeypatch, without_cache, tmp_path):
    failing = tmp_path / "bwrap"
    failing.write_text("#!/bin/sh\necho 'No permissions to create new namespace' >&2\nexit 1\n")
    failing.chmod(0o755)
    monkeypatch.setattr(sandbox_module.shutil, "which", lambda name: str(failing))
    with pytest.raises(SandboxUnavailable, match=r"cannot make namespaces \(No permissions.*Allow user namespaces"):
        bubblewrap_mode()


def test_without_isolation_the_same_cells_run(short_limits):
    with Sandbox(CHAPTER, Course.here(), replace(short_limits), isolated=False) as kernel:
        assert printed(kernel.run("from utils.plain import encode\nprint(encode(1.5))")) == "1.5\n"
        assert Path(printed(kernel.run("import os; print(os.getcwd())")).strip()) == kernel._folder


def test_sandbox_counts_shared_memory_once(fresh):
    # twenty forks of a kernel of 200 MiB share nearly all of it
    code = "import os, time\nfor _ in range(20):\n    if os.fork() == 0: time.sleep(60); os._exit(0)\ntime.sleep(1)"
    assert fresh.run(code).status == "ok"


def test_sandbox_limits_memory_of_all_processes_together(fresh):
    code = """
import os, time
for _ in range(6):
    if os.fork() == 0:
        block = bytearray(os.urandom(1024)) * (300 * 1024)
        time.sleep(60)
        os._exit(0)
time.sleep(60)
"""
    execution = fresh.run(code)
    assert (execution.status, execution.reason) == ("died", "used more than 1024 MiB of memory")
