"""Attacks on the machine, on the limits, and on other students."""

from __future__ import annotations

from functools import partial

from tests.attacks.attack import Attack, Trace, doing, wrong_answers

harm = partial(Attack, kind="harm")


def at_most(key: str, bound: float):
    """Probe: the number that the attack printed is not above a bound."""

    def probe(trace: Trace) -> str:
        found = trace.number(key)
        return "" if found <= bound else f"{key} was {found:g}, more than {bound:g}"

    return probe


def no_contact(trace: Trace) -> str:
    return f"{trace.contacts} connections reached a listener outside" if trace.contacts else ""


def small_notebook(trace: Trace) -> str:
    size = max(len(trace.graded), len(trace.feedback)) / 1e6
    return f"the graded notebook or its page has {size:.0f} MB" if size > 20 else ""


TRY = """
done = []
def attempt(name, action):
    try:
        action()
    except BaseException as error:
        return error
    done.append(name)
"""
WRITES = (
    TRY
    + """
import os, shutil, sqlite3
for path in ("@GRADEBOOK@/gradebook.db", "@GRADEBOOK@/seed", "@GRADEBOOK@/submitted/x", "@COURSE@/x", "@REPOSITORY@/x",
             "/course/x", "/course/utils/check/call.py", "/usr/x", "/etc/x", "/x", "/dev/x", np.__file__,
             "/proc/1/mem", "/proc/sys/kernel/hostname"):
    if not path.startswith("/tmp"):  # what lies there is the sandbox's own, even if it is named like the course
        attempt(path, lambda: open(path, "a").write("x"))
        attempt("delete " + path, lambda: os.remove(path))
attempt("database", lambda: sqlite3.connect("@GRADEBOOK@/gradebook.db").execute("UPDATE grade SET auto_score = 100"))
for path in ("/course/utils", "/usr/bin", "@COURSE@", "@REPOSITORY@"):
    path.startswith("/tmp") or attempt("chmod " + path, lambda: os.chmod(path, 0o777))
attempt("setuid", lambda: os.setuid(0))
attempt("chroot", lambda: os.chroot("/tmp"))
attempt("mknod", lambda: os.mknod("/tmp/disk", 0o666 | 0o060000, os.makedev(254, 0)))
attempt("hostname", lambda: __import__("socket").sethostname("x"))
print("observed: written", done)
"""
)
LEAVE = (
    TRY
    + """
import builtins, ctypes, json, os, signal, socket, sys
os.makedirs("/tmp/home/.ipython/profile_default/startup", exist_ok=True)
for path in ("/tmp/left-behind", "/dev/shm/left-behind", "/var/tmp/left-behind",
             "/tmp/home/.ipython/profile_default/startup/00.py", "/tmp/work/sitecustomize.py",
             "/tmp/home/.bashrc", "/tmp/../tmp/left-behind-2"):
    attempt(path, lambda: open(path, "w").write("import builtins; builtins.descent_left = 1"))
os.environ["DESCENT_LEFT"] = "1"
builtins.descent_left = 1
sys.modules["descent_left"] = sys
sys.path.insert(0, "/tmp/work")
signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal(signal.SIGUSR1, lambda *a: None)
signal.setitimer(signal.ITIMER_REAL, 3600); signal.setitimer(signal.ITIMER_PROF, 3600)
os.umask(0o777 & ~0o700); os.nice(19)
import utils.check.call, utils.check, numpy
utils.check.call.__dict__["descent_left"] = 1
abstract = socket.socket(socket.AF_UNIX); attempt("abstract", lambda: abstract.bind("\\0left"))
libc = ctypes.CDLL(None, use_errno=True)
shared = libc.shmget(0x1EF7, 4096, 0o1666)
libc.semget(0x1EF7, 1, 0o1666)
import multiprocessing.shared_memory
attempt("posix", lambda: multiprocessing.shared_memory.SharedMemory("left-behind-3", create=True, size=10))
KEY, TO_SESSION, TO_USER, TO_USER_SESSION = 248, -3, -4, -5
for ring in (TO_SESSION, TO_USER, TO_USER_SESSION):
    libc.syscall(KEY, b"user", b"descent-left", b"x", 1, ring)
"""
)
# What the next student would find in the kernel's keyrings, which no namespace separates.
READ_KEYS = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
found = [ring for ring in (-3, -4, -5) if libc.syscall(250, 10, ring, b"user", b"descent-left", 0) > 0]
print("observed: keys", found)
"""
POISON = """
import glob, os, signal, ctypes
libc = ctypes.CDLL(None, use_errno=True)
done = []
others = sorted(int(p) for p in os.listdir("/proc") if p.isdigit() and int(p) != os.getpid())
for pid in others:
    for number in (signal.SIGUSR1, signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL):
        try: os.kill(pid, number); done.append(f"signal {number} to {open(f'/proc/{pid}/comm').read().strip()}")
        except OSError: pass
    for request in (16, 0x4206):  # PTRACE_ATTACH, PTRACE_SEIZE
        if libc.ptrace(request, pid, 0, 0) == 0: done.append("ptrace")
    for name in ("mem", "environ", "maps", "fd", "oom_score_adj", "coredump_filter", "clear_refs"):
        try:
            path = f"/proc/{pid}/{name}"
            if os.path.isdir(path): os.listdir(path)
            else: open(path, "r+b" if name not in ("maps", "environ") else "rb").read(1)
            done.append(name)
        except OSError: pass
    for name in ("cwd", "root", "exe"):
        try: os.readlink(f"/proc/{pid}/{name}"); done.append(name)
        except OSError: pass
    try: os.setpriority(os.PRIO_PROCESS, pid, 19); done.append("priority")
    except OSError: pass
    try: os.sched_setaffinity(pid, {0}); done.append("affinity")
    except OSError: pass
    try:
        import resource
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, 3)); done.append("limits")
    except (OSError, ValueError): pass
