"""How bubblewrap is called: namespaces, what the sandbox sees, and the system calls that it does without."""

from __future__ import annotations

import errno
import functools
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from grading.course import ROOT, Course
from utils.check.published import CHECKS_NAME

INSIDE = Path(__file__).with_name("inside")
MISSING_BWRAP = (
    "grading needs bubblewrap to isolate students' code, but {problem}. {mend} "
    "To grade without isolation (only code that you trust), add --unsafe-no-sandbox."
)
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/tmp/home",
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
# What a notebook has no use for, and what would outlast it, reach around a limit, or reach another process.
FORBIDDEN_CALLS = {
    "memory that no limit counts": "memfd_create memfd_secret shmget shmat",
    "messages that outlast a process": "msgget semget mq_open add_key request_key keyctl",
    "other processes": "ptrace process_vm_readv process_vm_writev kcmp pidfd_getfd process_madvise "
    "move_pages migrate_pages",
    "the cores of other submissions": "sched_setaffinity",
    "namespaces and mounts": "unshare setns mount umount2 pivot_root chroot move_mount open_tree fsopen fsmount "
    "mount_setattr",
    "the kernel's inner parts": "bpf perf_event_open userfaultfd io_uring_setup personality kexec_load init_module "
    "finit_module delete_module open_by_handle_at name_to_handle_at fanotify_init lookup_dcookie quotactl acct swapon",
}
CLONE_NEWUSER = 0x10000000
# all but the first lead nowhere: there is no network
ADDRESS_FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK)


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


def command(course: Course, size: int, system_calls: int, program: list[str]) -> list[str]:
    """The command line that runs `program` in a sandbox.

    size : bytes of all files in /tmp, and again in /dev/shm.
    system_calls : descriptor of the filter made by `system_call_filter`.
    """
    return [
        shutil.which("bwrap"),
        *_namespaces(bubblewrap_mode()),
        *_file_system(course, size),
        *["--remount-ro", "/dev", "--remount-ro", "/"],
        *["--hostname", "course", "--die-with-parent", "--new-session", "--clearenv"],
        *[item for pair in ENVIRONMENT.items() for item in ("--setenv", *pair)],
        *["--seccomp", str(system_calls)],
        *program,
    ]


def _namespaces(mode: str) -> list[str]:
    shared = ["--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    if mode == "user":
        return [*shared, "--unshare-user", "--cap-drop", "ALL"]
    # Real root may give each kernel a user of its own, kill its processes and remove its files. Kernels may nothing.
    capabilities = ("CAP_SETUID", "CAP_SETGID", "CAP_KILL", "CAP_DAC_OVERRIDE", "CAP_FOWNER")
    return [*shared, "--cap-drop", "ALL", *(word for name in capabilities for word in ("--cap-add", name))]


def _file_system(course: Course, size: int) -> list[str]:
    """bwrap's arguments for what the sandbox sees: system, Python, utils and the published cases, all read-only."""
    limited = ["--perms", "1777", "--size", str(size), "--tmpfs"]
    # first, because the course itself may lie below /tmp and has to stay visible
    arguments = ["--proc", "/proc", "--dev", "/dev", *limited, "/tmp", *limited, "/dev/shm"]
    arguments += ["--ro-bind", "/usr", "/usr"]
    for name in ("/bin", "/sbin", "/lib", "/lib32", "/lib64"):
        path = Path(name)
        if path.is_symlink():
            arguments += ["--symlink", os.readlink(path), name]
        elif path.exists():
            arguments += ["--ro-bind", name, name]
    for name in ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "fonts", "localtime", "alternatives"):
        arguments += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    for prefix in sorted({sys.prefix, sys.base_prefix}):
        if not Path(prefix).is_relative_to("/usr"):
            arguments += _bind(Path(prefix), prefix)
    arguments += _bind(ROOT / "utils", "/course/utils")
    for checks in sorted(course.notebooks.glob(f"*/{CHECKS_NAME}")):
        arguments += _bind(checks, f"/course/notebooks/{checks.parent.name}/{CHECKS_NAME}")
    return [*arguments, *_bind(INSIDE, "/course/inside")]


def _bind(source: Path, target: str) -> list[str]:
    # bwrap would make the parent folders for root alone
    parents = [str(parent) for parent in reversed(Path(target).parents) if str(parent) != "/"]
    return [
        *(word for parent in parents for word in ("--perms", "0755", "--dir", parent)),
        "--ro-bind",
        str(source),
        target,
    ]


@functools.cache
def system_call_filter() -> bytes:
    """The seccomp program (BPF) under which a sandbox runs. Raises SandboxUnavailable without libseccomp."""
    try:
        import pyseccomp
    except RuntimeError as error:
        mend = "Install it: apt-get install libseccomp2."
        raise SandboxUnavailable(MISSING_BWRAP.format(problem="libseccomp is missing", mend=mend)) from error
    refused = pyseccomp.ERRNO(errno.EPERM)
    calls = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for name in " ".join(FORBIDDEN_CALLS.values()).split():
        calls.add_rule(refused, name)
    calls.add_rule(refused, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER))
    # its flags lie in memory, out of the filter's sight; libraries then fall back on clone
    calls.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    unsupported = pyseccomp.ERRNO(errno.EAFNOSUPPORT)
    for family in range(1, 64):  # vsock, for one, is not kept in by a network namespace
        if family not in ADDRESS_FAMILIES:
            calls.add_rule(unsupported, "socket", pyseccomp.Arg(0, pyseccomp.EQ, family))
    with tempfile.TemporaryFile() as file:
        calls.export_bpf(file)
        file.seek(0)
        return file.read()
