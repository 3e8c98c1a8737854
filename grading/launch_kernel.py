"""Runs inside the sandbox, before any of the student's code: give up privileges, set limits, start the kernel.

Stands alone: it is started as a file, with nothing of this package in reach.
Arguments: connection file, uid to become (0: stay), and the limits as JSON.
"""

import importlib
import json
import os
import resource
import runpy
import sys

connection_file, uid, limits = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])

MIB = 1024**2
for name, value in {
    "RLIMIT_DATA": limits["memory_mib"] * MIB,
    "RLIMIT_FSIZE": limits["file_mib"] * MIB,
    "RLIMIT_NPROC": limits["processes"],
    "RLIMIT_NOFILE": limits["open_files"],
    "RLIMIT_CPU": int(2 * limits["submission_seconds"]),
    "RLIMIT_CORE": 0,
}.items():
    resource.setrlimit(getattr(resource, name), (value, value))

if uid:
    # as root the number of processes is not limited, and files of root could be read
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)

os.makedirs("/tmp/work")
os.makedirs("/tmp/home")
os.makedirs("/tmp/kernel", mode=0o700)
os.chdir("/tmp/work")

# imported before the clock of any cell runs, so that a busy machine costs nobody a point
for module in ("numpy", "torch", "torch.optim", "matplotlib.pyplot", "utils.calling", "utils.check"):
    importlib.import_module(module)

sys.argv = ["ipykernel_launcher", "-f", connection_file]
runpy.run_module("ipykernel_launcher", run_name="__main__")
