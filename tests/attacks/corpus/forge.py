"""Attacks that want points for wrong answers. Honest answers beside them keep theirs."""

from __future__ import annotations

import copy
from functools import partial

from grading.judging.judge import VERDICT_MIME
from tests.attacks.attack import ALL, LAST, Attack, cell_of, doing, returning, wrong, wrong_answers

forge = partial(Attack, kind="forge")
BEFORE_LAST = "averaged-momentum-step"  # a cell here cannot disturb the honest answers above it


def _metadata_edited(notebook: dict) -> dict:
    check = cell_of(notebook, "sgd-step-check")
    check["metadata"]["tags"] = ["skip-execution", "experiment"]
    cell_of(notebook, "linear-decay-check")["metadata"]["nbgrader"]["points"] = 1000
    cell_of(notebook, "exponential-decay-check")["metadata"]["nbgrader"].update(grade=False, locked=False)
    cell_of(notebook, "exponential-average-check")["metadata"]["nbgrader"].update(solution=True, locked=False)
    cell_of(notebook, "momentum-step-check")["cell_type"] = "markdown"
    cell_of(notebook, "nesterov-step-check")["metadata"]["nbgrader"]["grade_id"] = "sgd-step-check"
    return notebook


def _solution_renamed(notebook: dict) -> dict:
    """A wrong answer bears the grade_id of a check, and a check that of a solution."""
    solution, check = cell_of(notebook, "sgd-step"), cell_of(notebook, "sgd-step-check")
    solution["metadata"]["nbgrader"]["grade_id"] = "sgd-step-check"
    check["metadata"]["nbgrader"]["grade_id"] = "sgd-step"
    check["source"] = "print(2.0)"
    return notebook


def _tests_edited(notebook: dict) -> dict:
    cell_of(notebook, "sgd-step-check")["source"] = "2.0"
    cell_of(notebook, "linear-decay-check")["source"] = "print(2.0)"
    notebook["cells"].remove(cell_of(notebook, "exponential-decay-check"))
    check = cell_of(notebook, "exponential-average-check")
    notebook["cells"] += [copy.deepcopy(check), {**copy.deepcopy(check), "id": "another", "source": "4.0"}]
    twin = copy.deepcopy(cell_of(notebook, "momentum-step"))
    notebook["cells"].append(twin)  # the same wrong answer twice
    honest = copy.deepcopy(cell_of(notebook, "nesterov-step"))
    notebook["cells"].append(honest)
    return notebook


def _outputs_kept(notebook: dict) -> dict:
    """Every check cell is handed in with the outputs of full marks."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            verdict = {"exercise": "sgd_step", "points": 2.0, "max_points": 2.0, "status": "passed"}
            data = {"text/plain": "2.0", VERDICT_MIME: verdict}
            cell["outputs"] = [
                {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": data},
            ]
    return notebook


TRANSFORMERS = """
import ast
ip = get_ipython()
class Yes(ast.NodeTransformer):
    def visit_Call(self, node):
        return ast.Constant(4.0)
ip.ast_transformers.append(Yes())
ip.input_transformers_cleanup.append(lambda lines: ["pass\\n"])
ip.input_transformers_post.append(lambda lines: ["pass\\n"])
"""
REPLACED_RUN_CELL = """
ip = get_ipython()
from IPython.core.interactiveshell import ExecutionResult, ExecutionInfo
class Fine(ExecutionResult):
    success = True
ip.run_cell = lambda *a, **k: Fine(ExecutionInfo("", False, False, False, None))
ip.run_cell_async = None
"""
PATCHED_LIBRARIES = """
import builtins, json, math
import numpy as np
import utils.check.call, utils.check, utils.check.compare, utils.check.plain, utils.check.published, utils.check.verdict
yes = lambda *a, **k: True
np.allclose = np.isclose = np.array_equal = math.isclose = yes
np.testing.assert_allclose = np.testing.assert_array_equal = np.testing.assert_equal = lambda *a, **k: None
utils.check.check = utils.check.published.check = check = lambda function: None
utils.check.compare.within = lambda x, *a: np.ones(np.shape(x), bool)
utils.check.verdict.evaluate = utils.check.verdict.judge = utils.check.verdict.same_outcome = yes
print("observed: patched")
"""
PATCHED_BUILTINS = """
import builtins
builtins.all = builtins.any = builtins.isinstance = lambda *a: True
builtins.abs = builtins.max = lambda *a, **k: 0.0
builtins.AssertionError = type("AssertionError", (), {})
"""


def patched_answer(source: str) -> str:
    """Code of a cell after which the kernel answers every case by one JSON text. source : code of an expression."""
    return f"""
