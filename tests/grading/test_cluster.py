"""A class is graded on other machines as it is on this one.

The machines are processes that share no folder with the grader, each in a network namespace of its own on a bridge.
Only root may make those; for anybody else they are processes on the loopback address, and a warning says so.
"""

import json
import os
import re
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import warnings
from collections import Counter

import pytest
from distributed import Client
from typer.testing import CliRunner

from grading.__main__ import app
from grading.authoring.simulate import misconception_source, write_submission
from grading.course import ROOT, CourseError
from grading.exercise import load_exercises
from grading.records.gradebook import CourseGradebook
from grading.report import collect
from grading.run import cluster
from grading.run.cluster import Scheduler
from tests.sample import CHAPTER, COURSE, NOTEBOOK, SAMPLE, SECOND, sample_course

SECONDS = 60
STUDENTS = 8


class Network:
    """A bridge of this machine, and network namespaces that hang on it."""

    def __init__(self):
        self.name = f"dt{secrets.token_hex(4)}"
        self.prefix = f"10.{64 + secrets.randbelow(64)}.{secrets.randbelow(256)}"
        self.namespaces = []
        try:
            self.ip("link", "add", self.name, "type", "bridge")
        except (subprocess.CalledProcessError, FileNotFoundError) as error:
            self.real = False
            warnings.warn(f"no network namespaces ({error}): machines are processes of this one", stacklevel=2)
        else:
            self.real = True
            self.ip("addr", "add", f"{self.prefix}.1/24", "dev", self.name)
            self.ip("link", "set", self.name, "up")

    def ip(self, *arguments):
        subprocess.run(["ip", *arguments], check=True, capture_output=True, timeout=SECONDS)

    def here(self):
        """The command that runs a program on this machine, and its address."""
        return [], f"{self.prefix}.1" if self.real else "127.0.0.1"

    def machine(self):
        """The command that runs a program on a new machine, and its address."""
        if not self.real:
            return self.here()
        number = len(self.namespaces)
        name, wire, address = f"{self.name}-{number}", f"{self.name}{number}", f"{self.prefix}.{number + 2}"
        self.ip("netns", "add", name)
        self.namespaces.append(name)
        self.ip("link", "add", wire, "type", "veth", "peer", "name", "eth0", "netns", name)
        self.ip("link", "set", wire, "master", self.name, "up")
        self.ip("-n", name, "addr", "add", f"{address}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            self.ip("-n", name, "link", "set", device, "up")
        return ["nsenter", f"--net=/run/netns/{name}"], address

    def close(self):
        for name in self.namespaces:
            self.ip("netns", "del", name)
        if self.real:
            self.ip("link", "del", self.name)


class Cluster:
    """A Dask scheduler, and workers each on a machine of its own."""

    def __init__(self, folder, network, certificates=None, away=False):
        self.folder, self.network, self.certificates = folder, network, certificates
        self.processes, self.hosts = [], []
        self.course = {"COURSE_ROOT": str(SAMPLE), "GRADEBOOK_DIR": "/nonexistent", "GRADEBOOK_URL": "nonsense"}
        file = folder / "scheduler.json"
        prefix, host = network.machine() if away else network.here()
        self.start(prefix, "scheduler", "--host", host, "--port", "0", "--no-jupyter", "--scheduler-file", file)
        deadline = time.monotonic() + SECONDS
        while not (file.exists() and file.read_text().rstrip().endswith("}")):  # written to its end
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.05)
        self.address = json.loads(file.read_text())["address"]
        self.scheduler = Scheduler(self.address, certificates)

    def start(self, prefix, program, *arguments, **environment):
        command = [*prefix, sys.executable, "-m", f"distributed.cli.dask_{program}", *arguments]
        command += ["--no-dashboard", "--dashboard-address", "127.0.0.1:0"]
        if self.certificates:
            certificate, key = self.certificates / "certificate.pem", self.certificates / "key.pem"
            command += ["--tls-ca-file", certificate, "--tls-cert", certificate, "--tls-key", key]
        environment = {**os.environ, **self.course, **environment}
        with (self.folder / "log").open("ab") as log:
            self.processes.append(
                subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=log, text=True)
            )
        return self.processes[-1]

    def worker(self, *arguments, **environment):
        prefix, host = self.network.machine()
        self.hosts.append(host)
        fixed = [self.address, "--host", host, "--nthreads", "1", "--no-nanny"]
        return self.start(prefix, "worker", *fixed, *arguments, **environment)

    def workers(self, count):
        """Start workers and wait until all that were started are there."""
        started = [self.worker() for _ in range(count)]
        self.wait()
        return started

    def wait(self):
        with Client(self.address, security=cluster._security(self.scheduler)) as client:
            client.wait_for_workers(len(self.processes) - 1, timeout=SECONDS)

    def log(self):
        return (self.folder / "log").read_text()[-2000:]

    def stop(self):
        # asked to end, a worker would wait for a scheduler that ends as well
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait(SECONDS)


