"""The sandbox keeps students' code in, and lets nothing remain of it."""

import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from grading.course import ROOT
from grading.sandbox import Sandbox, SandboxUnavailable, bubblewrap, bubblewrap_mode
from tests.sample import CHAPTER, COURSE


@pytest.fixture(scope="module")
def sandbox(short_limits):
    with Sandbox(COURSE, short_limits) as sandbox:
        yield sandbox


@pytest.fixture
def kernel(sandbox):
    with sandbox.kernel() as kernel:
        yield kernel


def printed(execution):
    return "".join(output.get("text", "") for output in execution.outputs)


def names_in(execution):
    return {output.get("ename") for output in execution.outputs}


FORBIDDEN = {
    "network": "import socket; socket.create_connection(('127.0.0.1', 22), timeout=2)",
    "other-hosts": "import socket; socket.create_connection(('192.0.2.1', 80), timeout=2)",
    "write-to-utils": "open('/course/utils/check/published.py', 'a')",
    "write-to-system": "open('/usr/x', 'w')",
    "write-to-python": "import numpy; open(numpy.__file__, 'a')",
    "solutions": f"open({str(COURSE.solutions / CHAPTER / 'steps.py')!r})",
    "exercises": "import grading",
    "tests": f"import os; os.listdir({str(ROOT / 'tests')!r})",
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
    found = kernel.run("from utils.check.published import _checks_files\nprint(len(_checks_files()))")
    assert printed(found).strip() == str(len(COURSE.released_chapters()))


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


def test_sandbox_limits_processes(kernel):
    code = "import os, time\nfor _ in range(100):\n    if os.fork() == 0: time.sleep(60); os._exit(0)"
    assert names_in(kernel.run(code)) == {"BlockingIOError"}


def test_sandbox_limits_memory(kernel):
    assert names_in(kernel.run("x = bytearray(3 * 2**30)")) == {"MemoryError"}


def test_sandbox_stops_an_endless_cell_and_goes_on(kernel):
    execution = kernel.run("while True: pass")
    assert execution.status == "timeout"
    assert "stopped after 5 seconds" in execution.reason
    assert kernel.alive and printed(kernel.run("print('alive')")) == "alive\n"


def test_sandbox_kills_what_will_not_be_interrupted(kernel):
    execution = kernel.run("import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass")
    assert execution.status == "timeout"
    assert not kernel.alive


def test_sandbox_reports_a_dead_kernel(kernel):
    execution = kernel.run("import os; os._exit(3)")
    assert (execution.status, execution.reason) == ("died", "the kernel ended")


def test_sandbox_cuts_output(kernel, short_limits):
    execution = kernel.run("print('x' * 20_000_000)")
    assert len(printed(execution)) < 1.1 * 1024 * short_limits.output_kib
    assert printed(execution).rstrip().endswith("the rest was dropped]")


def descendants():
    return {process.pid for process in psutil.Process().children(recursive=True)}


def test_sandbox_leaves_nothing_behind(short_limits, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = descendants()
    with Sandbox(COURSE, short_limits) as sandbox, sandbox.kernel() as kernel:
        kernel.run("import subprocess; subprocess.Popen(['sleep', '300'], start_new_session=True)")
        started = descendants() - before
        assert len(started) >= 5
    deadline = time.monotonic() + 30
    while any(map(psutil.pid_exists, started)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(psutil.pid_exists, started))
    assert not list(tmp_path.iterdir())


# --- from one student to the next

LEFT_BEHIND = {
    "files": "for name in ('/tmp/x', '/tmp/work/x', '/dev/shm/x'): open(name, 'w').write('x')",
    "deep-folders": "import os\nfor _ in range(300):\n    os.mkdir('d')\n    os.chdir('d')",
    "locked-folders": "import os; os.makedirs('/tmp/a/b'); os.chmod('/tmp/a/b', 0); os.chmod('/tmp/a', 0)",
    "links": "import os; os.symlink('/usr', '/tmp/usr'); os.symlink('/course', '/dev/shm/course')",
    "pipes": "import os; os.mkfifo('/tmp/fifo')",
    "startup-files": "import os; os.makedirs('/tmp/home/.ipython/profile_default/startup', exist_ok=True)\n"
    "open('/tmp/home/.ipython/profile_default/startup/0.py', 'w').write('found = 1')",
    "daemons": "import os, time, signal\nif os.fork() == 0:\n    os.setsid()\n    signal.signal(signal.SIGTERM, "
    "signal.SIG_IGN)\n    while True: time.sleep(0.01); open('/tmp/here', 'a').write('x')",
    "fork-bomb": "import os\ntry:\n    while True: os.fork()\nexcept BlockingIOError: pass",
    "modules": "import numpy, torch, utils.check.call\nnumpy.allclose = utils.check.call.answers = None\n"
    "torch.set_default_dtype(torch.float64); numpy.random.seed(1)",
}
LOOK_AROUND = """
import os, numpy, torch, utils.check.call
processes = len([name for name in os.listdir('/proc') if name.isdigit()])
files = sorted(os.listdir('/tmp')), os.listdir('/tmp/work'), os.listdir('/dev/shm')
modules = callable(numpy.allclose), callable(utils.check.call.answers), str(torch.get_default_dtype())
print(files, modules, processes, 'found' in globals(), numpy.random.rand())
"""


@pytest.fixture(scope="module")
def untouched(sandbox):
    with sandbox.kernel() as kernel:
        return printed(kernel.run(LOOK_AROUND))


@pytest.mark.parametrize("code", LEFT_BEHIND.values(), ids=LEFT_BEHIND)
def test_next_student_finds_nothing(sandbox, untouched, code):
    with sandbox.kernel() as kernel:
        kernel.run(code)
    with sandbox.kernel() as kernel:
        assert printed(kernel.run(LOOK_AROUND)) == untouched


def test_who_draws_without_a_seed_draws_the_same_in_every_kernel(sandbox, short_limits):
    drawn = set()
    with Sandbox(COURSE, short_limits) as another:
        for one in (sandbox, sandbox, another):
            with one.kernel() as kernel:
                code = "import random, numpy, torch; print(random.random(), numpy.random.rand(), torch.rand(1))"
                drawn.add(printed(kernel.run(code)))
    assert len(drawn) == 1, drawn


def test_kernels_are_forked_from_one_process(sandbox):
    parents = set()
    for _ in range(2):
        with sandbox.kernel() as kernel:
            parents.add(printed(kernel.run("import os; print(os.getppid())")))
        parents.add(sandbox.start()._process.pid)
    assert len(parents) == 2


WARM = "import os; warm = os.getppid()\n"
ON_THE_WARM_PROCESS = {
    "kill": "import signal; os.kill(warm, signal.SIGKILL)",
    "stop": "import signal; os.kill(warm, signal.SIGSTOP)",
    "limits": "import resource; resource.prlimit(warm, resource.RLIMIT_NOFILE, (5, 5))",
    "priority": "os.setpriority(os.PRIO_PROCESS, warm, 19)",
    "scheduler": "os.sched_setscheduler(warm, os.SCHED_IDLE, os.sched_param(0))",
    "memory": "open(f'/proc/{warm}/mem', 'r+b')",
    "descriptors": "[open(f'/proc/{warm}/fd/{number}') for number in range(10)]",
    "environment": "open(f'/proc/{warm}/environ').read()",
    "trace": "import ctypes; assert ctypes.CDLL(None).ptrace(16, warm, 0, 0) == 0",
}


INHERITED = (
    "import os, resource\n"
    "print(os.getpriority(0, 0), resource.getrlimit(resource.RLIMIT_NOFILE), os.sched_getscheduler(0))"
)


@pytest.fixture(scope="module", params=["root", "user"])
def mode(request):
    """Both ways in which bubblewrap is used; an ordinary user has only the second."""
    if request.param == "root" and os.getuid() != 0:
        request.param = "user"
    bubblewrap_mode.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "user":
            patch.setattr(bubblewrap, "_possible_modes", lambda: ["user"])
        assert bubblewrap_mode() == request.param
        yield request.param
    bubblewrap_mode.cache_clear()


@pytest.fixture(scope="module")
def sandbox_of_mode(mode, short_limits):
    with Sandbox(COURSE, short_limits) as sandbox:
        yield sandbox


@pytest.mark.parametrize("attack", ON_THE_WARM_PROCESS)
def test_warm_process_is_out_of_reach_or_replaced(sandbox_of_mode, mode, attack):
    with sandbox_of_mode.kernel() as kernel:
        status = kernel.run(WARM + ON_THE_WARM_PROCESS[attack]).status
        if mode == "root" or attack in {"memory", "descriptors", "environment", "trace"}:
            assert status == "error"
    with sandbox_of_mode.kernel() as kernel:
        assert printed(kernel.run(INHERITED)) == f"{os.getpriority(os.PRIO_PROCESS, 0)} (256, 256) 0\n"


def test_sandbox_isolates_in_either_mode(sandbox_of_mode):
    with sandbox_of_mode.kernel() as kernel:
        for code in FORBIDDEN.values():
            assert kernel.run(code).status == "error"
        assert kernel.run("import os\nfor _ in range(100):\n    if os.fork() == 0: os.pause()").status != "ok"


FORBIDDEN_CALLS = {
    "memory-without-a-file": "import os; os.memfd_create('x')",
    # in a child, because a process with threads is refused a user namespace in any case
    "namespaces": "import ctypes, os\npid = os.fork()\n"
    "if pid == 0: os._exit(ctypes.CDLL(None).unshare(0x10000000) & 1)\n"
    "assert os.waitpid(pid, 0)[1] == 0",
    "clone-into-namespaces": "import ctypes; assert ctypes.CDLL(None).syscall(56, 0x10000000 | 17, 0, 0, 0, 0) > 0",
    "shared-segments": "import ctypes; assert ctypes.CDLL(None).shmget(1, 4096, 0o1666) >= 0",
    "queues": "import ctypes; assert ctypes.CDLL(None).msgget(1, 0o1666) >= 0",
    "cores": "import os; os.sched_setaffinity(0, range(64))",
    "virtual-machine-sockets": "import socket; socket.socket(40, socket.SOCK_STREAM)",
}


@pytest.mark.parametrize("code", FORBIDDEN_CALLS.values(), ids=FORBIDDEN_CALLS)
def test_sandbox_refuses_system_calls(kernel, code):
    assert kernel.run(code).status == "error"


def test_sandboxes_have_a_core_each(short_limits):
    cores = []
    with Sandbox(COURSE, short_limits) as first, Sandbox(COURSE, short_limits) as second:
        for sandbox in (first, second):
            with sandbox.kernel() as kernel:
                cores.append(printed(kernel.run("import os; print(os.sched_getaffinity(0))")))
    if len(os.sched_getaffinity(0)) > 1:
        assert cores[0] != cores[1] or len(cores[0]) > 4  # all cores, when other processes have taken each one
    assert all(cores)


def test_sandbox_limits_number_of_files(kernel, short_limits):
    execution = kernel.run("import time\nfor i in range(10**6): open(f'/tmp/{i}', 'w').close()")
    assert (execution.status, execution.reason) == ("died", f"made more than {short_limits.files} files")


def test_sandbox_limits_open_files(kernel):
    assert names_in(kernel.run("files = [open('/dev/null') for _ in range(300)]")) == {"OSError"}


def test_sandbox_limits_processor_time(short_limits):
    limits = replace(short_limits, submission_seconds=1, cell_seconds=20)
    with Sandbox(COURSE, limits) as sandbox, sandbox.kernel() as kernel:
        assert kernel.run("while True: pass").status == "died"


def test_sandbox_takes_no_more_of_a_hostile_kernels_messages_than_agreed(kernel):
    # its own process, a relay in the sandbox, has to read them; memory of this process does not grow
    before = psutil.Process().memory_info().rss
    code = "socket = get_ipython().kernel.iopub_socket\nfor _ in range(500): socket.send_multipart([b'x' * 10**7] * 20)"
    kernel.run(code)
    assert psutil.Process().memory_info().rss - before < 100 * 2**20


def test_sandbox_answers_a_question_in_plain_text(kernel):
    assert kernel.ask("1 + 1")[1] == "2"
    assert kernel.ask("1 / 0")[0].status == "error"


@pytest.fixture
def without_cache():
    bubblewrap_mode.cache_clear()
    yield
    bubblewrap_mode.cache_clear()


def test_missing_bubblewrap_is_refused_with_the_cure(monkeypatch, without_cache):
    monkeypatch.setattr(bubblewrap.shutil, "which", lambda name: None)
    with pytest.raises(SandboxUnavailable, match=r"bwrap is missing.*apt-get install bubblewrap.*--unsafe-no-sandbox"):
        bubblewrap_mode()


def test_forbidden_namespaces_are_refused_with_the_cure(monkeypatch, without_cache, tmp_path):
    failing = tmp_path / "bwrap"
    failing.write_text("#!/bin/sh\necho 'No permissions to create new namespace' >&2\nexit 1\n")
    failing.chmod(0o755)
    monkeypatch.setattr(bubblewrap.shutil, "which", lambda name: str(failing))
    with pytest.raises(SandboxUnavailable, match=r"cannot make namespaces \(No permissions.*Allow user namespaces"):
        bubblewrap_mode()


def test_without_isolation_the_same_cells_run(short_limits):
    with Sandbox(COURSE, short_limits, isolated=False) as sandbox:
        folders = set()
        for _ in range(2):
            with sandbox.kernel() as kernel:
                assert printed(kernel.run("from utils.check.plain import encode\nprint(encode(1.5))")) == "1.5\n"
                folders.add(printed(kernel.run("import os; print(os.getcwd(), os.listdir())")).strip())
                kernel.run("open('left', 'w').close()")
        (folder,) = folders
        assert folder.endswith("work []")
    assert not Path(folder.split()[0]).parent.exists()


def test_sandbox_counts_shared_memory_once(kernel):
    # twenty forks of a kernel of 200 MiB share nearly all of it
    code = "import os, time\nfor _ in range(20):\n    if os.fork() == 0: time.sleep(60); os._exit(0)\ntime.sleep(1)"
    assert kernel.run(code).status == "ok"


def test_sandbox_limits_memory_of_all_processes_together(kernel):
    code = """
import os, time
for _ in range(6):
    if os.fork() == 0:
        block = bytearray(os.urandom(1024)) * (300 * 1024)
        time.sleep(60)
        os._exit(0)
time.sleep(60)
"""
    execution = kernel.run(code)
    assert (execution.status, execution.reason) == ("died", "used more than 1024 MiB of memory")