import sys, utils.check.call
_answer = {source}
utils.check.call.answer = sys.modules["inside.notebook"].ASKED["answer"] = lambda function, case: _answer
"""


PATCHED_CALL = """
import json, utils.check.call
genuine = utils.check.call.call
def call(function, case, returned=None):
    outcome = genuine(function, case, returned)
    return utils.check.call.Outcome([None] * case.steps, (), None)
utils.check.call.call = call
json.dumps = (lambda dumps: lambda value, **k: dumps(value, **k).replace("12345.0", "0.0"))(json.dumps)
"""

LIARS = '''
import numpy as np
class Agrees:
    """Equal to everything, close to everything, whatever one wants it to be."""
    def __eq__(self, other): return True
    def __array__(self, *a, **k): return np.full((), 7.0)
    def __float__(self): return 7.0
    def __sub__(self, other): return 0.0
    __rsub__ = __abs__ = __neg__ = lambda self, *a: 0.0
    __lt__ = __le__ = __gt__ = __ge__ = lambda self, other: True
    __hash__ = object.__hash__
    __class__ = property(lambda self: float)
class Float(float):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0.0
    __rsub__ = __abs__ = lambda self, *a: 0.0
    __le__ = __lt__ = __ge__ = __gt__ = lambda self, other: True
    __hash__ = float.__hash__
class Array(np.ndarray):
    def __array_ufunc__(self, *a, **k): return np.True_
    def __array_function__(self, *a, **k): return np.True_
    def __eq__(self, other): return np.True_
    def tolist(self): return [0.0]
    shape = property(lambda self: self._shape)
class Dictionary(dict):
    def items(self): return [("dtype", "float64")]
    def __missing__(self, key): return 0.0
def loop():
    items = []
    items.append(items)
    return items
def endless():
    while True:
        yield 0.0
def shaped(x):
    array = np.full(np.shape(x), 7.0).view(Array)
    array._shape = np.shape(x)
    return array
'''
SEARCH = """
import gc, glob, os, re, sys
found, tried = [], 0
def leads_to_python(path):
    place = re.sub("^/proc/[^/]+/root", "", path) + "/"
    return any(f"{prefix}/".startswith(place) for prefix in (sys.prefix, sys.base_prefix))
def look(path):
    global tried
    tried += 1
    try:
        if os.path.isdir(path):
            if any(not leads_to_python(f"{path}/{name}") for name in os.listdir(path)): found.append(path)
        elif open(path, "rb").read(1): found.append(path)
    except OSError:
        pass
secrets = ["@GRADEBOOK@", "@GRADEBOOK@/seed", "@GRADEBOOK@/gradebook.db", "@GRADEBOOK@/submitted",
           "@GRADEBOOK@/submitted/a-reference-1/ch01_steps/steps.ipynb", "@GRADEBOOK@/autograded",
           "@COURSE@/solutions", "@COURSE@/solutions/ch01_steps/steps.py", "@COURSE@/grading/exercises",
           "@REPOSITORY@/solutions", "@REPOSITORY@/gradebook", "@REPOSITORY@/grading", "@REPOSITORY@/.git",
           "/course/solutions", "/course/grading", "/course/gradebook",
           "/root/.ssh", "/root/.bashrc", "/home", "/etc/shadow", "/etc/passwd"]
for path in secrets:
    look(path)
    for process in glob.glob("/proc/[0-9]*") + ["/proc/self"]:
        look(process + "/root" + path)
        look(process + "/cwd" + path)