@pytest.fixture(scope="module")
def network():
    made = Network()
    try:
        yield made
    finally:
        made.close()


def make_certificates(folder):
    """Run the command that docs/cluster.md gives."""
    (command,) = re.findall(r"^(?:\$ )?(openssl req .*)$", (ROOT / "docs/cluster.md").read_text(), flags=re.MULTILINE)
    folder.mkdir()
    subprocess.run(command, shell=True, cwd=folder, check=True, capture_output=True, timeout=SECONDS)
    return folder


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return make_certificates(tmp_path_factory.mktemp("tls") / "certificates")


@pytest.fixture
def clusters(tmp_path, network):
    """Start a cluster; all of them are stopped in the end."""
    running = []

    def start(*arguments, **options):
        (tmp_path / str(len(running))).mkdir()
        running.append(Cluster(tmp_path / str(len(running)), network, *arguments, **options))
        return running[-1]

    try:
        yield start
    finally:
        for one in running:
            one.stop()


@pytest.fixture
def dask(clusters, certificates):
    """A cluster that speaks TLS."""
    return clusters(certificates)


@pytest.fixture(scope="module")
def course(tmp_path_factory, right_answers):
    course = sample_course(tmp_path_factory.mktemp("gradebook"))
    exercise = load_exercises(COURSE, CHAPTER)["momentum_step"]
    for number, wrong in enumerate(exercise.misconceptions[: STUDENTS - 1]):
        answers = {**right_answers, "momentum_step": misconception_source(exercise, wrong.slug)}
        write_submission(course, f"student-{number:03d}", CHAPTER, answers)
    write_submission(course, "reference", CHAPTER, right_answers)
    return course


@pytest.fixture(scope="module")
def here(course, grade):
    """The class as graded on this machine by one worker."""
    return grade(course, workers=1, cached=False)


@pytest.fixture
def recorded(monkeypatch):
    """Every result that is recorded, with what else is to happen then: number -> function."""
    found, events, original = [], {}, CourseGradebook.record

    def record(self, student, chapter, notebook, *rest):
        found.append((student, notebook))
        events.get(len(found), lambda: None)()
        original(self, student, chapter, notebook, *rest)

    monkeypatch.setattr(CourseGradebook, "record", record)
    return found, events


class Relay:
    """Stands between the grader and the scheduler, and keeps what is sent."""

    def __init__(self, address):
        self.target = address
        self.heard = bytearray()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.open = [self.listener]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self):
        return self.listener.getsockname()[1]

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:  # closed
                return
            far = socket.create_connection(self.target)
            self.open += [near, far]
            for ends in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=ends, daemon=True).start()

    def _pass_on(self, source, target):
        try:
            while data := source.recv(65536):
                self.heard += data
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:  # the other direction was closed
            return

    def close(self):
        for one in self.open:
            one.close()


@pytest.fixture
def relay():
    made = []

    def start(address):
        scheme, host, port = re.fullmatch(r"(\w+)://([\d.]+):(\d+)", address).groups()
        made.append(Relay((host, int(port))))
        return made[0], f"{scheme}://127.0.0.1:{made[0].port}"

    yield start
    for one in made:
        one.close()


SECRET = b"momentum_step"  # stands in every submission


