"""Attacks on the channel between kernel and grader, on the kernel itself, and on what is around it.

A kernel speaks frames (eight bytes of length, then JSON) over one socket, in the process that runs a student's code.
"""

from __future__ import annotations

from functools import partial

import pyseccomp

from grading.sandbox.system_calls import ALLOWED, MESSAGES
from tests.attacks.attack import LAST, Attack, doing, wrong_answers

forge = partial(Attack, kind="forge", answers=wrong_answers(LAST), loses=(LAST,))
harm = partial(Attack, kind="harm")
fair = partial(Attack, kind="fair")
BEFORE_LAST = "averaged-momentum-step"  # a cell here cannot disturb the honest answers above it

CHANNEL = """
import json, os, socket, sys
def channel():
    for number in sorted(map(int, os.listdir("/proc/self/fd"))):
        try: where = os.readlink(f"/proc/self/fd/{number}")
        except OSError: continue
        if where.startswith("socket:"): return socket.socket(fileno=os.dup(number))
def say(*contents):
    end = channel(); end.settimeout(None)
    for content in contents:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        end.sendall(len(data).to_bytes(8, "big") + data)
PASSED = {"values": [{"tuple": [0.0, 0.0]}], "mutated": [], "failure": None, "changed": False, "warned": ""}
DONE = {"status": "ok", "outputs": []}
ONE = {**DONE, "answer": json.dumps(PASSED)}
ALL = {**DONE, "answer": json.dumps([PASSED] * 40)}
def reply(request):
    return DONE if "run" in request else ALL if request["ask"][0] == "answers" else ONE
"""
FRAMES_AHEAD = CHANNEL + "say(*[ONE, ALL] * 20)"
ASKED = """
import json, sys
asked = sys.modules["inside.notebook"].ASKED
asked["answer"] = lambda function, data: json.dumps(PASSED)
asked["answers"] = lambda function, data: json.dumps([PASSED] * len(json.loads(data)))
"""
KERNEL = """
import gc
kernel = sys.modules["inside.notebook"].Kernel
print("observed: kernels", sum(type(thing) is kernel for thing in gc.get_objects()) > 0)
kernel.answer = lambda self, request: reply(request)
"""
SEND = """
frames = sys.modules["inside.frames"]
genuine = frames.send
verdict = {"exercise": "averaged_momentum_step", "points": 3.0, "max_points": 3.0, "status": "passed", "message": ""}
shown = {"text/plain": "3.0", "application/vnd.descent.verdict+json": verdict}
def send(channel, content, seconds=None):
    content = {**content, "points": 3.0, "verdict": verdict, "outputs": [
        {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": shown}]}
    if "answer" in content: content["answer"] = json.dumps(verdict)
    genuine(channel, content, seconds)
frames.send = send
"""
# A copy of the kernel reads the requests, while the kernel itself sleeps.
STOLEN = """
if os.fork() == 0:
    requests, end = sys.modules["inside.frames"].Reader(channel(), 2**26), False
    say(DONE)
    while True:
        say(reply(requests.receive(None)))
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
time.sleep(1000)
"""
LATE = """
import threading, time
def later():
    for _ in range(40):
        time.sleep(0.1)
        say(ALL, ONE)
"""
# The kernel is a copy of the process that was there before all submissions. (The brackets: not to find itself.)
MEMORY = """
import re
found, looked = set(), 0
with open("/proc/self/mem", "rb", 0) as memory:
    for line in open("/proc/self/maps"):
        begin, end = (int(number, 16) for number in line.split()[0].split("-"))
        if line.split()[1][0] != "r" or end - begin > 2**28 or "[v" in line: continue
        try: memory.seek(begin); data = memory.read(end - begin)
        except (OSError, OverflowError): continue
        looked += len(data)
        for secret in (rb"a-referenc[e]", rb"gradeboo[k]/", rb"solution[s]/ch"): found |= set(re.findall(secret, data))
print("observed: found", sorted(found), looked > 2**24)
"""
GRADER = """
import ctypes
libc, end = ctypes.CDLL(None, use_errno=True), channel()
handle, size = ctypes.c_int(-1), ctypes.c_int(4)
libc.getsockopt(end.fileno(), socket.SOL_SOCKET, 77, ctypes.byref(handle), ctypes.byref(size))  # SO_PEERPIDFD
ways = [libc.syscall(424, handle, number, None, 0) for number in (0, 19, 9)]  # pidfd_send_signal
ways += [libc.syscall(438, handle, number, 0) for number in range(20)]  # pidfd_getfd
ways += [libc.setns(handle, kind) for kind in (0, 0x20000, 0x20000000)]
print("observed: reached", max(ways) >= 0)
"""
DESCRIPTORS = """
import array
pairs = [socket.socketpair() for _ in range(60)]
ends = [end.fileno() for pair in pairs for end in pair]
end = channel()
for _ in range(5):
    end.sendmsg([b""], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", ends))])
data = json.dumps(DONE).encode()
end.sendmsg([len(data).to_bytes(8, "big") + data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", ends))])
"""
TRICKLE = """
import signal, time
end = channel(); end.settimeout(None)
end.sendall((2**23).to_bytes(8, "big"))
signal.signal(signal.SIGINT, signal.SIG_IGN)
while True:
    end.sendall(b" ")
    time.sleep(0.002)
"""
WITHOUT_END = """
import threading
def flood():
    while True: say(*[DONE] * 1000)
threading.Thread(target=flood, daemon=True).start()
"""
UNREAD = "import sys, time\nsys.modules['inside.frames'].Reader.receive = lambda self, seconds: time.sleep(1000)"
ALTERNATING = "import sys\nfor _ in range(100_000): sys.stdout.write('a'); sys.stderr.write('b')"
REFUSED = sorted(
    set(range(470))
    - {335, 336}  # of probes in user space: the Linux kernel answers them before any filter, with a signal
    - {pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) for name in " ".join(ALLOWED.values()).split()}
    - {
        pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name)
        for name in ("clone", "socket", "fcntl", "ioctl", *MESSAGES)
    }
)
CALLS = f"""
import ctypes, errno, mmap, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def answered(number):
    ctypes.set_errno(0)
    return libc.syscall(ctypes.c_long(number), *[ctypes.c_long(0)] * 6) != -1 or ctypes.get_errno() != errno.ENOSYS
def end_of(action):
    child = os.fork()
    if child == 0:
        action()
        os._exit(0)
    return os.waitpid(child, 0)[1]
code = mmap.mmap(-1, 4096, prot=7)
code.write(b"\\xb8\\x14\\0\\0\\0\\xcd\\x80\\xc3")  # getpid by int 0x80
old = ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
print("observed: answered", [number for number in {REFUSED} if answered(number)])
print("observed: other tables", end_of(old), end_of(lambda: libc.syscall(ctypes.c_long(0x40000000 + 39))))
print("observed: families", [family for family in range(50) if libc.socket(family, 1, 0) >= 0])
"""
TRACES = """
import ctypes, os, socket
libc, done = ctypes.CDLL(None), []
def attempt(name, action):
    try: action()
    except OSError: return
    done.append(name)
for path in ("/", "/dev", "/dev/null", "/dev/urandom", "/proc", "/course", "/course/utils/__init__.py", np.__file__):
    attempt(f"times of {path}", lambda: os.utime(path))
    attempt(f"mode of {path}", lambda: os.chmod(path, 0o777))
    attempt(f"name of {path}", lambda: os.rename(path, path + "x"))
for top in ("/proc/sys", "/proc/1", "/proc/pressure"):
    for folder, _, names in os.walk(top):
        for name in names:
            path = f"{folder}/{name}"
            if "/fd" not in path: attempt(path, lambda: os.close(os.open(path, os.O_WRONLY)))
if libc.inotify_init() >= 0: done.append("watch")
attempt("out of band", lambda: [end.send(b"x", socket.MSG_OOB) for end in socket.socketpair()])
timers = 0
while timers < 5000 and libc.timer_create(1, None, ctypes.byref(ctypes.c_void_p())) == 0: timers += 1
if timers == 5000: done.append("timers")
print("observed: traces", done)
"""
ODD_OUTPUTS = """[
    [], None, {}, {"output_type": 5}, {"output_type": ""},
    {"output_type": "error", "traceback": 5}, {"output_type": "error", "traceback": [1]},
    {"output_type": "stream", "text": {"a": 1}, "name": []}, {"output_type": "display_data", "data": 1},
    {"output_type": "execute_result", "data": {"text/plain": 1e999, "image/png": [1]}, "metadata": 5},
]"""
NO_TEXT = r"""{
    "reason": "\ud800\x1b[31m\n=cmd \u202e",
    "outputs": [{"output_type": "stream", "text": "\ud800\udcff\x00\x1b]0;x\x07"}],
}"""


