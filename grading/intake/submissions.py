"""Find what students handed in, and recognise it by what it holds, not by its name.

A submission belongs in `gradebook/submitted/<student>/<chapter>/<notebook>.ipynb`. Downloads, other systems and people
give other names and folders, so every file of a student is looked into: it is handed in for the notebooks whose cells
(grade_ids, else functions) it holds. Of two candidates the newest counts that is not just the release. Nothing is
dropped without a word, and nothing is changed: not even a name.
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from nbgrader.utils import parse_utc

from grading.cells import exercise_name, grade_id, is_solution
from grading.course import STUB, Course
from grading.intake.harmless import student_id
from grading.intake.rebuild import MAX_SUBMISSION_BYTES, NotHandedIn, UnreadableSubmission
from utils.check.plain import one_line

STAMP = "timestamp.txt"  # nbgrader's note of when something was handed in
OWN_FILES = frozenset({STAMP, "checks.json"})  # that lie beside a notebook anyway
SYSTEMS_OWN = frozenset({".ipynb_checkpoints", ".DS_Store", "__MACOSX", "__pycache__"})  # which no student made
HIDDEN = "its name begins with a dot, so it was not looked into; rename it"
NOTEBOOK_SUFFIXES = frozenset({".ipynb", ".json", ".txt", ""})  # browsers and mail programs append
MAX_FILES = 1_000  # of a student that are looked at
MAX_DEPTH = 6  # folders below the student's
SAME_TIME = 60.0  # seconds; files unpacked or copied together are equally old, whatever their order
# each begins with a fixed text, which is found a hundred times faster than an alternative
GRADE_ID = re.compile(rb'"grade_id"\s*:\s*"([\w-]{1,100})"')
CELL_ID = re.compile(rb'"id"\s*:\s*"([\w-]{1,100})"')
DEFINITION = re.compile(rb"(?:def|class) (\w{1,100})")

Place = tuple[str, str]  # chapter, notebook


@dataclass(frozen=True)
class Submission:
    """One notebook of one student.

    student : the student's id, see `student_id`.
    path : the file, or where it belongs if there is none.
    note : how it was recognised, "" if it lies where it belongs.
    instead : what lies where it belongs, "" unless that is something else.
    failure : what kept us from looking through the student's files, None if nothing did.
    """

    student: str
    chapter: str
    notebook: str
    path: Path
    note: str = ""
    instead: str = ""
    failure: Exception | None = None

    @property
    def name(self) -> str:
        return f"{self.student}/{self.chapter}/{self.notebook}"

    def read(self) -> bytes:
        """Return what was handed in. Raises NotHandedIn or UnreadableSubmission, or the failure."""
        if self.failure:
            raise self.failure
        if self.instead:
            raise NotHandedIn(f"this notebook was not handed in: {self.instead}")
        return read_handed_in(self.path)


@dataclass(frozen=True)
class Unplaced:
    """A file that could not be placed, by its path within the student's folder, and why. student : id."""

    student: str
    file: str
    reason: str


@dataclass
class Intake:
    """All that was handed in for some chapters, and what could not be placed."""

    submissions: list[Submission] = field(default_factory=list)
    unplaced: list[Unplaced] = field(default_factory=list)


def find_students(course: Course) -> dict[str, list[Path]]:
    """Student's id -> folder in gradebook/submitted; several if names differ only in how Unicode spells them."""
    found: dict[str, list[Path]] = {}
    for path in _inside(course.submitted):
        if path.is_dir() and not path.name.startswith("."):
            found.setdefault(student_id(path.name), []).append(path)
    return dict(sorted(found.items()))


def names_of_students(course: Course) -> dict[str, str]:
    """Student's id -> name of the folder that was handed in, where that is another."""
    names = {student: unicodedata.normalize("NFC", paths[0].name) for student, paths in find_students(course).items()}
    return {student: name for student, name in names.items() if name != student}


