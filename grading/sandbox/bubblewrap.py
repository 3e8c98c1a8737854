"""How bubblewrap is called: namespaces, and the list of what the sandbox sees."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from grading.course import ROOT, Course
from grading.sandbox.system_calls import NoFilter, system_call_filter
from utils.check.published import CHECKS_NAME

INSIDE = Path(__file__).with_name("inside")
MISSING_BWRAP = (
    "grading needs bubblewrap to isolate students' code, but {problem}. {mend} "
    "To grade without isolation (only code that you trust), add --unsafe-no-sandbox."
)
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/tmp/warm",  # of the warm process; each kernel has its own
    "USER": "student",
    "LANG": "C.UTF-8",
    "PYTHONPATH": "/course",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    # every core has its own submission, and a score must not depend on the number of threads
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TQDM_DISABLE": "1",
    "JUPYTER_PLATFORM_DIRS": "1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}
# Of the system a student's code sees these, as far as they exist, and nothing else. {triplet} as in x86_64-linux-gnu
LIBRARIES = ("/lib/{triplet}", "/usr/lib/{triplet}", "/lib64", "/usr/lib64", "/etc/ld.so.cache")
FONTS_AND_TIMES = ("/usr/share/fonts", "/etc/fonts", "/usr/share/zoneinfo", "/etc/localtime", "/usr/lib/locale/C.utf8")
DEVICES = ("null", "random", "urandom")
SYSTEM_PREFIXES = ("/usr", "/usr/local")  # a Python there shares its folders with everything else
PYTHON = "/course/python"  # where the virtual environment is seen, wherever it lies
# to make namespaces for each submission, and to give them up
CAPABILITIES = ("CAP_SYS_ADMIN", "CAP_SETPCAP", "CAP_SETUID", "CAP_SETGID", "CAP_KILL")


class SandboxUnavailable(Exception):
    """No isolation is possible on this machine; the message says why and what to do."""


@functools.cache
def bubblewrap_mode() -> str:
    """Return how bubblewrap can be used here: "root" or "user". Raises SandboxUnavailable."""
    program = shutil.which("bwrap")
    if not program:
        raise SandboxUnavailable(
            MISSING_BWRAP.format(problem="the program bwrap is missing", mend="Install it: apt-get install bubblewrap.")
        )
    trial = ["--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "/bin/true"]
    for mode in _possible_modes():
        command = [program, *_namespaces(mode), *trial]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        if done.returncode == 0:
            return mode
    raise SandboxUnavailable(
        MISSING_BWRAP.format(
            problem=f"bwrap cannot make namespaces ({done.stderr.strip()[:200]})",
            mend="Allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, or run the container with them).",
        )
    )


def _possible_modes() -> list[str]:
    return ["root", "user"] if os.getuid() == 0 else ["user"]


def command(course: Course, size: int, program: list[str]) -> list[str]:
    """The command line that runs `program`, arguments of Python, in a sandbox.

    size : bytes of all files in /tmp, and again in /dev/shm.
    """
    return [
        shutil.which("bwrap"),
        *_namespaces(bubblewrap_mode()),
        *_file_system(course, size),
        *["--remount-ro", "/dev", "--remount-ro", "/"],
        *["--hostname", "course", "--die-with-parent", "--new-session", "--as-pid-1", "--clearenv"],
        *[item for pair in ENVIRONMENT.items() for item in ("--setenv", *pair)],
        *[_seen_python(), *program],
    ]


def _namespaces(mode: str) -> list[str]:
    shared = ["--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    # real root gives each submission a user of its own, and needs no namespace of users
    own = ["--unshare-user"] if mode == "user" else []
    return [*shared, *own, "--cap-drop", "ALL", *(word for name in CAPABILITIES for word in ("--cap-add", name))]


def _file_system(course: Course, size: int) -> list[str]:
    """bwrap's arguments for what the sandbox sees: libraries, Python, utils and the published cases, all read-only."""
    limited = ["--perms", "1777", "--size", str(size), "--tmpfs"]
    arguments = ["--proc", "/proc", "--perms", "0755", "--tmpfs", "/dev", *limited, "/dev/shm", *limited, "/tmp"]
    for name in DEVICES:
        arguments += ["--dev-bind", f"/dev/{name}", f"/dev/{name}"]
    for name, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        arguments += ["--symlink", f"/proc/self/fd{target}", f"/dev/{name}"]
    for name in _links():
        arguments += ["--symlink", os.readlink(name), name]
    for path in readable():
        arguments += _bind(path, str(path))
    if sys.prefix != sys.base_prefix:
        arguments += _bind(Path(sys.prefix), PYTHON)
    arguments += _bind(ROOT / "utils", "/course/utils")
    for checks in sorted(course.notebooks.glob(f"*/{CHECKS_NAME}")):
        arguments += _bind(checks, f"/course/notebooks/{checks.parent.name}/{CHECKS_NAME}")
    return [*arguments, *_bind(INSIDE, "/course/inside")]


@functools.cache
def readable() -> tuple[Path, ...]:
    """Folders and files of this machine that a student's code can read where they lie."""
    triplet = sysconfig.get_config_var("MULTIARCH") or "no-triplet"
    named = [Path(name.format(triplet=triplet)) for name in (*LIBRARIES, *FONTS_AND_TIMES)]
    linked = [path for path in named if any(path.is_relative_to(link) for link in _links())]
    return tuple(sorted({path for path in [*named, *_python()] if path.exists() and path not in linked}))


def _links() -> list[str]:
    """Folders at the top that are links into /usr, as on most systems today; the sandbox has the same."""
    return [name for name in ("/bin", "/lib", "/lib64") if Path(name).is_symlink()]


def _python() -> list[Path]:
    """What the interpreter itself consists of, outside the virtual environment."""
    if sys.base_prefix not in SYSTEM_PREFIXES:
        return [Path(sys.base_prefix)]
    program = Path(sys._base_executable).resolve()
    libraries = Path(sysconfig.get_config_var("LIBDIR")).glob("libpython3*.so*")
    return [
        program,
        Path(sys._base_executable),
        *(Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")),
        *libraries,
    ]


def _seen_python() -> str:
    """The path of the interpreter as the sandbox sees it."""
    if sys.prefix == sys.base_prefix:
        return sys.executable
    return f"{PYTHON}/{Path(sys.executable).relative_to(sys.prefix)}"


def check_privacy(course: Course) -> None:
    """Raise SandboxUnavailable if something that students must not read lies where they can."""
    for private in (course.root, course.gradebook, ROOT):
        for path in readable():
            if private.resolve().is_relative_to(path.resolve()):
                raise SandboxUnavailable(
                    f"{private} lies below {path}, which students' code can read; move it elsewhere, such as to a home"
                )


def _bind(source: Path, target: str) -> list[str]:
    # bwrap would make the parent folders for root alone
    parents = [str(parent) for parent in reversed(Path(target).parents) if str(parent) != "/"]
    return [
        *(word for parent in parents for word in ("--perms", "0755", "--dir", parent)),
        "--ro-bind",
        str(source),
        target,
    ]


def compiled_filter() -> bytes:
    """The filter of system calls. Raises SandboxUnavailable where it cannot be compiled."""
    try:
        return system_call_filter()
    except NoFilter as error:
        mend = "Install it: apt-get install libseccomp2."
        raise SandboxUnavailable(MISSING_BWRAP.format(problem=str(error), mend=mend)) from error
