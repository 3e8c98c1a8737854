"""The sandbox keeps students' code in, and lets nothing remain of it."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from grading.course import ROOT, Course
from grading.judging.hidden_cases import hidden_cases
from grading.sandbox import Sandbox, SandboxUnavailable, bubblewrap, bubblewrap_mode, control_groups
from grading.sandbox.control_groups import Group, places
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


def text_of(execution):
    """All that a cell shows, as text."""
    parts = []
    for output in execution.outputs:
        parts.append(output.get("text") or "\n".join(output.get("traceback", [])) or output["data"]["text/plain"])
    return "".join(parts)


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


def test_interrupted_cell_that_awaits_does_not_go_on_behind_others(kernel):
    awaiting = "print('before')\nimport asyncio\nwent_on = False\nawait asyncio.sleep(6)\nwent_on = True"
    execution = kernel.run(awaiting)
    assert execution.status == "timeout" and "before" in text_of(execution) and "CancelledError" in text_of(execution)
    assert printed(kernel.run("await asyncio.sleep(2); print(went_on)")) == "False\n"


def test_task_that_exits_later_takes_no_cell_with_it(kernel):
    kernel.run("import asyncio, sys\nasync def leave(): sys.exit(1)\ntask = asyncio.create_task(leave())")
    assert printed(kernel.run("print('and on')")) == "and on\n"
    kernel.run("asyncio.get_event_loop().call_soon(asyncio.get_event_loop().stop)")
    assert printed(kernel.run("await asyncio.sleep(0.1)\nprint('and on')")) == "and on\n"


def test_interruption_is_done_before_anything_else_is_executed(sandbox, kernel):
    (warm,) = psutil.Process(sandbox._warm._process.pid).children()
    warm.suspend()
    resume = threading.Timer(1, warm.resume)
    resume.start()
    kernel._grip.interrupt()
    assert resume.finished.is_set()


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


def test_sandbox_cuts_many_small_outputs(kernel, short_limits):
    execution = kernel.run("import sys\nfor _ in range(100_000): sys.stdout.write('a'); sys.stderr.write('b')")
    assert 10_000 < len(execution.outputs) <= 1024 * short_limits.output_kib / 64 + 1
    assert execution.status == "ok" and printed(execution).rstrip().endswith("the rest was dropped]")


def descendants():
    return {process.pid for process in psutil.Process().children(recursive=True)}


def test_sandbox_leaves_nothing_behind(short_limits, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = descendants()
    with Sandbox(COURSE, short_limits) as sandbox, sandbox.kernel() as kernel:
        kernel.run("import os, time\nif os.fork() == 0: os.setsid(); time.sleep(300); os._exit(0)")
        started = descendants() - before
        assert len(started) >= 4  # bubblewrap, the warm process, the kernel, its own
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
    warm = sandbox._warm
    for _ in range(2):
        with sandbox.kernel() as kernel:
            assert kernel.run("1").status == "ok"
    assert sandbox._warm is warm


# --- as root, and as an ordinary user


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


INHERITED = """
import os, resource
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines())
print(*sorted(int(name) for name in os.listdir("/proc") if name.isdecimal()), os.getpid(), os.getppid())
print(*{int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")})
print(status["NoNewPrivs"], status["Seccomp"])
print(os.getpriority(0, 0), resource.getrlimit(resource.RLIMIT_NOFILE), os.sched_getscheduler(0))
print(sorted(os.listdir("/proc/self/fd")).__len__() < 12)
"""


def test_kernel_is_alone_and_has_no_rights(sandbox_of_mode):
    for _ in range(2):
        with sandbox_of_mode.kernel() as kernel:
            lines = printed(kernel.run(INHERITED)).splitlines()
            assert lines[:2] == ["1 1 0", "0"]
            assert lines[2:] == ["1 2", f"{os.getpriority(os.PRIO_PROCESS, 0)} (256, 256) 0", "True"]


def test_sandbox_isolates_in_either_mode(sandbox_of_mode):
    with sandbox_of_mode.kernel() as kernel:
        for code in FORBIDDEN.values():
            assert kernel.run(code).status == "error"
        assert kernel.run("import os\nfor _ in range(100):\n    if os.fork() == 0: os.pause()").status != "ok"


C = "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
WAYS_OUT = {
    "unmount": C + "assert libc.umount2(b'/tmp', 2) == 0",
    "unmount-proc": C + "assert libc.umount2(b'/proc', 2) == 0",
    "mount": C + "assert libc.mount(b'tmpfs', b'/tmp', b'tmpfs', 0, None) == 0",
    "chroot": "import os; os.chroot('/tmp')",
    "namespace-of-another": C + "assert libc.setns(os.open('/proc/1/ns/mnt', os.O_RDONLY), 0) == 0",
    "trace": C + "assert libc.ptrace(16, 1, 0, 0) == 0",
    "another-user": "import os; os.setuid(1234)",
    "devices": "import os, stat; os.mknod('/tmp/sda', stat.S_IFBLK | 0o666, os.makedev(8, 0))",
    "host-name": "import socket; socket.sethostname('x')",
    "settings-of-the-machine": "open('/proc/sys/kernel/hostname', 'w').write('x')",
    "control-groups": "import os; os.listdir('/sys/fs/cgroup')",
    "lease": "import fcntl, numpy; fcntl.fcntl(open(numpy.__file__), 1024, fcntl.F_RDLCK)",
    "shell": "import subprocess; subprocess.run(['/bin/sh', '-c', 'true'])",
    "times-of-devices": "import os; os.utime('/dev/null')",
    "timers": C + "assert all(libc.timer_create(1, None, ctypes.byref(ctypes.c_void_p())) == 0 for _ in range(2000))",
}


@pytest.mark.parametrize("code", WAYS_OUT.values(), ids=WAYS_OUT)
def test_kernel_cannot_leave(sandbox_of_mode, code):
    with sandbox_of_mode.kernel() as kernel:
        assert kernel.run(code).status == "error"


def test_kernel_sees_a_list_of_what_it_needs(kernel):
    found = kernel.run("import os; print(*sorted(os.listdir('/usr')), *sorted(os.listdir('/etc')))")
    assert set(printed(found).split()) <= {"lib", "lib64", "share", "local", "fonts", "ld.so.cache", "localtime"}


def test_course_below_what_students_can_read_is_refused(monkeypatch, tmp_path):
    course = Course(tmp_path / "course", tmp_path / "course" / "gradebook")
    monkeypatch.setattr(bubblewrap, "readable", lambda: (tmp_path,))
    with pytest.raises(SandboxUnavailable, match=r"course lies below .*, which students' code can read"):
        bubblewrap.check_privacy(course)
    monkeypatch.undo()
    bubblewrap.check_privacy(COURSE)


def test_without_nested_namespaces_each_submission_gets_a_sandbox(monkeypatch, short_limits):
    monkeypatch.setattr(bubblewrap, "CAPABILITIES", bubblewrap.CAPABILITIES[1:])
    with Sandbox(COURSE, short_limits) as sandbox:
        with pytest.warns(UserWarning, match="allows no namespaces within a sandbox"), sandbox.kernel() as kernel:
            assert kernel.run("open('/tmp/left', 'w').close()").status == "ok"
            first = sandbox._warm
        with pytest.warns(UserWarning), sandbox.kernel() as kernel:
            assert printed(kernel.run("import os; print(os.path.exists('/tmp/left'))")) == "False\n"
            assert sandbox._warm is not first


# --- limits


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
    "bytes-out-of-band": "import socket; pair = socket.socketpair(); pair[0].send(b'x', socket.MSG_OOB)",
    "watches-of-files": "import ctypes; assert ctypes.CDLL(None).inotify_init() >= 0",
    "pages-given-to-a-pipe": "import ctypes, os\nlibc, text = ctypes.CDLL(None), (ctypes.c_char_p * 2)(b'x')\n"
    "ctypes.cast(text, ctypes.POINTER(ctypes.c_size_t))[1] = 1\nassert libc.vmsplice(os.pipe()[1], text, 1, 0) == 1",
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
    code = "import os\ntry:\n    for i in range(10**6): open(f'/tmp/{i}', 'w').close()\nexcept OSError: print(i)"
    assert short_limits.files - 100 < int(printed(kernel.run(code))) < short_limits.files


def test_sandbox_limits_open_files(kernel):
    assert names_in(kernel.run("files = [open('/dev/null') for _ in range(300)]")) == {"OSError"}


def test_sandbox_limits_processor_time(short_limits):
    limits = replace(short_limits, submission_seconds=1, cell_seconds=20)
    with Sandbox(COURSE, limits) as sandbox, sandbox.kernel() as kernel:
        assert kernel.run("while True: pass").status == "died"


@pytest.mark.parametrize("seconds", [1.0, 2.0])
def test_wall_clock_runs_whatever_the_kernel_does(sandbox, short_limits, seconds):
    began = time.monotonic()
    with sandbox.kernel(seconds) as kernel:
        execution = kernel.run("import time\nwhile True:\n    try: time.sleep(100)\n    except BaseException: pass")
        assert (execution.status, kernel.alive) == ("died", False)
    assert execution.reason == f"the notebook took more than {short_limits.submission_seconds:g} seconds"
    assert seconds <= time.monotonic() - began < seconds + 2


def test_wall_clock_runs_while_nobody_waits_for_the_kernel(sandbox):
    with sandbox.kernel(0.5) as kernel:
        assert kernel.run("1").status == "ok"
        time.sleep(0.7)
        assert kernel.run("1").status == "died"


HOSTILE = """
import os, socket, stat
for number in range(3, 100):
    try: channel = socket.socket(fileno=number)
    except OSError: continue
    try: {}
    except OSError: pass
"""


@pytest.mark.parametrize(
    "sent",
    [
        "channel.sendall((2**40).to_bytes(8, 'big') + bytes(2**24))",
        "channel.sendall(b'x' * 2**26)",
        "channel.shutdown(2)",
    ],
    ids=["endless", "noise", "silence"],
)
def test_sandbox_takes_no_more_of_a_hostile_kernels_messages_than_agreed(kernel, sent):
    before = psutil.Process().memory_info().rss
    assert kernel.run(HOSTILE.format(sent)).status == "died"
    assert psutil.Process().memory_info().rss - before < 100 * 2**20


def test_kernel_that_answers_what_was_not_asked_is_not_believed(kernel):
    forged = "channel.sendall((17).to_bytes(8, 'big') + b'{\"status\": [\"ok\"]}'[:17])"
    assert kernel.run(HOSTILE.format(forged)).status == "died"


MANY_OUTPUTS = """
import json
data = json.dumps({"status": "ok", "outputs": [{"output_type": "stream"}] * 20_000}).encode()
"""


def test_more_outputs_than_a_kernel_would_send_are_not_read(kernel):
    # each costs the grader time, while no clock of the submission runs
    execution = kernel.run(MANY_OUTPUTS + HOSTILE.format("channel.sendall(len(data).to_bytes(8, 'big') + data)"))
    assert (execution.status, execution.reason) == ("died", "the kernel gave no proper answer")


def test_function_is_found_whatever_else_is_named(kernel):
    names = "globals = __import__ = check = print = len = str = None\n"
    kernel.run(names + "def sgd_step(theta, grad, lr): return theta - lr * grad")
    case = hidden_cases(COURSE, CHAPTER, 1)["sgd_step"].cases[0]
    execution, answer = kernel.ask("answer", "sgd_step", json.dumps(case.to_plain()))
    assert execution.status == "ok" and json.loads(answer)["failure"] is None and json.loads(answer)["values"]
    assert json.loads(kernel.ask("answer", "missing", "{}")[1])["failure"][0] == "undefined"


# --- what notebooks do

SHOWN = {
    "print": ("print(1)", "1"),
    "stderr": ("import sys; print(1, file=sys.stderr)", "1"),
    "result": ("1 + 1", "2"),
    "semicolon": ("1 + 1;", ""),
    "display": ("display('x')", "'x'"),
    "await": ("import asyncio\nawait asyncio.sleep(0.01)\nprint(asyncio.get_running_loop().is_running())", "True"),
    "task": ("import asyncio\nasync def f(): return 7\nt = asyncio.create_task(f())\nprint(await t)", "7"),
    "loop-without-await": ("import asyncio\nprint(asyncio.get_running_loop().is_running())", "True"),
    "figure": ("%matplotlib widget\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]);", "<Figure size"),
    "bar": ("from tqdm.notebook import tqdm\nfor _ in tqdm(range(3)): pass\nprint(1)", "1"),
    "console-bar": ("from tqdm.auto import tqdm\nprint(sum(tqdm(range(4))))", "6"),
    "widget": ("import ipywidgets\nipywidgets.IntSlider()", "IntSlider(value=0)"),
    "interact": ("import ipywidgets\nipywidgets.interact(lambda x: print(x + 1), x=5)\nprint(8)", "8"),
    "output-widget": ("import ipywidgets\nwith ipywidgets.Output(): print(3)\nprint(8)", "8"),
    "threads": ("import threading\nt = threading.Thread(target=print, args=(5,)); t.start(); t.join()", "5"),
    "thread-pool": ("from concurrent.futures import *\nprint(sum(ThreadPoolExecutor(4).map(abs, [1, -2])))", "3"),
    "forks-that-print": ("import os\nif os.fork() == 0:\n    print(9, flush=True); os._exit(0)\nos.wait();", "9"),
    "forks-that-go-on": ("import os\nchild = os.fork()\nif child: os.waitpid(child, 0)\nprint(child > 0)", "True"),
    "process-pool": (
        "from multiprocessing import get_context\nwith get_context('fork').Pool(2) as p: print(p.map(abs, [-1, 2]))",
        "[1, 2]",
    ),
    "torch-workers": (
        "import torch\nloader = torch.utils.data.DataLoader(torch.arange(4.), batch_size=2, num_workers=2)\n"
        "print([batch.sum().item() for batch in loader])",
        "[1.0, 5.0]",
    ),
    "script": ("import torch\n@torch.jit.script\ndef f(x): return x * 2\nprint(f(torch.ones(1)).item())", "2.0"),
    "joblib": ("import joblib\nprint(joblib.Parallel(2)(joblib.delayed(abs)(x) for x in (-1, 2)))", "[1, 2]"),
    "temporary-file": ("import tempfile\nwith tempfile.TemporaryFile() as f: print(f.write(b'123'))", "3"),
    "writes-of-libraries": ("import ctypes\nctypes.CDLL(None).puts(b'c'); ctypes.CDLL(None).fflush(None);", "c"),
    "capture": ("%%capture got\nprint(1)", ""),
    "captured": ("got = 4\nprint(got)", "4"),
    "time": ("%time x = 3", "Wall time"),
    "timeit": ("%timeit -n1 -r1 1", "per loop"),
    "quit": ("quit()", ""),
    "exit": ("import sys; sys.exit()", "SystemExit"),
    "clear": ("from IPython.display import clear_output\nprint(1)\nclear_output()\nprint(2)", "2"),
    "pandas": ("import pandas\npandas.DataFrame({'a': [1]})", "a\n0  1"),
    "zone": ("import zoneinfo\nprint(zoneinfo.ZoneInfo('Europe/Rome'))", "Europe/Rome"),
    "umlaut": ("print('Grüße ∇f \\ud83d')", "Grüße ∇f ?"),
    "command": ("!ls\nprint(1)", "no other program can be run while a notebook is graded"),
    "install": ("%pip install x\nprint(1)", "no other program"),
    "input": ("input('?')", "nobody can answer input()"),
    "future": ("from __future__ import annotations\ndef f(x: nowhere): return 1\nprint(f(0))", "1"),
    "profile": ("import cProfile\ncProfile.run('1')", "function calls"),
    "sqlite": ("import sqlite3\nprint(sqlite3.connect(':memory:').execute('select 1').fetchone())", "(1,)"),
}


@pytest.mark.parametrize("name", SHOWN)
def test_notebooks_may(sandbox, name):
    code, expected = SHOWN[name]
    with sandbox.kernel() as kernel:
        shown = text_of(kernel.run(code))
        assert expected in shown and (expected or not shown), shown
        assert printed(kernel.run("print('and on')")) == "and on\n"


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
        assert len(folders) == 2 and all(folder.endswith("work []") for folder in folders)
        assert not any(Path(folder.split()[0]).parent.exists() for folder in folders)


def test_sandbox_counts_shared_memory_once(kernel):
    # twenty forks of a kernel of 200 MiB share nearly all of it
    code = "import os, time\nfor _ in range(20):\n    if os.fork() == 0: time.sleep(60); os._exit(0)\ntime.sleep(1)"
    assert kernel.run(code).status == "ok"


MANY_SHARES = """
import mmap, os, time
blocks = []
for _ in range({processes}):
    if {processes} == 1 or os.fork() == 0:
        for _ in range({blocks}):
            block = mmap.mmap(-1, 2**26, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS)
            block.write(bytes(2**26))
            block.madvise(mmap.MADV_DONTNEED)
            blocks.append(block)
        if {processes} > 1: time.sleep(60)
time.sleep(60)
"""


def test_sandbox_limits_shared_memory_of_a_process(short_limits):
    with Sandbox(COURSE, replace(short_limits, cell_seconds=60)) as patient, patient.kernel() as kernel:
        execution = kernel.run(MANY_SHARES.format(processes=1, blocks=100))
    assert names_in(execution) == {"OSError"} or "MiB of memory" in execution.reason


def test_control_group_limits_memory_of_all_processes_together(kernel):
    kernel.run(MANY_SHARES.format(processes=6, blocks=6))
    # docs/safety.md: without groups each process is limited, all together only by their number
    assert kernel._grip.why() == ("used more than 1024 MiB of memory" if places() else "the kernel ended")


def test_control_groups_are_removed(short_limits):
    with Sandbox(COURSE, short_limits) as sandbox, sandbox.kernel() as kernel:
        shown = printed(kernel.run("print(open('/proc/self/cgroup').read())"))
        groups = [place.folder / name for place in places() for name in re.findall(r"descent-[\w-]+", shown)]
        assert len([group for group in groups if group.exists()]) == len(places())
    assert not [group for group in groups if group.exists()]


def test_processes_left_in_a_control_group_end_with_it(short_limits):
    group = Group(short_limits)
    with subprocess.Popen(["sleep", "60"]) as process:
        for door in group.doors():
            os.write(door, str(process.pid).encode())
            os.close(door)
        if not places():
            process.kill()  # nobody else would
        group.remove()
    assert process.returncode == -9


MOUNTED = {
    "v2": (
        "30 1 0:1 / {top} rw - cgroup2 cgroup2 rw\n",
        "0::/user/session\n",
        ["memory.max", "pids.max", "memory.swap.max", "memory.oom.group", "cpu.max"],
    ),
    "v2-without-swap": (
        "30 1 0:1 / {top} rw - cgroup2 cgroup2 rw\n",
        "0::/user/session\n",
        ["memory.max", "pids.max"],
    ),
    "v1": (
        "30 1 0:1 / {top} rw - cgroup cgroup rw,memory\n31 1 0:1 / {top} rw - cgroup cgroup rw,pids\n",
        "4:memory:/user/session\n8:pids:/user/session\n",
        ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "pids.max"],
    ),
}


@pytest.mark.parametrize("version", MOUNTED)
def test_control_groups_of_either_version_are_found(monkeypatch, tmp_path, version):
    mounts, own, names = MOUNTED[version]
    top = tmp_path / "top"
    (top / "user" / "session").mkdir(parents=True)
    for file, text in (("mounts", mounts.format(top=top)), ("own", own)):
        (tmp_path / file).write_text(text)
    monkeypatch.setattr(control_groups, "MOUNTS", tmp_path / "mounts")
    monkeypatch.setattr(control_groups, "OWN", tmp_path / "own")
    made = Path.mkdir

    def made_by_a_kernel(path):  # which puts files into a new group
        made(path)
        for name in (*names, "cgroup.procs"):
            (path / name).touch()

    monkeypatch.setattr(Path, "mkdir", made_by_a_kernel)
    monkeypatch.setattr(Path, "rmdir", lambda path: shutil.rmtree(path))
    places.cache_clear()
    try:
        found = places()
        assert {place.folder for place in found} == {top / "user" / "session"}
        settings = {name for place in found for name in place.settings}
        assert settings - control_groups.OPTIONAL == set(names) - control_groups.OPTIONAL
    finally:
        places.cache_clear()