def test_cluster_gives_the_same_grades_and_nobody_can_listen(course, grade, here, dask, relay):
    dask.workers(2)
    wire, address = relay(dask.address)
    report = grade(course, scheduler=Scheduler(address, dask.certificates), cached=False)
    assert (report.rows, report.scores) == (here.rows, here.scores)
    assert len(wire.heard) > 100_000 and SECRET not in wire.heard


def test_without_encryption_everybody_can_listen(course, grade, here, clusters, relay):
    plain = clusters()
    plain.workers(1)
    wire, address = relay(plain.address)
    report = grade(course, scheduler=Scheduler(address, unencrypted=True), cached=False)
    assert (report.rows, report.scores) == (here.rows, here.scores)
    assert SECRET in wire.heard


def test_one_worker_dies_and_one_is_slow(course, grade, here, dask, recorded):
    dies, slow, _ = dask.workers(3)
    found, events = recorded
    events[3] = dies.kill
    done = threading.Event()
    brake = threading.Thread(target=_slow_down, args=(slow, done))
    brake.start()
    try:
        report = grade(course, scheduler=dask.scheduler, cached=False)
    finally:
        done.set()
        brake.join()
    assert dies.wait(10) == -signal.SIGKILL
    assert (report.rows, report.scores) == (here.rows, here.scores)
    expected = {(student, notebook) for student in here.students for notebook in (NOTEBOOK, SECOND)}
    assert Counter(found) == dict.fromkeys(expected, 1)


def _slow_down(process, done):
    """Let a process run for a fifth of the time."""
    while not done.wait(0.1):
        process.send_signal(signal.SIGSTOP)
        done.wait(0.4)
        process.send_signal(signal.SIGCONT)


def test_number_of_workers_changes_nothing(course, grade, here):
    report = grade(course, workers=3, cached=False)
    assert (report.rows, report.scores) == (here.rows, here.scores)


@pytest.mark.parametrize("certified", [False, True])
def test_missing_scheduler_is_named(course, grade, monkeypatch, certificates, certified):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    scheduler = Scheduler("tls://127.0.0.1:9", certificates) if certified else Scheduler("tcp://127.0.0.1:9")
    with pytest.raises(CourseError, match=rf"no Dask scheduler answers at {scheduler.address}"):
        grade(course, scheduler=scheduler, cached=False)


def test_cluster_without_workers_is_named(course, grade, dask):
    with pytest.raises(CourseError, match="has no workers; start some: dask worker tls://"):
        grade(course, scheduler=dask.scheduler, cached=False)


@pytest.fixture
def other_version(tmp_path):
    """The folder of a course with one exercise that is judged in another way."""
    folder = shutil.copytree(SAMPLE, tmp_path / "other")
    module = folder / "grading" / "exercises" / CHAPTER / f"{NOTEBOOK}.py"
    text = module.read_text()
    assert "points=4" in text
    module.write_text(text.replace("points=4", "points=3", 1))
    return str(folder)


def test_worker_of_another_version_is_refused(course, grade, dask, other_version):
    dask.workers(1)
    dask.worker(COURSE_ROOT=other_version)
    dask.wait()
    with pytest.raises(CourseError, match="has another version of the course") as refused:
        grade(course, scheduler=dask.scheduler, cached=False)
    assert f"the Dask worker tls://{dask.hosts[1]}:" in str(refused.value)


def test_worker_without_the_course_is_refused(course, grade, dask, tmp_path):
    (tmp_path / "hide.py").write_text("import sys\nsys.modules['grading'] = None\n")
    dask.worker("--preload", tmp_path / "hide.py")
    dask.wait()
    with pytest.raises(CourseError, match=r"the Dask worker tls://\S+ went away .*; is the course there\?"):
        grade(course, scheduler=dask.scheduler, cached=False)


