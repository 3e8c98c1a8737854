"""A PostgreSQL server of our own, for as long as it is needed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SECONDS = 60


def program(name: str) -> str:
    """The newest installed one; Debian keeps a server's programs off PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    path = shutil.which(name) or (found and str(found[-1]))
    if not path:
        raise FileNotFoundError(f"PostgreSQL's {name} is missing; install it: apt-get install postgresql")
    return path


@contextmanager
def postgres(folder: Path, *settings: str) -> Iterator[str]:
    """Yield the address of an empty database, of a server that listens on a socket in a folder alone.

    settings : of the server, such as fsync=off.
    """
    data, user = folder / "data", {}
    if os.getuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, "postgres")
        for parent in [folder, *folder.parents][:-2]:
            parent.chmod(parent.stat().st_mode | 0o111)
        user = {"user": "postgres", "group": "postgres", "extra_groups": []}
    initialize = [program("initdb"), "--username=postgres", "--auth=trust", "--no-sync", f"--pgdata={data}"]
    subprocess.run(initialize, check=True, capture_output=True, timeout=SECONDS, cwd=folder, **user)
    options = [part for setting in ("listen_addresses=", *settings) for part in ("-c", setting)]
    with (folder / "log").open("wb") as log:
        command = [program("postgres"), "-D", data, "-k", folder, *options]
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, **user)
    try:
        deadline = time.monotonic() + SECONDS
        while not (folder / ".s.PGSQL.5432").exists():
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {(folder / 'log').read_text()}")
            time.sleep(0.05)
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        server.send_signal(signal.SIGINT)  # whoever is still connected is not waited for
        server.wait(SECONDS)