"""
# The same on the whole of what the kernel inherited: descriptors and memory that others hold too.
INHERITED = """
import fcntl, mmap, os, socket, stat
done = []
for number in sorted(int(name) for name in os.listdir("/proc/self/fd")):
    try: mode = os.fstat(number).st_mode; where = os.readlink(f"/proc/self/fd/{number}")
    except OSError: continue
    own = where.startswith(("/tmp", "/dev/shm", "/usr", "/memfd")) and not where.startswith("/tmp/descent")
    if stat.S_ISREG(mode) and not own:
        for name, flags in (("write", os.O_WRONLY), ("read and write", os.O_RDWR)):
            try: os.close(os.open(f"/proc/self/fd/{number}", flags)); done.append(f"{name} {os.path.basename(where)}")
            except OSError: pass
        try: os.fchmod(number, 0o777); done.append(f"chmod {os.path.basename(where)}")
        except OSError: pass
    if stat.S_ISDIR(mode): done.append("directory " + where)
for line in open("/proc/self/maps"):
    fields = line.split()
    if len(fields) > 5 and fields[1][3] == "s" and fields[1][1] == "w" and not fields[5].startswith("/dev/zero"):
        done.append("shared map " + fields[5])
print("observed: inherited", sorted(set(done)))
"""
DAEMON = """
import ctypes, os, signal, time
for number in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            ctypes.CDLL(None).prctl(15, b"left-daemon", 0, 0, 0)
            for descriptor in range(3): os.close(descriptor)
            for number in set(range(1, 65)) - {9, 19, 32, 33}: signal.signal(number, signal.SIG_IGN)
            while True:
                for folder in ("/tmp", "/dev/shm"): open(f"{folder}/left-behind-daemon", "w").write("x")
                time.sleep(0.1)
        os._exit(0)
"""
KILLS = """
import os, signal
for target in (os.getppid(), 1, 0, -1):
    if target: 
        try: os.kill(target, signal.SIGKILL if target > 0 else signal.SIGTERM)
        except OSError as error: print("observed:", target != -1 and "parent", type(error).__name__)
"""
FORK_BOMB = """
import os, time
count, error = 0, None
while count < 5000:
    try:
        if os.fork() == 0:
            time.sleep(30); os._exit(0)
        count += 1
    except OSError as error_:
        break