def test_other_version_that_comes_late_stops_the_grading(course, grade, here, dask, recorded, other_version):
    (right,) = dask.workers(1)
    found, events = recorded

    def exchange():
        dask.worker(COURSE_ROOT=other_version)
        dask.wait()
        right.kill()

    events[2] = exchange
    with pytest.raises(
        CourseError, match="another version of the course .*; end that worker and grade again, nothing is lost"
    ):
        grade(course, scheduler=dask.scheduler, cached=False)
    assert 2 <= len(found) < 2 * STUDENTS
    assert collect(course).rows == here.rows


def test_scheduler_that_dies_stops_the_grading(course, grade, here, dask, recorded):
    dask.workers(1)
    found, events = recorded
    events[2] = dask.processes[0].kill
    with pytest.raises(CourseError, match="the Dask scheduler is gone; start it and grade again, nothing is lost"):
        grade(course, scheduler=dask.scheduler, cached=False)
    assert 2 <= len(found) < 2 * STUDENTS
    assert collect(course).rows == here.rows


def test_who_has_no_certificate_is_refused(course, grade, dask, tmp_path):
    with pytest.raises(CourseError, match="needs certificates: --certificates FOLDER"):
        grade(course, scheduler=Scheduler(dask.address), cached=False)
    with pytest.raises(CourseError, match=r"certificates in \S+nowhere cannot be used, expected certificate.pem and"):
        grade(course, scheduler=Scheduler(dask.address, tmp_path / "nowhere"), cached=False)
    with pytest.raises(CourseError, match="TLS certificate does not match"):
        grade(course, scheduler=Scheduler(dask.address, make_certificates(tmp_path / "another's")), cached=False)


def test_scheduler_asks_for_a_certificate_itself(dask):
    host, port = re.fullmatch(r"tls://([\d.]+):(\d+)", dask.address).groups()
    context = ssl.create_default_context(cafile=dask.certificates / "certificate.pem")
    context.check_hostname = False
    with socket.create_connection((host, int(port)), timeout=SECONDS) as plain:
        encrypted = context.wrap_socket(plain)
        with pytest.raises(ssl.SSLError, match="CERTIFICATE_REQUIRED"):
            encrypted.recv(1)


def test_plain_text_to_another_machine_is_refused(course, grade, clusters, network, monkeypatch):
    if not network.real:
        monkeypatch.setattr(cluster, "_is_here", lambda address: False)
    away, here = clusters(away=True), clusters()
    with pytest.raises(CourseError, match=rf"{away.address} is not encrypted and not on this machine"):
        grade(course, scheduler=away.scheduler, cached=False)
    here.workers(1)
    with pytest.raises(CourseError, match=rf"tcp://{here.hosts[0]}:\d+ is not encrypted and not on this machine"):
        grade(course, scheduler=here.scheduler, cached=False)


def run(course, monkeypatch, *options):
    """Run the command `grade`; return its exit status and what it printed."""
    monkeypatch.setenv("COURSE_ROOT", str(course.root))
    monkeypatch.setenv("GRADEBOOK_DIR", str(course.gradebook))
    done = CliRunner().invoke(app, ["grade", CHAPTER, "--no-feedback", "--no-cache", *map(str, options)])
    return done.exit_code, " ".join(done.output.split())


def test_command_grades_with_certificates(course, dask, recorded, monkeypatch):
    dask.workers(1)
    status, text = run(course, monkeypatch, "--scheduler", dask.address, "--certificates", dask.certificates)
    assert status == 0, text
    assert len(recorded[0]) == 2 * STUDENTS


def test_command_refuses_and_allows_plain_text(course, clusters, network, monkeypatch):
    if not network.real:
        monkeypatch.setattr(cluster, "_is_here", lambda address: False)
    away = clusters(away=True)
    status, text = run(course, monkeypatch, "--scheduler", away.address)
    assert status == 1 and f"{away.address} is not encrypted" in text
    status, text = run(course, monkeypatch, "--scheduler", away.address, "--unencrypted")
    assert status == 1 and f"the Dask scheduler at {away.address} has no workers" in text


@pytest.mark.parametrize("option", [("--certificates", "/nowhere"), ("--unencrypted",)])
def test_options_of_a_scheduler_without_one_are_refused(course, monkeypatch, option):
    status, text = run(course, monkeypatch, *option)
    assert status == 1 and "none is named" in text