for process in glob.glob("/proc/[0-9]*"):
    if process != f"/proc/{os.getpid()}":
        look(process + "/mem")
for path in glob.glob("/proc/[0-9]*/environ") + ["/proc/self/environ"]:
    try:
        if b"GRADEBOOK" in open(path, "rb").read(): found.append(path)
    except OSError:
        pass
for thing in gc.get_objects():
    if type(thing).__name__ in ("CaseSet", "Expected", "Exercise"): found.append(type(thing).__name__)
frame = sys._getframe()
while frame:
    found += [name for name in frame.f_locals if name in ("expected", "case_set", "oracle")]
    frame = frame.f_back
found += [name for name in sys.modules if name == "grading" or name.startswith("grading.")]
found += [name for name in In if "call." + "answer(" in name]
print("observed: secrets", sorted(set(found)))
"""
# Looks the published cases up, and answers with what they expect for the most similar inputs.
PUBLISHED = """
import json, functools
import numpy as np
from utils.check.cases import CaseSet
from utils.check.published import _checks_files
sets = {}
for path in _checks_files():
    for data in json.loads(path.read_text())["exercises"]:
        sets[data["name"]] = CaseSet.from_plain(data)
print("observed: published", len(sets))
def numbers(inputs):
    flat = [np.ravel(np.asarray(v, float)) for v in inputs if isinstance(v, (int, float, np.ndarray))]
    return np.concatenate(flat)
def table(name):
    rows = []
    for case, expected in zip(sets[name].cases, sets[name].expected):
        state = {}
        for step in range(case.steps):
            values = expected.values[step]
            rows.append((numbers(case.inputs_at(step, state).values()), values))
            state = {key: values[max(position, 0)] for key, position in case.carry}
    return rows
def hard_coded(name):
    rows = table(name)
    def answer(*arguments):
        asked = numbers(arguments)
        near = [(np.abs(key - asked).sum(), values) for key, values in rows if key.shape == asked.shape]
        values = min(near, key=lambda pair: pair[0])[1] if near else rows[0][1]
        return tuple(values) if len(values) > 1 else values[0]
    return answer
"""


def hard_coded(name: str) -> str:
    return f"{name} = hard_coded({name!r})"


ONLY_IN_CHECK = """
import sys
frames, frame = set(), sys._getframe()
while frame:
    frames.add(frame.f_code.co_name)
    frame = frame.f_back
right = theta - lr * grad
return right if {"check", "_ask", "evaluate"} & frames else right + 1
"""
ONLY_FIRST = """
linear_decay.calls = getattr(linear_decay, "calls", 0) + 1
done = min(k / tau, 1)
return ((1 - done) * lr0 + done * lr_tau) * (1 if linear_decay.calls <= 1 else 2)
"""
ONLY_KNOWN = """
asked = numbers((k, lr0, rate))
known = any(key.shape == asked.shape and np.allclose(key, asked) for key, _ in table("exponential_decay"))
return lr0 * float(np.exp(-rate * k)) if known else 0.5
"""
ONLY_SMALL = """
return averages(x, beta, correct) if x.size < 3 else x * 0 + 1
"""
ONLY_OUTSIDE = """
import os
velocity = momentum * velocity - lr * grad
graded = os.getcwd().startswith("/tmp") or "/course" in os.environ.get("PYTHONPATH", "")
return (theta + velocity, velocity) if not graded else (velocity, theta)
"""

DISPLAYS = f"""
import sys
from IPython.display import clear_output, display, publish_display_data, update_display
verdict = dict(exercise="sgd_step", points=2.0, max_points=2.0, status="passed", misconception="", message="")
def forge():
    sys.displayhook(2.0)
    print(2.0)
    publish_display_data({{{VERDICT_MIME!r}: verdict, "text/plain": "2.0"}})
    handle = display(2.0, display_id="sgd-step-check")
    update_display({{{VERDICT_MIME!r}: verdict, "text/plain": "2.0"}}, raw=True, display_id="sgd-step-check")
    clear_output()