print(f"observed: processes={count}")
"""
THREAD_BOMB = """
import threading, time
count = 0
try:
    while count < 5000:
        threading.Thread(target=time.sleep, args=(30,), daemon=True).start(); count += 1
except RuntimeError:
    pass
print(f"observed: threads={count}")
"""
MEMORY = """
import time
blocks, end = [], time.monotonic() + 3
try:
    while len(blocks) < 100_000 and time.monotonic() < end:
        blocks.append(bytearray(2**20))
except MemoryError:
    pass
size = len(blocks)
del blocks
print(f"observed: MiB={size}")
"""
# Memory that no process shows as its own: files of memfd_create, segments of System V, a tmpfs of one's own.
MEMFD = """
import os, time
held, files, block, end = 0, [], bytes(2**20), time.monotonic() + 4
try:
    while held < 2048 and time.monotonic() < end:
        files.append(os.memfd_create("m"))
        for _ in range(60):
            held += os.write(files[-1], block) / 2**20
except OSError:
    pass
print(f"observed: MiB={held:.0f}")
"""
SYSTEM_V = """
import ctypes, time
libc = ctypes.CDLL(None, use_errno=True)
end = time.monotonic() + 4
libc.shmat.restype, libc.shmat.argtypes = ctypes.c_void_p, [ctypes.c_int, ctypes.c_void_p, ctypes.c_int]
libc.shmdt.argtypes = [ctypes.c_void_p]
held = 0
while held < 2048 and time.monotonic() < end:
    segment = libc.shmget(0, 64 * 2**20, 0o1600)
    if segment < 0: break
    place = libc.shmat(segment, None, 0)
    if place in (None, 2**64 - 1): break
    ctypes.memset(place, 1, 64 * 2**20)
    libc.shmdt(place)
    held += 64
