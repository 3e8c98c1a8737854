"""Hand attacks in beside innocent students, grade the class through the real pipeline, and look at the damage."""

from __future__ import annotations

import csv
import ctypes
import hashlib
import json
import os
import shlex
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import psutil

from grading.course import ROOT
from grading.intake.harmless import student_id
from grading.limits import Limits
from tests.attacks.attack import ALL, MARK, Attack, Trace
from tests.sample import CHAPTER, NOTEBOOK, SAMPLE, sample_course

LIMITS = replace(
    Limits.load(), cell_seconds=5, call_seconds=2, submission_seconds=60, start_seconds=60, memory_mib=1024
)
ORDINARY = 4242  # a user without any rights, and without an entry in the table of users
IDLE_SECONDS = 150.0  # a grader that finishes nothing for so long hangs: no submission may take 60
GRADER_MIB = 1536  # memory that one process of the grader may hold
ABORT_MIB = 5120  # it is ended before it takes the machine with it
POLL_SECONDS = 0.25
SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER
DASK = "dask-scratch-space"
NAMED_NAMESPACES = "/run/netns"
LEFT_BEHIND = "left-behind"  # in the name of every file that an attack leaves somewhere
PUBLIC_FOLDERS = ("/tmp", "/dev/shm", "/var/tmp")

# An innocent student who looks around before anything else: whatever an earlier submission left would show here.
LOOK_AROUND = """
import builtins, glob, json, os, signal, sys
import numpy as np
import utils.check.call
_seen = {
    "files": sorted(p for top in ("/tmp", "/dev/shm", "/var/tmp") for p in glob.glob(top + "/**", recursive=True)
                    if "left" in p),
    "home": sorted(glob.glob("/tmp/home/.ipython/profile_default/startup/*.py")),
    "environment": sorted(name for name in os.environ if "DESCENT" in name),
    "timers": [signal.getitimer(which)[0] for which in (0, 1, 2)],
    "priority": os.nice(0),
    "np": np.add(1, 1).item(),
    "answer": utils.check.call.answer.__module__,
    "names": sorted(name for name in (*globals(), *vars(builtins), *sys.modules) if "descent_left" in name),
    "strangers": sorted({line for p in glob.glob("/proc/[0-9]*/comm") if os.access(p, os.R_OK)
                         for line in [open(p).read().strip()] if "left" in line}),
    "memory": sorted(line.split()[1] for line in open("/proc/sysvipc/shm").readlines()[1:]),
    "semaphores": len(open("/proc/sysvipc/sem").readlines()) - 1,
    "sockets": sorted(line.split()[-1] for line in open("/proc/net/unix") if "left" in line),
}
print("observed: " + json.dumps(_seen))
"""
CLEAN = {
    "files": [],
    "home": [],
    "environment": [],
    "np": 2,
    "answer": "utils.check.call",
    "names": [],
    "strangers": [],
    "memory": [],
    "semaphores": 0,
    "sockets": [],
    "timers": [0.0, 0.0, 0.0],
    "priority": os.getpriority(os.PRIO_PROCESS, 0),
}


def innocent(student: str) -> Attack:
    """The reference student under another name, who looks around first."""
    return Attack(0, student, "fair", "works honestly", student=student, cells={"sgd-step": LOOK_AROUND})


BEFORE = (innocent("a-reference-1"), innocent("a-reference-2"))
AFTER = (innocent("z-reference-1"), innocent("z-reference-2"))


@dataclass
class Outcome:
    """What happened to one attack.

    faults : sentences, one for each way in which the grader failed; none is as it should be.
    """

    attack: Attack
    earned: dict[str, float] = field(default_factory=dict)
    observed: str = ""
    faults: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.faults

    @property
    def paid(self) -> bool:
        """Whether it earned more than is due."""
        return any(self.earned.get(name, 0.0) > due for name, due in self.attack.due().items())


@dataclass
class ClassOutcome:
    """What happened to a class: its attacks one by one, and faults that belong to no single one."""

    outcomes: list[Outcome]
    faults: list[str]
    seconds: float
    peak_mib: float