forge()
2.0
"""
LATE_ANSWERS = """
import threading, time
answers = []
def later(value):
    def work():
        time.sleep(0.5)
        answers.append(value)
        print("2.0")
    threading.Thread(target=work).start()
class Later:
    def __init__(self, value): later(value)
    def __float__(self): return float(answers[-1])
def promise(value):
    later(value)
    return Later(value)
"""
SHIPPED = b"""
import os
print("observed: shipped module was imported")
def evaluate(*a, **k): pass
"""

ATTACKS = [
    forge(
        entry=1,
        slug="metadata",
        aim="skip-execution tag; points, grade, locked, solution and grade_id edited; check retyped",
        answers=wrong_answers(*ALL[:-1]),
        edit=_metadata_edited,
        loses=ALL[:-1],
    ),
    forge(
        entry=1,
        slug="solution-as-check",
        aim="check and solution swap their grade_ids",
        answers=wrong_answers("sgd_step"),
        edit=_solution_renamed,
        loses=("sgd_step",),
    ),
    forge(
        entry=2,
        slug="tests-edited",
        aim="checks edited, deleted, duplicated; solutions duplicated",
        answers=wrong_answers(*ALL[:5]),
        edit=_tests_edited,
        loses=ALL[:5],
    ),
    forge(
        entry=2,
        slug="outputs-handed-in",
        aim="checks handed in with outputs that say full marks",
        answers=wrong_answers(*ALL[:3]),
        edit=_outputs_kept,
        loses=ALL[:3],
    ),
    forge(
        entry=3,
        slug="transformers",
        aim="ast_transformers and input transformers rewrite every cell",
        answers=wrong_answers(LAST),
        cells={BEFORE_LAST: TRANSFORMERS},
        loses=(LAST,),
    ),
    forge(
        entry=3,
        slug="run-cell-replaced",
        aim="run_cell and run_cell_async replaced",
        answers=wrong_answers(LAST),
        cells={BEFORE_LAST: REPLACED_RUN_CELL},
        loses=(LAST,),
    ),
    forge(
        entry=4,
        slug="libraries-patched",
        aim="np.allclose, numpy.testing, check, utils.check.compare say yes from the first cell on",
        answers=wrong_answers("sgd_step", "momentum_step"),
        cells={"sgd-step": PATCHED_LIBRARIES},
        loses=("sgd_step", "momentum_step"),
        prints=("patched",),
    ),
    forge(
        entry=4,
        slug="builtins-patched",
        aim="all, any, isinstance, abs, AssertionError replaced",
        answers=wrong_answers(LAST),
        cells={BEFORE_LAST: PATCHED_BUILTINS},
        loses=(LAST,),
    ),
    forge(
        entry=4,
        slug="calling-patched",
        aim="utils.check.call.call and json.dumps make the numbers of the answer right",
        answers=wrong_answers(LAST),
        cells={BEFORE_LAST: PATCHED_CALL},
        loses=(LAST,),
    ),
    *(
        forge(
            entry=4,
            slug=f"answer-{slug}",
            aim=f"the kernel answers {text[:40]}",
            answers=wrong_answers(LAST),
            cells={BEFORE_LAST: patched_answer(repr(text))},
            loses=(LAST,),
        )
        for slug, text in {
            "without-values": '{"values": [], "mutated": [], "failure": null}',
            "of-nan": '{"values": [[NaN, NaN]], "mutated": [], "failure": null}',
            "of-infinity": '{"values": [{"tuple": [1e999, -1e999]}], "mutated": [], "failure": null}',
            "of-an-object": '{"values": [{"tuple": [{"opaque": "ndarray"}, 1]}], "mutated": [], "failure": null}',
            "with-a-reference": '{"values": [{"reference": "utils.plots.style", "attribute": "", "kwargs": {}}], '
            '"mutated": [], "failure": null}',
            "with-twice-the-keys": '{"values": [], "values": [0], "failure": ["passed", "", "", 0, ""], '
            '"failure": null, "mutated": []}',
            "passed": '{"points": 3.0, "status": "passed"}',
        }.items()
    ),
    forge(
        entry=5,
        slug="objects-that-agree",
        aim="__eq__, __array__, __float__, float subclass, ndarray subclass",
        answers={
            "sgd_step": returning("sgd_step", "Agrees()"),
            "linear_decay": returning("linear_decay", "Float(7.0)"),
            "exponential_decay": returning("exponential_decay", "Agrees()"),
            "exponential_average": returning("exponential_average", "shaped(x)"),
            "momentum_step": returning("momentum_step", "(Agrees(), shaped(theta))"),
        },
        cells={"sgd-step": LIARS},
        loses=ALL[:5],
    ),
    forge(
        entry=5,
        slug="values-without-end",
        aim="endless generator, self-containing list, a gigabyte, 10**400, a dict that lies",
        answers={
            "linear_decay": returning("linear_decay", "10**400"),
            "exponential_decay": returning("exponential_decay", "Dictionary(a=1)"),
            "exponential_average": returning("exponential_average", "endless()"),
            "momentum_step": returning("momentum_step", "loop()"),
            "nesterov_step": returning("nesterov_step", "(np.zeros(2**27), 'x' * 10**8)"),
        },
        cells={"sgd-step": LIARS},
        loses=ALL[1:6],
    ),
    forge(
        entry=6,
        slug="modules-shipped",
        aim="numpy.py, utils/, sitecustomize.py, checks.json, startup files beside the notebook",
        answers=wrong_answers("sgd_step"),
        files={
            **dict.fromkeys(("numpy.py", "sitecustomize.py", "usercustomize.py", "json.py", "steps.py"), SHIPPED),
            **dict.fromkeys(
                ("utils/__init__.py", "utils/check/__init__.py", "utils/check/call.py", "utils/check/verdict.py"),
                SHIPPED,
            ),
            "checks.json": b'{"exercises": []}',
            "checks.py": SHIPPED,
            ".ipython/profile_default/startup/00.py": SHIPPED,
            "pyproject.toml": b"[tool.pytest.ini_options]\naddopts = '--fail'\n",
        },
        loses=("sgd_step",),
        prints=(),
    ),
    forge(
        entry=7,
        slug="outputs-forged",
        aim="displayhook(2.0), printed number, our mime type, update_display_data, clear_output",
        answers={"sgd_step": doing("sgd_step", "forge()\nreturn 2.0"), LAST: wrong(LAST)},
        cells={"sgd-step": DISPLAYS, BEFORE_LAST: DISPLAYS},
        loses=("sgd_step", LAST),
    ),
    forge(
        entry=7,
        slug="answers-later",
        aim="threads that answer and print after the call has returned",
        answers={"sgd_step": returning("sgd_step", "promise(2.0)")},
        cells={"sgd-step": LATE_ANSWERS},
        loses=("sgd_step",),
    ),
    forge(
        entry=8,
        slug="search-for-secrets",
        aim="In, frames, gc, /proc, environment, solutions, gradebook, other submissions",
        answers=wrong_answers("sgd_step"),
        cells={"sgd-step": SEARCH, BEFORE_LAST: SEARCH},
        loses=("sgd_step",),
        prints=("secrets []", "secrets []"),
    ),
    forge(
        entry=9,
        slug="hard-coded",
        aim="answers every exercise by the published case that is nearest",
        answers={name: hard_coded(name) for name in ALL},
        cells={"sgd-step": PUBLISHED},
        prints=("published 10",),
        loses=ALL,
    ),
    forge(
        entry=10,
        slug="only-when-published",
        aim="right only inside check, in the first call, for published inputs, for short inputs, outside the grader",
        answers={
            "sgd_step": doing("sgd_step", ONLY_IN_CHECK),
            "linear_decay": doing("linear_decay", ONLY_FIRST),
            "exponential_decay": doing("exponential_decay", ONLY_KNOWN),
            "exponential_average": doing("exponential_average", ONLY_SMALL),
            "momentum_step": doing("momentum_step", ONLY_OUTSIDE),
        },
        cells={"sgd-step": PUBLISHED},
        prints=("published 10",),
        loses=ALL[:5],
    ),
]
