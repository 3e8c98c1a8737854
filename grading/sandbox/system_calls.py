"""The system calls that a student's code may make: a list of what notebooks need; all others are refused.

A call that is not on the list fails with ENOSYS, as on a kernel that does not have it, so that libraries fall back on
older ones. What is left out on purpose: namespaces and mounts, other processes' memory, tracing, memory that no limit
counts (memfd, System V segments), messages that outlast a process, leases and other ways to make others wait.
"""

from __future__ import annotations

import errno
import fcntl
import functools
import socket
import tempfile

ALLOWED = {
    "files": "access chdir chmod close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2 fadvise64 "
    "fallocate fchdir fchmod fchmodat fdatasync fgetxattr flistxattr flock fstat fstatfs fsync ftruncate getcwd "
    "getdents getdents64 getxattr lgetxattr link linkat listxattr llistxattr lseek lstat mkdir mkdirat mknod mknodat "
    "newfstatat open openat pipe pipe2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readlink "
    "readlinkat readv rename renameat renameat2 rmdir sendfile stat statfs statx symlink symlinkat truncate "
    "umask unlink unlinkat utime utimensat utimes futimesat write writev",
    "waiting": "epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 "
    "pause poll ppoll pselect6 select "
    "timerfd_create timerfd_gettime timerfd_settime",
    "memory": "brk madvise membarrier mincore mlock mmap mprotect mremap msync munlock munmap get_mempolicy",
    "processes": "arch_prctl capget execve execveat exit exit_group fork futex futex_waitv get_robust_list "
    "get_thread_area getcpu getegid geteuid getgid getgroups getpgid getpgrp getpid getppid getpriority getresgid "
    "getresuid getrlimit getrusage getsid gettid getuid kill pidfd_open pidfd_send_signal prctl prlimit64 rseq "
    "sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler "
    "sched_rr_get_interval sched_yield set_robust_list set_tid_address setpgid setpriority setrlimit setsid sysinfo "
    "tgkill times tkill uname vfork wait4 waitid",
    "signals": "alarm getitimer restart_syscall rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo "
    "rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo setitimer sigaltstack signalfd signalfd4",
    "time": "clock_getres clock_gettime clock_nanosleep getrandom gettimeofday nanosleep time timer_create "
    "timer_delete timer_getoverrun timer_gettime timer_settime",
    "sockets between processes": "accept accept4 bind connect getpeername getsockname getsockopt listen "
    "setsockopt shutdown socketpair",
}
NEW_NAMESPACES = 0x7E020080  # all CLONE_NEW… flags
FILE_COMMANDS = (
    *(fcntl.F_DUPFD, fcntl.F_DUPFD_CLOEXEC, fcntl.F_GETFD, fcntl.F_SETFD, fcntl.F_GETFL, fcntl.F_SETFL),
    *(fcntl.F_GETLK, fcntl.F_SETLK, fcntl.F_SETLKW, 36, 37, 38),  # the last: locks of open file descriptions
)
# position of the flags; bytes out of band are used by nobody, and have opened the Linux kernel before
MESSAGES = {"sendto": 3, "recvfrom": 3, "sendmsg": 2, "recvmsg": 2, "sendmmsg": 3, "recvmmsg": 3}
TERMINAL_QUESTIONS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # TCGETS, size, bytes waiting, FIO… flags


class NoFilter(Exception):
    """The library that compiles filters is missing."""


@functools.cache
def system_call_filter() -> bytes:
    """The seccomp program (BPF) under which a student's code runs. Raises NoFilter without libseccomp."""
    try:
        import pyseccomp as seccomp
    except RuntimeError as error:
        raise NoFilter("libseccomp is missing") from error
    calls = seccomp.SyscallFilter(seccomp.ERRNO(errno.ENOSYS))
    for name in " ".join(ALLOWED.values()).split():
        calls.add_rule(seccomp.ALLOW, name)
    calls.add_rule(seccomp.ALLOW, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, NEW_NAMESPACES, 0))
    # clone3 is missing: its flags lie in memory, out of the filter's sight; libraries then fall back on clone
    calls.add_rule(seccomp.ALLOW, "socket", seccomp.Arg(0, seccomp.EQ, socket.AF_UNIX))
    for name, position in MESSAGES.items():
        calls.add_rule(seccomp.ALLOW, name, seccomp.Arg(position, seccomp.MASKED_EQ, socket.MSG_OOB, 0))
    for command in FILE_COMMANDS:
        calls.add_rule(seccomp.ALLOW, "fcntl", seccomp.Arg(1, seccomp.EQ, command))
    for request in TERMINAL_QUESTIONS:
        calls.add_rule(seccomp.ALLOW, "ioctl", seccomp.Arg(1, seccomp.EQ, request))
    with tempfile.TemporaryFile() as file:
        calls.export_bpf(file)
        file.seek(0)
        return file.read()