def frame(content: str) -> dict[str, str]:
    """A cell that sends one frame of its own before the kernel's."""
    return {BEFORE_LAST: f"{CHANNEL}say({content})"}


ATTACKS = [
    forge(
        3,
        "kernel-replaced",
        aim="the kernel's class, found by gc, answers itself",
        cells={BEFORE_LAST: CHANNEL + KERNEL},
    ),
    forge(
        3, "asked-replaced", aim="the kernel's table of questions answers itself", cells={BEFORE_LAST: CHANNEL + ASKED}
    ),
    forge(
        4,
        "send-replaced",
        aim="every frame of the kernel says points and a verdict",
        cells={BEFORE_LAST: CHANNEL + SEND},
    ),
    forge(7, "frames-ahead", aim="replies to forty later requests", cells={BEFORE_LAST: FRAMES_AHEAD}),
    forge(
        7,
        "requests-stolen",
        aim="a copy of the kernel reads and answers requests",
        cells={BEFORE_LAST: CHANNEL + STOLEN},
    ),
    forge(
        7,
        "frames-late",
        aim="a thread answers requests after its call was given up",
        answers={LAST: doing(LAST, "threading.Thread(target=later).start()\ntime.sleep(1.5)\nreturn 1.0, 2.0")},
        cells={BEFORE_LAST: CHANNEL + LATE},
    ),
    forge(
        8,
        "memory-searched",
        aim="names, paths and cases in the memory that the kernel has inherited",
        cells={BEFORE_LAST: MEMORY},
        prints=("found [] True",),
    ),
    forge(
        8,
        "grader-reached",
        aim="a handle of the grader's process by its end of the channel",
        cells={BEFORE_LAST: CHANNEL + GRADER},
        prints=("reached False",),
    ),
    *(
        forge(16, f"frame-{slug}", kind="harm", aim=f"a frame that is {aim}", cells=frame(content))
        for slug, aim, content in (
            ("of-many-outputs", "of 300,000 outputs", "{**DONE, 'outputs': [{'output_type': 'stream'}] * 300_000}"),
            ("of-objects", "of 16 MB, and 400 MB when it is read", "b'{\"a\":[' + b'{\"\":0},' * 2_300_000 + b'0]}'"),
            ("deep", "nested ten million deep", "b'[' * 10_000_000"),
            ("huge-number", "a number of five million digits", "b'{\"a\":' + b'9' * 5_000_000 + b'}'"),
            ("list", "a list", "[DONE]"),
            ("empty", "empty", "b''"),
            ("binary", "no text", r"b'\xff\xfe'"),
            ("status-is-list", "a reply whose status is a list", "{'status': ['ok']}"),
            ("outputs-are-object", "a reply whose outputs are an object", "{**DONE, 'outputs': {'output_type': 1}}"),
            ("reason-is-number", "a reply whose reason is a number", "{**DONE, 'reason': 5}"),
            (
                "odd-outputs",
                "full of outputs of the wrong types",
                f"{{**DONE, 'outputs': {ODD_OUTPUTS}}}",
            ),
            ("no-text", "full of lone surrogates and escape codes", f"{{**DONE, **{NO_TEXT}}}"),
        )
    ),
    forge(14, "frames-without-end", kind="harm", aim="frames without end", cells={BEFORE_LAST: CHANNEL + WITHOUT_END}),
    forge(
        16,
        "requests-unread",
        kind="harm",
        aim="the kernel reads no request",
        cells={BEFORE_LAST: UNREAD},
        says="stopped after",
    ),
    forge(
        15,
        "descriptors-sent",
        kind="harm",
        aim="hundreds of descriptors for the grader",
        cells={BEFORE_LAST: CHANNEL + DESCRIPTORS},
    ),
    harm(16, "frame-that-trickles", aim="byte after byte, and no interruption", cells={BEFORE_LAST: CHANNEL + TRICKLE}),
    harm(
        16,
        "kernel-says-it-is-a-copy",
        aim="os.getpid gives another number",
        cells={BEFORE_LAST: "import os\nos.getpid = lambda: 7"},
    ),
    harm(
        17,
        "outputs-in-turn",
        aim="200,000 pieces of standard output and error in turn",
        cells={"sgd-step": ALTERNATING},
    ),
    harm(
        13,
        "calls-by-number",
        aim="every system call that is not on the list, the tables of 32 bits, families of sockets",
        cells={"sgd-step": CALLS},
        prints=("answered []", "other tables 31 31", "families [1]"),
    ),
    harm(
        12,
        "traces-of-the-machine",
        aim="times, modes and names of what is shared, settings in /proc, watches, timers",
        cells={"sgd-step": TRACES},
        prints=("traces []",),
    ),
    fair(
        24,
        "task-exits-later",
        aim="a task that exits while the next cell runs",
        cells={"sgd-step": "import asyncio, sys\nasync def leave(): sys.exit(1)\ntask = asyncio.create_task(leave())"},
    ),
    fair(
        25,
        "awaits-too-long",
        aim="a cell that awaits for ever",
        cells={"sgd-step": "import asyncio\nawait asyncio.sleep(1000)"},
    ),
]