def grade_batch(attacks: Sequence[Attack], uid: int = 0) -> ClassOutcome:
    """Grade attacks as one class with innocent students before and after them.

    uid : the user who grades, 0 for whoever runs this.
    """
    with tempfile.TemporaryDirectory(prefix="attacks-") as name, _Listeners(Path(name)) as listeners:
        return _Class(Path(name), [*BEFORE, *attacks, *AFTER], listeners, uid).grade(attacks)


class _Class:
    """One graded class in a folder of its own."""

    def __init__(self, folder: Path, students: Sequence[Attack], listeners: _Listeners, uid: int):
        self.folder, self.students, self.listeners, self.uid = folder, students, listeners, uid
        self.course = sample_course(folder / "gradebook")
        self.temporary = folder / "tmp"
        self.faults: list[str] = []
        self.ids = {student.name: student_id(student.name) for student in students}
        self.result: dict = {"rows": [], "terminal": "", "scores": {}}

    def grade(self, attacks: Sequence[Attack]) -> ClassOutcome:
        self.temporary.mkdir()
        words = {
            "@PORT@": str(self.listeners.port),
            "@SOCKET@": str(self.listeners.path),
            "@GRADEBOOK@": str(self.course.gradebook),
            "@COURSE@": str(SAMPLE),
            "@REPOSITORY@": str(ROOT),
        }
        for student in self.students:
            student.hand_in(self.course, words)
        if self.uid:
            _hand_over(self.folder, self.uid)
        submitted, surroundings, children = _snapshot(self.course.submitted), _surroundings(), _children()
        began = time.monotonic()
        peak = self._run()
        seconds = time.monotonic() - began
        for what, before, after in (
            ("a submission was changed", submitted, _snapshot(self.course.submitted)),
            ("mounts or files of the machine changed", surroundings, _surroundings()),
            ("temporary files were left", [], _files(self.temporary)),
        ):
            if before != after:
                difference = sorted(set(map(str, after)) ^ set(map(str, before)))
                self.faults.append(f"{what}: {', '.join(difference)[:300]}")
        self._end_leftovers(children)
        ctypes.CDLL(None).prctl(SUBREAPER, 0, 0, 0, 0)  # or the orphans of later tests would stay as zombies of ours
        self._check_database()
        self.faults += _forged_lines(self.result["terminal"])
        outcomes = {student.name: self._outcome(student) for student in self.students}
        for student in (*BEFORE, *AFTER):
            self.faults += [f"{student.name}, who is innocent: {fault}" for fault in outcomes[student.name].faults]
        return ClassOutcome([outcomes[attack.name] for attack in attacks], self.faults, seconds, peak)

    def _run(self) -> float:
        """Run the grader and read its result; return the memory in MiB that its largest process held."""
        self.temporary.chmod(0o755)
        environment = {**os.environ, "TMPDIR": str(self.temporary), "PYTHONPATH": str(ROOT)}
        environment["TORCHINDUCTOR_CACHE_DIR"] = str(self.folder / "torch")  # torch makes it on import, for good
        become = []
        if self.uid:
            become = _becoming(self.uid, self.folder)
            environment |= {"HOME": str(self.folder), "USER": "grader", "LOGNAME": "grader"}
        ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)  # whatever outlives the grader becomes our child
        log = self.folder / "log"
        command = [*become, sys.executable, "-m", "tests.attacks.grading", str(self.course.gradebook)]
        arguments = [json.dumps(asdict(LIMITS)), str(self.folder / "outcome.json")]
        with log.open("wb") as file:
            process = subprocess.Popen([*command, *arguments], cwd=ROOT, env=environment, stdout=file, stderr=file)
        peak, done, since = 0.0, 0, time.monotonic()
        while process.poll() is None:
            peak = max(peak, _largest_mib(process.pid))
            if self._finished() > done:
                done, since = self._finished(), time.monotonic()
            if time.monotonic() > since + IDLE_SECONDS or peak > ABORT_MIB:
                why = f"took {peak:.0f} MiB of memory" if peak > ABORT_MIB else f"hung for {IDLE_SECONDS:.0f} seconds"
                self.faults.append(f"the grader {why} and had to be ended")
                process.kill()
                process.wait()
            time.sleep(POLL_SECONDS)
        if ABORT_MIB >= peak > GRADER_MIB:
            self.faults.append(f"the grader took {peak:.0f} MiB of memory")
        if process.returncode > 0:
            last = log.read_text(errors="replace").strip().splitlines()[-1:]
            self.faults.append(f"the grader broke down: {''.join(last)[:300]}")
        if (self.folder / "outcome.json").exists():
            self.result = json.loads((self.folder / "outcome.json").read_text())
        return peak

    def _finished(self) -> int:
        """How many notebooks and feedback pages there are so far."""
        return sum(len(list(top.glob("*/*/*"))) for top in (self.course.autograded, self.course.feedback))

    def _end_leftovers(self, before: set[psutil.Process]) -> None:
        """End what outlived the grader, and report it unless it ended by itself at once."""
        _, left = psutil.wait_procs(_children() - before, timeout=3)
        left = [process for process in left if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
        for process in left:
            with suppress(psutil.Error):
                self.faults.append(f"a process was left: {process.pid} {process.name()}")
                process.kill()
        psutil.wait_procs(left, timeout=3)

    def _check_database(self) -> None:
        with suppress(sqlite3.OperationalError):
            connection = sqlite3.connect(f"file:{self.course.gradebook}/gradebook.db?mode=rw", uri=True, timeout=0.5)
            connection.isolation_level = None
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
            found = connection.execute("PRAGMA integrity_check").fetchone()[0]
            connection.close()
            if found == "ok":
                return
        self.faults.append("the gradebook's database is locked or damaged")

    def _outcome(self, student: Attack) -> Outcome:
        own = [row for row in self.result["rows"] if row["student_id"] == self.ids[student.name]]
        rows = {row["exercise"]: row for row in own if row["exercise"] in ALL}
        outcome = Outcome(student, {name: row["points"] for name, row in rows.items()})
        if set(rows) != set(ALL):
            outcome.faults.append("it has no verdicts")
            outcome.observed = "no verdicts"
            return outcome
        trace = self._trace(student, rows)
        outcome.observed = _observed(student, rows, trace)
        outcome.faults += self._faults(student, rows, trace)
        return outcome

    def _trace(self, student: Attack, rows: dict[str, dict]) -> Trace:
        graded = _read(self.course.autograded / self.ids[student.name] / CHAPTER / f"{NOTEBOOK}.ipynb")
        feedback = _read(self.course.feedback / self.ids[student.name] / CHAPTER / f"{NOTEBOOK}.html")
        messages = {name: row["message"] for name, row in rows.items()}
        tables = [self.course.gradebook / name for name in ("grades.csv", "verdicts.csv")]
        csv_rows = [line for path in tables if path.exists() for line in csv.reader(path.open(newline=""))]
        return Trace(
            _said(graded), messages, graded, feedback, self.course.gradebook, self.listeners.contacts(), csv_rows
        )

    def _faults(self, student: Attack, rows: dict[str, dict], trace: Trace) -> list[str]:
        faults = []
        for name, due in student.due().items():
            row = rows[name]
            if row["points"] != due:
                faults.append(f"{name} earned {row['points']:g} instead of {due:g} ({row['message'][:200]})")
            elif not due and student.says not in row["message"]:
                faults.append(f"{name}: the message lacks {student.says!r}: {row['message'][:200]}")
        total = sum(row["points"] for row in rows.values())
        if abs(self.result["scores"].get(self.ids[student.name], 0.0) - total) > 1e-6:
            faults.append(f"the gradebook says {self.result['scores'].get(student.name)}, the verdicts {total}")
        if student.prints is not None and tuple(trace.said) != student.prints:
            faults.append(f"it printed {trace.said}, expected {list(student.prints)}")
        folder = self.course.autograded / self.ids[student.name] / CHAPTER
        if folder.exists() and not trace.feedback:
            faults.append("it got no feedback page")
        faults += _active_parts(trace.feedback, self._harmless_parts())
        if student.kind == "fair" and not student.entry:
            faults += _stains(trace.said)
        try:
            harm = student.probe(trace)
        except LookupError as error:
            harm = str(error)
        return faults + ([harm] if harm else [])

    def _harmless_parts(self) -> Counter:
        name = BEFORE[0].name
        return _Page.parts(_read(self.course.feedback / name / CHAPTER / f"{NOTEBOOK}.html"))


def _observed(student: Attack, rows: dict[str, dict], trace: Trace) -> str:
    """Say in a line what happened: what the attack reports of itself, then the first verdict that lost points."""
    parts = trace.said[:2] if student.entry else []
    lost = [row for row in rows.values() if row["points"] < row["max_points"]]
    if lost:
        parts = [*parts, f"{lost[0]['status']}: {lost[0]['message']}"]
    return "; ".join(parts) or "all exercises passed"


def _stains(said: list[str]) -> list[str]:
    """Return what an innocent student found of others."""
    if not said:
        return ["it could not look around"]
    seen = json.loads(said[0])
    return [f"it found {name}: {seen.get(name)}" for name, clean in CLEAN.items() if seen.get(name) != clean]


class _Page(HTMLParser):
    """Counts what can act in a page: elements that load or run something, event handlers, and script addresses."""

    ACTIVE = frozenset({"script", "iframe", "object", "embed", "svg", "form", "input", "base", "meta", "link"})

    def __init__(self) -> None:
        super().__init__()
        self.found: Counter = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.ACTIVE:
            self.found[f"<{tag}>"] += 1
        for name, value in attrs:
            address = "".join((value or "").split()).lower()
            if name.startswith("on") or address.startswith(("javascript:", "vbscript:", "data:text")):
                self.found[f"{tag} {name}"] += 1

    @classmethod
    def parts(cls, text: str) -> Counter:
        page = cls()
        page.feed(text)
        page.close()
        return page.found


def _active_parts(feedback: str, harmless: Counter) -> list[str]:
    """Return what acts in a feedback page and does not in an honest student's."""
    more = _Page.parts(feedback) - harmless
    return [f"its feedback page holds {what} ({count})" for what, count in more.items()]


def _forged_lines(terminal: str) -> list[str]:
    """Return what only a student's text can have put on the grader's terminal."""
    lines = terminal.split("\n")
    odd = [line for line in lines if not line.isprintable() or line.startswith("error:")]
    return [f"the terminal shows {line!a:.200}" for line in odd]


def _said(graded: str) -> list[str]:
    if not graded:
        return []
    texts = [
        output.get("text", "")
        for cell in nbformat.reads(graded, as_version=4).cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream"
    ]
    return [line.removeprefix(MARK) for text in texts for line in text.splitlines() if line.startswith(MARK)]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _children() -> set[psutil.Process]:
    return set(psutil.Process().children(recursive=True))


def _largest_mib(pid: int) -> float:
    """Memory of the largest process of the grader itself: those within sandboxes have process ids of their own."""
    home, sizes = _namespace(os.getpid()), [0]
    with suppress(psutil.Error):
        grader = psutil.Process(pid)
        for process in [grader, *grader.children(recursive=True)]:
            with suppress(psutil.Error):
                if _namespace(process.pid) == home:
                    sizes.append(process.memory_info().rss)
    return max(sizes) / 2**20


def _namespace(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/ns/pid")
    except OSError:
        return ""


def _surroundings() -> list[str]:
    """Mounts of the machine, but for namespaces that others name, and files of attacks in its public folders."""
    found = Path("/proc/mounts").read_text().splitlines()
    mounts = sorted(line for line in found if LEFT_BEHIND not in line and NAMED_NAMESPACES not in line)
    files = [str(path) for top in PUBLIC_FOLDERS for path in Path(top).glob(f"*{LEFT_BEHIND}*")]
    return [*mounts, *sorted(files)]


def _files(folder: Path) -> list[str]:
    """What is left in a folder, but for the one that Dask keeps for its next start."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if DASK not in path.parts)


def _snapshot(folder: Path) -> list[str]:
    """Every path below a folder with its kind, mode, size, links and (unless large) content."""
    return sorted(f"{str(path.relative_to(folder))!a} {_state(path)}" for path in folder.rglob("*"))


def _state(path: Path) -> str:
    status = path.lstat()
    content = ""
    if path.is_symlink():
        content = os.readlink(path)
    elif path.is_file() and status.st_size < 10_000_000 and os.access(path, os.R_OK):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
    return f"{status.st_mode:o} {status.st_size} {status.st_nlink} {content}"


def _becoming(uid: int, folder: Path) -> list[str]:
    """Return the beginning of a command that runs the rest of it as an ordinary user.

    The repository and Python may lie in a home that is closed to others: such a user is shown them, and nothing else of
    that home, in a view of the file system of its own. folder : where its parts may be kept meanwhile.
    """
    drop = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--inh-caps=-all"]
    needed = {path: _closed_above(path) for path in (ROOT, Path(sys.prefix), Path(sys.base_prefix))}
    hidden = {path: closed for path, closed in needed.items() if closed}
    if not hidden:
        return drop
    kept = {path: folder / f"shown-{number}" for number, path in enumerate(hidden)}
    steps = [["set", "-e"], ["umask", "022"]]
    steps += [["mkdir", copy] for copy in kept.values()]
    steps += [["mount", "--bind", path, copy] for path, copy in kept.items()]
    steps += [["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", closed] for closed in sorted(set(hidden.values()))]
    for path, copy in kept.items():
        steps += [["mkdir", "-p", path], ["mount", "--bind", copy, path]]
    steps.append(["cd", ROOT])
    script = "\n".join(shlex.join(map(str, step)) for step in steps) + '\nexec "$@"'
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", *drop]


def _closed_above(path: Path) -> Path | None:
    """The first folder on the way to a path that others may not enter, None if there is none."""
    return next((folder for folder in reversed(path.parents) if not folder.stat().st_mode & 0o001), None)


def _hand_over(folder: Path, uid: int) -> None:
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, uid, uid, follow_symlinks=False)


class _Listeners:
    """Sockets outside every sandbox that nobody should ever reach: a TCP port, a file, and an abstract name."""

    def __init__(self, folder: Path):
        self.path = folder / "listener"
        self._sockets: list[socket.socket] = []
        self._contacts = 0

    def __enter__(self) -> _Listeners:
        self._add(socket.AF_INET, ("127.0.0.1", 0))
        self.port = self._sockets[0].getsockname()[1]
        self._add(socket.AF_UNIX, str(self.path))
        self.path.chmod(0o777)
        self._add(socket.AF_UNIX, f"\0{self.port}-listener")
        return self

    def _add(self, family: int, address: object) -> None:
        listener = socket.socket(family, socket.SOCK_STREAM)
        self._sockets.append(listener)
        listener.bind(address)
        listener.listen(16)
        listener.setblocking(False)

    def __exit__(self, *exc: object) -> None:
        for listener in self._sockets:
            listener.close()

    def contacts(self) -> int:
        """How many connections were made to any of them so far."""
        for listener in self._sockets:
            with suppress(BlockingIOError):
                while True:
                    listener.accept()[0].close()
                    self._contacts += 1
        return self._contacts


def summary(outcomes: Iterable[Outcome]) -> str:
    """The last line: attacks, how many were paid, did harm, or were fair and cheated."""
    outcomes = list(outcomes)
    paid = sum(outcome.paid for outcome in outcomes)
    cheated = sum(not outcome.ok and outcome.attack.kind == "fair" for outcome in outcomes)
    harmed = sum(not (outcome.ok or outcome.paid or outcome.attack.kind == "fair") for outcome in outcomes)
    fair = "every fair one got its due" if not cheated else f"{cheated} fair ones did not get their due"
    return f"{len(outcomes)} attacks tried, {paid} paid, {harmed} harmed, {fair}"
