"""Puts load on `mnist-tch serve` and on the Python service beside it (service.py), and prints one Markdown table:
scripts/load calls it.

The services run in turns (mnist-tch, Python, mnist-tch, Python …), each turn in fresh processes, so that other work
of the machine affects both alike, and the median of the turns counts.
"""

import argparse
import gzip
import http.client
import importlib.metadata
import io
import itertools
import json
import os
import platform
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from machine import cpu, warn_if_busy
from PIL import Image

PEERS = Path(__file__).resolve().parent
ROOT = PEERS.parents[1]
CONNECTIONS, WRK_THREADS = 64, 1
PICTURES = 500
SIDE = 28
WARM_UP_SECONDS = 2
TRIAL_SECONDS = 5
READY_SECONDS = 60
# A shorter timeout would report a slow service, which its latency already shows, as a broken one.
TIMEOUT_SECONDS = 10
# Cores that other work may take if figures are to be quoted.
QUIET = 0.1
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LEGEND = (
    "In brackets: mnist-tch divided by its peer, so more is better of requests, less of latency and memory. "
    f"Both read the same {PICTURES} of MNIST's test digits, as grey PNGs of 28×28, with the same network and weights. "
    "These digits are white on black and fitted already, which is in the Python service's favour: it decodes and "
    "scales them, no more, while mnist-tch looks first whether they are in MNIST's form, and lets the reader look at "
    "those of which the network is unsure. Memory is "
    "that of all of a service's processes, with the libraries that they share counted once."
)


def say(text):
    print(f"load: {text}", file=sys.stderr, flush=True)


def cores():
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def user_cache():
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library/Caches"
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return named if named.is_absolute() else home / ".cache"


def data_file(name):
    """One of MNIST's files, gzipped or not, from the first of the folders where the program looks for it."""
    named = os.environ.get("MNIST_TCH_DATA")
    folders = ([Path(named)] if named else []) + [ROOT / "data/mnist", user_cache() / "mnist-tch/mnist"]
    for folder, extension in itertools.product(folders, ("", ".gz")):
        path = folder / (name + extension)
        if path.exists():
            return gzip.decompress(path.read_bytes()) if extension else path.read_bytes()
    looked = ", ".join(map(str, folders))
    sys.exit(
        f"error: {name}[.gz], MNIST's test split, is in none of {looked}: `scripts/mnist-tch download` fetches it, "
        "or $MNIST_TCH_DATA names the folder where it is"
    )