def _inside(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def take_in(course: Course, chapters: list[str]) -> Intake:
    """Find the submissions for some chapters: one for every notebook of a chapter for which a student has anything.

    A student whose files cannot be looked through has a submission for every notebook, which says so when it is read.
    """
    intake = Intake(unplaced=_outside(course))
    known = _Known(course)
    for student, folders in find_students(course).items():
        found = _StudentFiles(course, student, folders, known.notebooks)
        try:
            found.look_through(known)
            submissions = [
                found.submission(chapter, notebook)
                for chapter in chapters
                if found.takes_part(chapter)
                for notebook in course.released_notebooks(chapter)
            ]
        except Exception as error:  # whatever one student handed in concerns nobody else
            places = [place for place in known.notebooks if place[0] in chapters]
            submissions = [Submission(student, *place, found.belongs[place][0], failure=error) for place in places]
        intake.submissions += submissions
        intake.unplaced += found.unplaced
    return intake


def read_handed_in(path: Path) -> bytes:
    """Read a submitted file. Raises UnreadableSubmission if it is missing, or a link."""
    # a link could point at another student's work, or at the gradebook
    if any(place.is_symlink() for place in (path, path.parent, path.parent.parent)):
        raise UnreadableSubmission("this is a link, not a file; hand in the notebook itself")
    try:
        if not path.is_file():
            raise NotHandedIn(f"no such notebook was handed in{_others(path)}")
        with path.open("rb") as file:
            return file.read(MAX_SUBMISSION_BYTES + 1)  # enough to see that it is too much
    except OSError as error:
        raise UnreadableSubmission(f"the file cannot be read ({error.strerror}); check its permissions") from error


def _others(path: Path) -> str:
    names = sorted(other.name for other in path.parent.glob("*.ipynb")) if path.parent.is_dir() else []
    return one_line(f"; the folder holds {', '.join(names)}") if names else ""


def submission_time(submission: Submission) -> datetime | None:
    """When something was handed in, by nbgrader's timestamp.txt: UTC, without zone. None without such a file."""
    return _time_in(submission.path.with_name(STAMP))


def _time_in(stamp: Path) -> datetime | None:
    try:
        if stamp.is_symlink() or not stamp.is_file():
            return None
        with stamp.open(encoding="utf-8") as file:
            return parse_utc(file.read(100).strip())
    except (OSError, ValueError, OverflowError):
        return None


# --- recognising


class _Known:
    """What the cells of the released notebooks are called."""

    def __init__(self, course: Course):
        self.notebooks: list[Place] = []
        self._cells: dict[str, set[Place]] = {}
        self._functions: dict[str, set[Place]] = {}
        self._sizes: dict[Place, tuple[int, int]] = {}
        self._stubs: dict[Place, int] = {}
        self._given: dict[Place, set[bytes]] = {}
        for chapter in course.released_chapters():
            for notebook in course.released_notebooks(chapter):
                self._add(course, (chapter, notebook))

    def _add(self, course: Course, place: Place) -> None:
        cells = course.read_release(*place).cells
        names = {grade_id(cell) for cell in cells} - {""}
        solutions = [cell for cell in cells if is_solution(cell) and cell.cell_type == "code"]
        functions = {exercise_name(cell) for cell in solutions}
        self.notebooks.append(place)
        self._sizes[place] = len(names), len(functions)
        self._stubs[place] = sum(cell.source.count(STUB) for cell in solutions)
        given = {line for cell in solutions if STUB not in cell.source for line in cell.source.splitlines()}
        self._given[place] = {_as_stored(line) for line in given if line.isascii()}
        for name in names:
            self._cells.setdefault(name, set()).add(place)
        for name in functions:
            self._functions.setdefault(name, set()).add(place)

    def places(self, data: bytes) -> list[Place]:
        """The notebooks for which a file is handed in: those half of whose cells it holds, else that of which it holds
        most. Empty if it holds none, several if it cannot be told.
        """
        for pattern, known, size in (
            (GRADE_ID, self._cells, 0),
            (CELL_ID, self._cells, 0),
            (DEFINITION, self._functions, 1),
        ):
            counts = dict.fromkeys(self.notebooks, 0)
            for name in {found.decode("ascii", "replace") for found in pattern.findall(data)} & known.keys():
                for place in known[name]:
                    counts[place] += 1
            most = max(counts.values(), default=0)
            if most:
                whole = [place for place, count in counts.items() if 2 * count >= max(2, self._sizes[place][size])]
                return whole or [place for place, count in counts.items() if count == most]
        return []

    def untouched(self, place: Place, data: bytes) -> bool:
        """Whether a file still holds every stub of a notebook, and every line of code that is given with its bugs."""
        return data.count(_as_stored(STUB)) >= self._stubs[place] and all(line in data for line in self._given[place])


def _as_stored(line: str) -> bytes:
    """A line of code as the file of a notebook holds it."""
    return json.dumps(line)[1:-1].encode()


@dataclass(frozen=True)
class _Candidate:
    path: Path
    when: float
    untouched: bool


class _StudentFiles:
    """The files of a student, each assigned to the notebooks for which it is handed in.

    belongs : notebook -> where it should lie, in each of the student's folders.
    """

    def __init__(self, course: Course, student: str, folders: list[Path], notebooks: list[Place]):
        self.student = student
        self.folders = folders
        self.unplaced: list[Unplaced] = []
        self.belongs = {place: [folder / place[0] / f"{place[1]}.ipynb" for folder in folders] for place in notebooks}
        self._top = folders[0] if len(folders) == 1 else course.submitted
        self._candidates: dict[Place, list[_Candidate]] = {}

    def look_through(self, known: _Known) -> None:
        """Find out what each file is."""
        for folder in self.folders:
            if folder.is_symlink():
                continue
            for number, (path, why_not) in enumerate(_walk(folder, MAX_DEPTH)):
                if number == MAX_FILES:
                    reason = f"there are more than {MAX_FILES:,} files; the rest was not looked at"
                    self.unplaced.append(Unplaced(self.student, "…", reason))
                    break
                if why_not:
                    self._leave(path, None, why_not)
                else:
                    self._place(path, known)

    def takes_part(self, chapter: str) -> bool:
        """Whether there is anything for a chapter: a recognised file, or a folder of that name."""
        return any(place[0] == chapter for place in self._candidates) or any(
            _may_hold_work(folder / chapter) for folder in self.folders
        )

    def submission(self, chapter: str, notebook: str) -> Submission:
        belongs = self.belongs[chapter, notebook]
        candidates = self._candidates.get((chapter, notebook), [])
        if not candidates:
            path = next((path for path in belongs if os.path.lexists(path)), belongs[0])
            return Submission(self.student, chapter, notebook, path, instead=self._holds(path))
        answered = [found for found in candidates if not found.untouched] or candidates
        latest = max(found.when for found in answered) - SAME_TIME
        recent = [found for found in answered if found.when >= latest]
        newest = max(recent, key=lambda found: (found.path in belongs, found.when, str(found.path)))
        return Submission(self.student, chapter, notebook, newest.path, self._note(newest, candidates, belongs))

    def _note(self, newest: _Candidate, candidates: list[_Candidate], belongs: list[Path]) -> str:
        name = self._relative(newest.path)
        if len(candidates) > 1:
            others = ", ".join(self._relative(found.path) for found in candidates if found is not newest)
            which = "the newest that was worked on" if any(found.untouched for found in candidates) else "the newest"
            return one_line(f"{len(candidates)} files hold this notebook; graded is {which}, {name}, not {others}")
        return "" if newest.path in belongs else one_line(f"handed in as {name}, recognised by its cells")

    def _holds(self, path: Path) -> str:
        """What a file was taken for, in a sentence; "" if it was taken for nothing."""
        places = [place for place, found in self._candidates.items() if any(item.path == path for item in found)]
        return f"{path.name} holds the cells of {' and '.join(map('/'.join, places))}" if places else ""

    def _relative(self, path: Path) -> str:
        return one_line(str(path.relative_to(self._top)), 100)

    def _place(self, path: Path, known: _Known) -> None:
        place = next((place for place, belongs in self.belongs.items() if path in belongs), None)
        try:
            if path.is_symlink() or not path.is_file():
                self._leave(path, place, "this is no file of its own; hand in the notebook itself")
                return
            data = _beginning(path) if path.suffix.lower() in NOTEBOOK_SUFFIXES else b""
            when = _when(path)
        except OSError as error:
            self._leave(path, place, f"it cannot be read ({error.strerror})")
            return
        places = known.places(data)
        if len({chapter for chapter, _ in places}) > 1 and place in places:
            places = [place]
        for found in places:
            self._candidates.setdefault(found, []).append(_Candidate(path, when, known.untouched(found, data)))
        if not places:
            self._leave(path, place, "it holds no cell of a notebook of this course")

    def _leave(self, path: Path, place: Place | None, reason: str) -> None:
        if path.name == STAMP and os.path.isfile(path) and _time_in(path) is None:
            reason = "it holds no time"
        elif place is not None or path.name in OWN_FILES:
            return  # what lies where a notebook belongs is not unplaced: its verdict says what is wrong with it
        self.unplaced.append(Unplaced(self.student, self._relative(path), reason))


def _walk(folder: Path, depth: int) -> Iterator[tuple[Path, str]]:
    """What lies in a folder and below, and why it is not looked into: "" for a file that is."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: (entry.is_dir(follow_symlinks=False), entry.name))
    except OSError as error:
        # where a notebook belongs in it, reading that says why as well
        yield folder, f"the folder cannot be listed ({error.strerror})"
        return
    for entry in entries:
        path, is_folder = Path(entry.path), entry.is_dir(follow_symlinks=False)
        if entry.name in SYSTEMS_OWN:
            continue
        if entry.name.startswith("."):
            yield path, HIDDEN
        elif is_folder and not depth:
            yield path, f"it lies more than {MAX_DEPTH} folders deep, so it was not looked into"
        elif is_folder:
            yield from _walk(path, depth - 1)
        else:
            yield path, ""


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_SUBMISSION_BYTES)


def _when(path: Path) -> float:
    stamped = _time_in(path.with_name(STAMP))
    return stamped.replace(tzinfo=UTC).timestamp() if stamped else path.stat().st_mtime


def _may_hold_work(folder: Path) -> bool:
    try:
        return folder.is_dir()
    except PermissionError:
        return True  # nobody is dropped: reading it will say what is wrong


def _outside(course: Course) -> list[Unplaced]:
    """What lies in gradebook/submitted, but in no student's folder."""
    return [
        Unplaced("", one_line(path.name, 100), HIDDEN if path.is_dir() else "it lies in no student's folder")
        for path in _inside(course.submitted)
        if (not path.is_dir() or path.name.startswith(".")) and path.name not in SYSTEMS_OWN
    ]
