"""Shut a process that is about to run a student's code into namespaces of its own, with no rights and few calls.

Everything here is done by the process itself before any code of the student's is there, and cannot be undone by it.
"""

from __future__ import annotations

import ctypes
import os
import resource
from pathlib import Path

MIB = 1024**2
NEW_MOUNTS, NEW_IPC, NEW_PIDS = 0x20000, 0x08000000, 0x20000000  # CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWPID
# flags of mount(2)
READ_ONLY, NO_SUID, NO_DEVICES, NO_PROGRAMS, REMOUNT, BIND, RECURSIVE, PRIVATE = 1, 2, 4, 8, 32, 4096, 1 << 14, 1 << 18
SET_DUMPABLE, SET_SECCOMP, DROP_FROM_BOUNDING_SET, SET_NO_NEW_PRIVILEGES, AMBIENT = 4, 22, 24, 38, 47  # of prctl(2)
CLEAR_AMBIENT, FILTER_MODE = 4, 2
CAPABILITIES_V3 = 0x20080522
WRITABLE = ("/tmp", "/dev/shm")
DEVICES = ("null", "random", "urandom")
# beyond what RLIMIT_DATA counts: shared memory, and what libraries reserve without ever using it
SPARE_ADDRESSES = 1.5

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> None:
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """Leave namespaces for new ones. Raises OSError where that is not allowed."""
    _checked(_libc.unshare(flags), f"unshare {flags:#x}")


def enter(namespace: int, kind: int) -> None:
    """Enter the namespace behind a descriptor; of processes, for children that are still to come."""
    _checked(_libc.setns(namespace, kind), "setns")


def set_traceable(traceable: bool) -> None:
    """Let processes of the same user look into this one, or not."""
    _prctl(SET_DUMPABLE, int(traceable))


def fresh_folders(file_mib: int, files: int) -> None:
    """See files of one's own in all writable folders, and one's own processes only in /proc."""
    unshare(NEW_MOUNTS | NEW_IPC)
    _mount(None, "/", None, RECURSIVE | PRIVATE)
    for folder in WRITABLE:
        options = f"size={file_mib * MIB},nr_inodes={files},mode=1777"
        _mount("tmpfs", folder, "tmpfs", NO_SUID | NO_DEVICES, options)
    # read-only, for root of the machine may change its settings there, with or without capabilities
    _mount("proc", "/proc", "proc", READ_ONLY | NO_SUID | NO_DEVICES | NO_PROGRAMS)
    for name in DEVICES:  # of the machine: what is written into them goes nowhere, but their times would change
        _mount(None, f"/dev/{name}", None, REMOUNT | BIND | READ_ONLY | NO_SUID | NO_PROGRAMS)


def limit(limits: dict[str, float]) -> None:
    """Bound what this process, and each that it starts, may use."""
    memory = limits["memory_mib"] * MIB
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    for name, value in {
        "RLIMIT_DATA": memory,
        "RLIMIT_AS": mapped + int(SPARE_ADDRESSES * memory),
        "RLIMIT_FSIZE": limits["file_mib"] * MIB,
        "RLIMIT_NPROC": limits["processes"],
        "RLIMIT_NOFILE": limits["open_files"],
        "RLIMIT_CPU": int(2 * limits["submission_seconds"]),
        "RLIMIT_CORE": 0,
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_MSGQUEUE": 0,
        "RLIMIT_SIGPENDING": 1024,  # timers too; those of an ordinary user count as the grader's own
    }.items():
        resource.setrlimit(getattr(resource, name), (value, value))


def give_up_rights(uid: int) -> None:
    """Have no capability, and no way to get one. uid : the user to become, 0 to stay who one is."""
    _prctl(AMBIENT, CLEAR_AMBIENT)
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
    for capability in range(last + 1):
        _prctl(DROP_FROM_BOUNDING_SET, capability)
    if uid:  # as root the number of processes is not limited, and files of root could be read
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    header, none = (ctypes.c_uint32 * 2)(CAPABILITIES_V3, 0), (ctypes.c_uint32 * 6)()
    _checked(_libc.capset(header, none), "capset")
    _prctl(SET_NO_NEW_PRIVILEGES, 1)
    set_traceable(True)  # by itself: changing the user has taken its own entries in /proc from it


class _Program(ctypes.Structure):
    """struct sock_fprog"""

    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def filter_system_calls(instructions: bytes) -> None:
    """Let the kernel refuse whatever the filter (BPF) does not allow, to this process and all that it starts."""
    program = _Program(len(instructions) // 8, instructions)
    _prctl(SET_SECCOMP, FILTER_MODE, ctypes.byref(program))


def _mount(source: str | None, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    texts = [text if text is None else text.encode() for text in (source, target, kind, options)]
    _checked(_libc.mount(*texts[:3], ctypes.c_ulong(flags), texts[3]), f"mount {kind or target}")


def _prctl(option: int, *arguments: object) -> None:
    padded = [*arguments, *[0] * (4 - len(arguments))]
    longs = [ctypes.c_ulong(value) if isinstance(value, int) else value for value in padded]
    _checked(_libc.prctl(option, *longs), f"prctl {option}")