def pictures():
    """Test digits from all of the split, as PNGs with their labels."""
    pixels, labels = data_file("t10k-images-idx3-ubyte")[16:], data_file("t10k-labels-idx1-ubyte")[8:]
    size = SIDE * SIDE
    found = []
    for index in range(0, len(labels), len(labels) // PICTURES):
        image = Image.frombytes("L", (SIDE, SIDE), pixels[index * size : (index + 1) * size])
        file = io.BytesIO()
        image.save(file, "PNG")
        found.append((file.getvalue(), labels[index]))
    return found


def output_of(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"error: {' '.join(map(str, command))} failed:\n{done.stderr or done.stdout}")
    return done.stdout


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def proc_files(pid, file):
    """A file in /proc of each of a service's processes, which are a session of their own; none except on Linux."""
    texts = []
    for path in Path("/proc").glob(f"[0-9]*/{file}"):
        try:
            if os.getsid(int(path.parent.name)) == pid:
                texts.append(path.read_text())
        except OSError:
            pass  # a process that has just ended
    return texts


def memory(pid):
    """Bytes resident now and at the peak, with what the processes all map (libraries) counted once."""
    found = []
    for text in proc_files(pid, "status"):
        sizes = dict(re.findall(r"^(VmRSS|VmHWM|RssAnon):\s*(\d+) kB", text, re.M))
        found.append([1024 * int(sizes.get(name, 0)) for name in ("VmRSS", "VmHWM", "RssAnon")])
    if not found:
        return None
    mapped = [now - own for now, _, own in found]
    again = sum(mapped) - max(mapped)
    return sum(now for now, _, _ in found) - again, sum(peak for _, peak, _ in found) - again


def other_work(pid):
    """Seconds that the cores have spent on anything but the service, wrk and this, including other virtual machines'
    work."""
    stat = Path("/proc/stat")
    if not stat.exists():
        return 0
    user, nice, system, _, _, _, _, steal = map(int, stat.read_text().split(None, 9)[1:9])
    service = sum(sum(map(int, text.rpartition(")")[2].split()[11:13])) for text in proc_files(pid, "stat"))
    return (user + nice + system + steal - service) / os.sysconf("SC_CLK_TCK") - sum(os.times()[:4])


class Service:
    """A program that answers at a port of its own, and how to start it."""

    def __init__(self, title, command, setup="", ready_lines=0, environment=None):
        self.title = f"{title} ({setup})" if setup else title
        self.command, self.setup, self.ready_lines = command, setup, ready_lines
        self.environment = {**os.environ, **(environment or {})}

    @contextmanager
    def running(self):
        """Its port, its process ID, and a check that fails once it has ended; all its processes end with the `with`."""
        port = free_port()
        command = [str(word).format(port=port) for word in self.command]
        with tempfile.TemporaryFile("w+") as log:
            # In a session of its own, so that all of its processes can be found and ended.
            process = subprocess.Popen(
                command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
            check = partial(self.check, process, log)
            try:
                self.wait_until_ready(port, log, check)
                yield port, process.pid, check
            finally:
                end(process)

    def wait_until_ready(self, port, log, check):
        last = time.monotonic() + READY_SECONDS
        while not (is_ready(port) and self.is_complete(log)):
            check()
            if time.monotonic() > last:
                self.fail(f"was not ready within {READY_SECONDS} s", log)
            time.sleep(0.1)

    def check(self, process, log):
        if process.poll() is not None:
            self.fail(f"ended unexpectedly, with exit code {process.returncode}", log)

    def is_complete(self, log):
        """Whether all workers are ready: the first answers before the others do."""
        return contents(log).count("Application startup complete") >= self.ready_lines

    def fail(self, what, log):
        output = "\n".join(contents(log).splitlines()[-15:])
        sys.exit(f"error: {self.title} {what}:\n{output}")


def contents(log):
    # By its descriptor and offset, since the service writes at the position that it shares with this file.
    return os.pread(log.fileno(), os.fstat(log.fileno()).st_size, 0).decode(errors="replace")


def is_ready(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def end(process):
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        pass
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass  # all of them have ended, which macOS reports as the latter
        process.wait()


def share_read_right(port, digits):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=READY_SECONDS)
    right = 0
    for picture, label in digits:
        try:
            connection.request("POST", "/api/read", picture, {"Content-Type": "image/png"})
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as failure:
            sys.exit(f"error: a picture was not answered: {failure!r}")
        if answer.status != 200:
            sys.exit(f"error: a picture was answered with {answer.status}: {body[:300].decode(errors='replace')}")
        right += json.loads(body)["digit"] == label
    connection.close()
    return right / len(digits)


class Load:
    """Both services, and their requests."""

    def __init__(self, options, work):
        self.options, self.work = options, work
        self.disturbed = 0
        self.digits = pictures()
        self.bodies = work / "bodies"
        parts = (len(picture).to_bytes(4, "big") + picture for picture, _ in self.digits)
        self.bodies.write_bytes(b"".join(parts))
        self.ours = Service("mnist-tch serve", (options.program, "serve", "--addr", "127.0.0.1:{port}"))
        output_of(options.program, "export", "--model", "builtin", "--out", work / "weights.safetensors")
        (work / "network.py").write_text(output_of(options.program, "summary", "--model", "wide", "--python"))

    def python_service(self, workers, threads):
        environment = {
            "WEIGHTS": str(self.work / "weights.safetensors"),
            "PYTHONPATH": os.pathsep.join([str(self.work), os.environ.get("PYTHONPATH", "")]),
        }
        if threads:
            environment["THREADS"] = str(threads)
        command = (
            self.options.python, "-m", "uvicorn", "service:app", "--app-dir", PEERS, "--host", "127.0.0.1",
            "--port", "{port}", "--workers", workers, "--no-access-log",
        )  # fmt: skip
        setup = f"workers: {workers}, PyTorch's threads in each: {threads or 'its default'}"
        return Service("the Python service", command, setup, workers, environment)

    def best_python_service(self):
        """The fastest of one worker and one per core, with PyTorch's default threads and with one thread each."""
        say("looking for the fastest way to run the Python service")
        seconds = min(TRIAL_SECONDS, self.options.seconds)
        services = [self.python_service(*setup) for setup in itertools.product(sorted({1, cores()}), (None, 1))]
        return max(services, key=lambda service: self.turn(service, seconds)["rate"])

    def wrk(self, port, seconds):
        output = output_of(
            "wrk", f"--threads={WRK_THREADS}", f"--connections={CONNECTIONS}", f"--duration={seconds}s",
            f"--timeout={TIMEOUT_SECONDS}s", f"--script={PEERS / 'predict.lua'}",
            f"http://127.0.0.1:{port}/api/read", "--", self.bodies,
        )  # fmt: skip
        return json.loads(output.splitlines()[-1])

    def turn(self, service, seconds, digits=()):
        with service.running() as (port, pid, check):
            before = memory(pid)
            self.wrk(port, min(WARM_UP_SECONDS, seconds))
            start, others = time.monotonic(), other_work(pid)
            found = self.wrk(port, seconds)
            others = (other_work(pid) - others) / (time.monotonic() - start)
            check()
            found["memory"] = before and (before[0], *memory(pid))
            if digits:
                found["right"] = share_read_right(port, digits)
        found["rate"] = found["requests"] / found["seconds"]
        found["errors"] = found["refused"] + found["socket_errors"] + found["timeouts"]
        say(f"{service.title}: {found['rate']:,.0f} requests/s, p99 {found['p99_ms']:.0f} ms, {found['errors']} errors")
        self.note(others)
        return found

    def note(self, others):
        """Records how many cores other work took."""
        self.disturbed = max(self.disturbed, others)
        if others > QUIET:
            say(f"warning: other work took {others:.1f} cores meanwhile")

    def bench(self):
        """The network alone, in prepared batches."""
        say("inference in batches")
        found = output_of(
            self.options.program, "bench", "--json", "--device", "cpu", "--model", "wide", "--precision", "f32",
            "--only", "inference",
        )  # fmt: skip
        return json.loads(found)


class Report:
    """What the turns found, as one table of medians."""

    def __init__(self, ours, theirs, benches):
        self.ours, self.theirs = ours, theirs
        self.batch_rate = statistics.median(bench["inference"]["images_per_second"] for bench in benches)

    def errors(self):
        return sum(found["errors"] for found in self.ours + self.theirs)

    def median(self, name):
        return [statistics.median(found[name] for found in side) for side in (self.ours, self.theirs)]

    def row(self, title, form, name):
        ours, theirs = self.median(name)
        ratio = f" ({ours / theirs:.2f}×)" if theirs else ""
        return title, form(ours), form(theirs) + ratio

    def memory(self):
        sides = [[statistics.median(values) for values in zip(*(found["memory"] for found in side), strict=True)]
                 for side in (self.ours, self.theirs)]  # fmt: skip
        ours, theirs = (" → ".join(f"{value / 1e6:,.0f}" for value in side) + " MB" for side in sides)
        return "resident memory before → after → at its peak", ours, f"{theirs} ({sides[0][-1] / sides[1][-1]:.2f}×)"

    def __str__(self):
        lines = [
            ("", "mnist-tch", "FastAPI with PyTorch"),
            ("---", "---:", "---:"),
            self.row("requests/s", lambda value: f"{value:,.0f}", "rate"),
            self.row("latency, p50", milliseconds, "p50_ms"),
            self.row("latency, p99", milliseconds, "p99_ms"),
            ("errors", *map(errors, (self.ours, self.theirs))),
        ]
        if all(found["memory"] for found in self.ours + self.theirs):
            lines.append(self.memory())
        lines.append(("digits read right", *(f"{100 * share:.1f} %" for share in self.median("right"))))
        shares = (f"{100 * rate / self.batch_rate:.0f} %" for rate in self.median("rate"))
        lines.append((f"share of the rate in batches ({self.batch_rate:,.0f} images/s)", *shares))
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def milliseconds(value):
    return f"{value:,.1f} ms"


def errors(side):
    """Answers other than 2xx and 3xx, broken connections, and timeouts."""
    return f"{sum(found['errors'] for found in side):,} of {sum(found['requests'] for found in side):,}"


def machine(options, bench, python_setup):
    version = importlib.metadata.version
    # It prints its version with an exit code of 1.
    wrk = re.search(r"\d[\d.]*", subprocess.run(["wrk", "--version"], capture_output=True, text=True).stdout)[0]
    program = output_of(options.program, "--version").splitlines()[0]
    turns = f"Medians of {options.turns} turns" if options.turns > 1 else "One turn"
    return (
        f"{cores()} cores of {cpu()}, no GPU. {program}, libtorch {bench['libtorch']}; Python "
        f"{platform.python_version()}, PyTorch {version('torch')}, eager, FastAPI {version('fastapi')}, uvicorn "
        f"{version('uvicorn')} with uvloop ({python_setup}, the fastest of one worker and one per core, with PyTorch's "
        f"default threads and with one), Pillow {version('pillow')}.\n"
        f"wrk {wrk} on the same cores, {CONNECTIONS} connections. {turns} of {options.seconds} s after "
        f"{WARM_UP_SECONDS} s to warm up, in fresh processes; the errors of all. "
        f"In batches: `bench --model wide --precision f32 --only inference`."
    )


def measure(options, work):
    load = Load(options, work)
    python = load.best_python_service()
    turns = [
        (*(load.turn(service, options.seconds, load.digits) for service in (load.ours, python)), load.bench())
        for _ in range(options.turns)
    ]
    report = Report(*zip(*turns, strict=True))
    print(report, "", LEGEND, machine(options, turns[0][2], python.setup), sep="\n")
    if load.disturbed > QUIET:
        print(f"Not to be quoted: other work took up to {load.disturbed:.1f} of these cores meanwhile.")
    if report.errors():
        sys.exit("error: not all requests were answered")


def stop(number, _):
    # A second one would only interrupt the shutdown of the services.
    for other in SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    sys.exit(128 + number)


def main():
    parser = argparse.ArgumentParser()
    for path in ("program", "python"):
        parser.add_argument(f"--{path}", required=True)
    for count in ("seconds", "turns"):
        parser.add_argument(f"--{count}", type=int, required=True)
    options = parser.parse_args()
    for number in SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, stop)
    warn_if_busy(say)
    with tempfile.TemporaryDirectory() as work:
        measure(options, Path(work))


if __name__ == "__main__":
    main()