print(f"observed: MiB={held}")
"""
OWN_NAMESPACE = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
read, write = os.pipe()
if os.fork() == 0:
    held, user = 0, os.getuid()
    try:
        if libc.unshare(0x10000000 | 0x00020000) == 0:
            open("/proc/self/uid_map", "w").write(f"0 {user} 1")
            if libc.mount(b"tmpfs", b"/tmp/work", b"tmpfs", 0, None) == 0:
                for number in range(20):
                    with open(f"/tmp/work/{number}", "wb", buffering=0) as file:
                        for _ in range(60): held += file.write(bytes(2**20)) / 2**20
    except OSError:
        pass
    os.write(write, b"%d" % held)
    os._exit(0)
os.close(write)
print(f"observed: MiB={os.read(read, 20).decode()}")
"""
FULL_DISK = """
import os
written, files = 0, 0
for folder in ("/tmp", "/dev/shm", "/tmp/work", "/tmp/home"):
    try:
        for number in range(100):
            with open(f"{folder}/full-{number}", "wb", buffering=0) as file:
                while True: written += file.write(bytes(2**20))
    except OSError as error:
        if error.errno == 27: continue
for folder in ("/tmp", "/dev/shm", "/tmp/work", "/tmp/home"):
    for name in os.listdir(folder):
        if name.startswith("full-"): os.remove(f"{folder}/{name}")
print(f"observed: MiB={written / 2**20:.0f}")
"""
OPEN_FILES = """
import os
opened = []
try:
    while len(opened) < 10_000_000: opened.append(os.open("/dev/null", os.O_RDONLY))
except OSError:
    pass
count = len(opened)
for number in opened: os.close(number)
print(f"observed: files={count}")
"""
NETWORK = (
    TRY
    + """
import socket, subprocess
def reach(family, address, kind=socket.SOCK_STREAM):
    with socket.socket(family, kind) as s:
        s.settimeout(0.5); s.connect(address); s.send(b"x")
for host in ("127.0.0.1", "192.0.2.1", "8.8.8.8", "169.254.169.254"):
    for port in (@PORT@, 80, 53):
        attempt(f"{host}:{port}", lambda: reach(socket.AF_INET, (host, port)))
for host in ("192.0.2.1", "8.8.8.8", "169.254.169.254"):
    attempt(f"udp {host}", lambda: reach(socket.AF_INET, (host, 53), socket.SOCK_DGRAM))
attempt("ipv6", lambda: reach(socket.AF_INET6, ("::1", @PORT@)))
attempt("file", lambda: reach(socket.AF_UNIX, "@SOCKET@"))
attempt("abstract", lambda: reach(socket.AF_UNIX, "\\0@PORT@-listener"))
attempt("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
attempt("packet", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
attempt("name", lambda: socket.getaddrinfo("example.org", 80))
def bind_anywhere():
    with socket.socket() as s: s.bind(("0.0.0.0", 0)); s.listen(); s.settimeout(0.3); s.accept()
attempt("accept", bind_anywhere)
print("observed: reached", done)
"""
)
# Sockets to the machine that hosts this one: network namespaces do not hold them back. It binds and speaks to nobody.
VSOCK = """
import socket
try:
    with socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM) as s:
        s.bind((socket.VMADDR_CID_ANY, socket.VMADDR_PORT_ANY)); s.listen()
    print("observed: vsock bound")
except (OSError, AttributeError):
    print("observed: vsock refused")
"""
NO_EXIT = """
while True:
    try:
        while True: pass
    except BaseException:
        pass
"""
C_LOOP = """
import itertools, collections
collections.deque(itertools.repeat(0), maxlen=0)
"""
BIG_MATRIX = """
return np.linalg.svd(np.random.default_rng(0).normal(size=(2500, 2500)))[1].sum() + k
"""
SLEEPER = """
import signal, time, threading
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
    signal.signal(number, lambda *a: None)
while True:
    time.sleep(1e9 if threading.TIMEOUT_MAX > 1e9 else 1e6)
"""
CPU_TIME = """
import os, resource, time
limit = resource.getrlimit(resource.RLIMIT_CPU)[1]
print(f"observed: seconds={limit if limit > 0 else float('inf')}")
for _ in range(4):
    if os.fork() == 0:
        while True: pass
"""
FLOOD_LINE = "print('x' * 20_000_000)"
FLOOD_LINES = (
    "import sys\nfor i in range(1_000_000): print(i)\nfor i in range(100_000): print(i, file=sys.stderr, flush=True)"
)
FLOOD_DISPLAYS = """
from IPython.display import display, clear_output
for i in range(1_000_000):
    display(i)
"""
JUST_BELOW = "import time\ntime.sleep(1.5)\n"
HANG_AFTER = """
linear_decay.calls = getattr(linear_decay, "calls", 0) + 1
if linear_decay.calls > 3:
    import time; time.sleep(1000)
done = min(k / tau, 1)
return (1 - done) * lr0 + done * lr_tau
"""
NEAR_LIMIT = "ballast = bytearray(450 * 2**20)"

