"""Every attack, through the real pipeline: none is paid, none does harm, and every fair one gets its due.

Batches are graded as one class, so they have a test class of their own, which xdist keeps together.
"""

from __future__ import annotations

import io
import os
from functools import cache

import pytest
import typer
from rich.console import Console

from tests.attacks import __main__ as program
from tests.attacks.attack import ALL, Attack
from tests.attacks.bench import ORDINARY, ClassOutcome, Outcome, grade_batch, summary
from tests.attacks.corpus import BATCHES, files, forge, harm, outside


@cache
def graded(*batches: str) -> ClassOutcome:
    return grade_batch([attack for batch in batches for attack in BATCHES[batch]])


class _Class:
    """Some batches, graded together."""

    batches: tuple[str, ...]

    def test_attack_fails(self, attack: Attack) -> None:
        (outcome,) = [outcome for outcome in graded(*self.batches).outcomes if outcome.attack is attack]
        assert outcome.faults == []

    def test_class_is_unharmed(self) -> None:
        assert graded(*self.batches).faults == []


class TestAnswersAndFiles(_Class):
    batches = ("forge", "fair", "files", "outside")


class TestHarm(_Class):
    batches = ("harm",)


class TestGrader(_Class):
    batches = ("grader",)


class TestChannel(_Class):
    batches = ("channel",)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for every attack of the batches that a class stands for."""
    if "attack" in metafunc.fixturenames and metafunc.cls is not None:
        attacks = [attack for batch in metafunc.cls.batches for attack in BATCHES[batch]]
        metafunc.parametrize("attack", attacks, ids=[f"{attack.entry:02d}-{attack.slug}" for attack in attacks])


def test_every_entry_has_an_attack():
    assert {attack.entry for batch in BATCHES.values() for attack in batch} == set(range(1, 27))


def test_names_of_students_are_unique():
    names = [attack.name for batch in BATCHES.values() for attack in batch]
    assert len(names) == len(set(names))


def test_every_batch_is_tested():
    tested = [batch for some in _Class.__subclasses__() for batch in some.batches]
    assert sorted(tested) == sorted(BATCHES)


SLUGS = (
    "links",
    "writes",
    "memory",
    "inherited-descriptors",
    "daemons",
    "search-for-secrets",
    "exits",
    "poisons-the-parent",
    "links-for-nbgrader",
    "gradebook-is-private",
    "name-with-a-quote",
)


@pytest.fixture(scope="class")
def ordinary() -> ClassOutcome:
    """A class graded by a user without rights: the one who runs this, unless that is root."""
    chosen = [attack for batch in (files, harm, forge, outside) for attack in batch.ATTACKS if attack.slug in SLUGS]
    return grade_batch([*chosen, *files.UNREADABLE], uid=0 if os.getuid() else ORDINARY)


class TestOrdinaryUser:
    """An ordinary user grades as well as root: other namespaces, and files that only root could read."""

    def test_all_are_tried(self, ordinary):
        assert len(ordinary.outcomes) == len(SLUGS) + len(files.UNREADABLE)

    def test_attacks_fail(self, ordinary):
        assert {outcome.attack.slug: outcome.faults for outcome in ordinary.outcomes if not outcome.ok} == {}

    def test_class_is_unharmed(self, ordinary):
        assert ordinary.faults == []


def _outcome(kind: str, loses: tuple[str, ...], earned: float, faults: list[str]) -> Outcome:
    attack = Attack(1, "x", kind, "x", loses=loses)
    return Outcome(attack, dict.fromkeys(ALL, earned), "", faults)


def test_summary_tells_paid_harmed_and_cheated_apart():
    outcomes = [
        _outcome("forge", ALL, 1.0, ["earned"]),
        _outcome("harm", (), 0.0, ["a file was left"]),
        _outcome("fair", (), 0.0, ["lost"]),
        _outcome("forge", ALL, 0.0, []),
    ]
    assert summary(outcomes) == "4 attacks tried, 1 paid, 1 harmed, 1 fair ones did not get their due"


def test_summary_of_a_safe_grader():
    assert summary([_outcome("forge", ALL, 0.0, [])]).endswith("0 paid, 0 harmed, every fair one got its due")


def test_both_kinds_of_graders_are_tried_by_root_and_one_by_anybody_else(monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: 0)
    assert program.uids(program.Mode.both) == {"root": 0, "user": ORDINARY}
    assert program.uids(program.Mode.root) == {"root": 0} and program.uids(program.Mode.user) == {"user": ORDINARY}
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    assert program.uids(program.Mode.both) == program.uids(program.Mode.user) == {"user": 0}
    with pytest.raises(typer.BadParameter, match="only root"):
        program.uids(program.Mode.root)


def test_table_shows_what_came_of_an_attack_by_each_grader():
    fine, bad = _outcome("forge", ALL, 0.0, []), _outcome("forge", ALL, 1.0, ["earned"])
    closed = Outcome(files.UNREADABLE[0], dict.fromkeys(ALL, 0.0))
    console = Console(width=200, file=io.StringIO())
    console.print(program.table({"root": [fine], "user": [bad, closed]}))
    rows = [[cell.strip() for cell in line.split("│")] for line in console.file.getvalue().splitlines() if "│" in line]
    assert [(row[2], *row[6:9]) for row in rows] == [
        ("x", "0", "0 ok", f"{len(ALL)} FAILED"),
        ("closed-file", "0", "–", "0 ok"),
    ]
    assert closed.attack in program.attacks_of("files", "user") and closed.attack not in program.attacks_of(
        "files", "root"
    )