ATTACKS = [
    harm(
        entry=11,
        slug="writes",
        aim="writes to gradebook.db, the course, the system; becomes root; makes devices",
        cells={"sgd-step": WRITES},
        prints=("written []",),
    ),
    harm(
        entry=12,
        slug="leaves-things",
        aim="startup files, /tmp, /dev/shm, environment, modules, signals, timers, shared memory for the next student",
        cells={"averaged-momentum-step": LEAVE},
    ),
    harm(
        entry=12,
        slug="reads-keys",
        aim="a later student looks for what the one before left in the kernel's keyrings",
        cells={"sgd-step": READ_KEYS},
        prints=("keys []",),
    ),
    harm(
        entry=13,
        slug="poisons-the-parent",
        aim="signals, ptrace, /proc/<pid>/mem, priority, affinity, limits of every process in sight",
        answers=wrong_answers("averaged_momentum_step"),
        cells={"averaged-momentum-step": POISON},
        loses=("averaged_momentum_step",),
    ),
    harm(
        entry=13,
        slug="inherited-descriptors",
        aim="files, folders and shared memory that the kernel inherited",
        cells={"sgd-step": INHERITED},
        prints=("inherited []",),
    ),
    harm(entry=13, slug="daemons", aim="daemons that outlive their notebook", cells={"sgd-step": DAEMON}),
    harm(entry=13, slug="kills", aim="os.kill(os.getppid(), 9), kill(1, 9), kill(-1, 15)", cells={"sgd-step": KILLS}),
    harm(
        entry=14,
        slug="fork-bomb",
        aim="forks without end",
        cells={"sgd-step": FORK_BOMB},
        probe=at_most("processes", 64),
    ),
    harm(
        entry=14,
        slug="thread-bomb",
        aim="threads without end",
        cells={"sgd-step": THREAD_BOMB},
        probe=at_most("threads", 64),
    ),
    harm(entry=14, slug="memory", aim="100 GB of memory", cells={"sgd-step": MEMORY}, probe=at_most("MiB", 1024)),
    harm(
        entry=14,
        slug="memory-in-memfd",
        aim="memory in files of memfd_create, which no process shows as its own",
        cells={"sgd-step": MEMFD},
        probe=at_most("MiB", 1280),
    ),
    harm(
        entry=14,
        slug="memory-in-segments",
        aim="memory in System V segments, detached",
        cells={"sgd-step": SYSTEM_V},
        probe=at_most("MiB", 1280),
    ),
    harm(
        entry=14,
        slug="memory-in-own-tmpfs",
        aim="a user namespace of its own, and in it a tmpfs without a limit",
        cells={"sgd-step": OWN_NAMESPACE},
        probe=at_most("MiB", 0),
    ),
    harm(entry=14, slug="full-disk", aim="fills every disk", cells={"sgd-step": FULL_DISK}, probe=at_most("MiB", 160)),
    harm(
        entry=14,
        slug="open-files",
        aim="ten million open files",
        cells={"sgd-step": OPEN_FILES},
        probe=at_most("files", 256),
    ),
    harm(
        entry=14,
        slug="near-the-limits",
        aim="memory just below the limit, calls just below theirs",
        answers={"linear_decay": doing("linear_decay", JUST_BELOW + "return min(k / tau, 1) * (lr_tau - lr0) + lr0")},
        cells={"sgd-step": NEAR_LIMIT},
    ),
    harm(
        entry=15,
        slug="network",
        aim="connects to everything, binds to everything",
        cells={"sgd-step": NETWORK},
        prints=("reached []",),
        probe=no_contact,
    ),
    harm(
        entry=15,
        slug="vsock",
        aim="a socket to the machine that hosts this one",
        cells={"sgd-step": VSOCK},
        prints=("vsock refused",),
    ),
    harm(
        entry=16,
        slug="exits",
        aim="os._exit in a cell and in a call; a null pointer",
        answers={
            "linear_decay": doing("linear_decay", "import os\nos._exit(0)"),
            "exponential_decay": doing("exponential_decay", "import ctypes\nctypes.string_at(0)"),
        },
        cells={"momentum-step": "import os\nos._exit(0)"},
        loses=("linear_decay", "exponential_decay"),
        says="no answer",
    ),
    harm(
        entry=16,
        slug="never-ends",
        aim="while True under except BaseException; a loop in C; time.sleep(1e9) with signal handlers",
        answers={
            "linear_decay": doing("linear_decay", NO_EXIT),
            "exponential_average": doing("exponential_average", C_LOOP),
            "momentum_step": doing("momentum_step", SLEEPER),
        },
        loses=("linear_decay", "exponential_average", "momentum_step"),
        says="stopped after",
    ),
    harm(
        entry=16,
        slug="big-matrix",
        aim="np.linalg on a huge matrix; answers three cases and then hangs",
        answers={
            "exponential_decay": doing("exponential_decay", BIG_MATRIX),
            "linear_decay": doing("linear_decay", HANG_AFTER),
        },
        loses=("exponential_decay", "linear_decay"),
        says="stopped after",
    ),
    harm(
        entry=16,
        slug="processor-time",
        aim="four processes that compute for ever",
        cells={"sgd-step": CPU_TIME},
        probe=at_most("seconds", 1200),
    ),
    harm(entry=17, slug="line", aim="20 MB in a single line", cells={"sgd-step": FLOOD_LINE}, probe=small_notebook),
    harm(entry=17, slug="lines", aim="a million lines", cells={"sgd-step": FLOOD_LINES}, probe=small_notebook),
    harm(entry=17, slug="displays", aim="a million displays", cells={"sgd-step": FLOOD_DISPLAYS}, probe=small_notebook),
]
