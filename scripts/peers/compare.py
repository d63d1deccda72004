"""Measures mnist-tch beside its peers and prints one Markdown table: scripts/compare calls it.

Each row is measured in turns (mnist-tch, a peer, the next, mnist-tch again …), so that other work of
the machine affects all alike, and the median of the turns counts.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from machine import cpu, warn_if_busy

ROOT = Path(__file__).resolve().parents[2]
NETS = ("keras", "tch", "pytorch", "fast")
TRAIN_BATCH, INFER_BATCH = 128, 500
LEGEND = "In brackets: mnist-tch divided by its peer, so more is better of rates, less of time and memory."
LAYOUTS = (False, True)  # whether channels_last


class Extent:
    """How much is measured: for figures to quote, or for a quick look."""

    def __init__(self, quick, on_gpu):
        self.turns = 3
        times = 10 if on_gpu else 1
        self.passes = 1 if quick else 2
        self.train_images = times * (1_024 if quick else 6_400)
        self.infer_images = times * (2_000 if quick else 10_000)
        self.candle_steps = 4 if quick else 20
        self.memory_nets = ("tch",) if quick else NETS
        self.memory_images = 2_560 if quick else 12_800
        self.growth_images = 2_000 if quick else 15_000


def say(text):
    print(f"compare: {text}", file=sys.stderr, flush=True)


def run(*command, answer=None):
    """Runs a process to its end: what it printed, its seconds, its peak memory in bytes."""
    start = time.perf_counter()
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    # Little is written and read, so doing one after the other cannot block.
    if answer:
        process.stdin.write(answer)
    process.stdin.close()
    output, errors = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"error: {' '.join(map(str, command))} failed:\n{errors or output}")
    unit = 1 if sys.platform == "darwin" else 1024
    return output, seconds, unit * usage.ru_maxrss


class PyTorch:
    """A process that does one job after another."""

    def __init__(self, python, threads, device):
        self.command = (python, ROOT / "scripts/peers/pytorch.py", str(threads), device)
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(self.command, stdin=pipe, stdout=pipe, text=True)

    def ask(self, job, **arguments):
        print(json.dumps({"job": job, **arguments}), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        return json.loads(line) if line else sys.exit("error: scripts/peers/pytorch.py ended early")

    def peak_memory(self, job, **arguments):
        """Of a process that does nothing else."""
        return run(*self.command, answer=json.dumps({"job": job, **arguments}))[2]


def in_turns(turns, measures):
    """Calls the measures one after the other, several times: the values of each."""
    found = {name: [] for name in measures}
    for _ in range(turns):
        for name, measure in measures.items():
            found[name].append(measure())
    return found


def medians(turns, measures):
    return {name: statistics.median(values) for name, values in in_turns(turns, measures).items()}


class Table:
    """Figures of mnist-tch, and of each peer with the ratio of ours to it."""

    def __init__(self):
        self.rows = []

    def add(self, title, ours, default="", channels_last="", other=""):
        self.rows.append((title, ours, default, channels_last, other))

    def compare(self, title, form, ours, default=None, channels_last=None, other=None):
        def cell(value, name=""):
            return f"{name}{form(value)} ({ours / value:.2f}×)" if value else ""

        peers = cell(default), cell(channels_last), cell(*reversed(other)) if other else ""
        self.add(title, form(ours), *peers)

    def __str__(self):
        heads = ("", "mnist-tch", "PyTorch", "PyTorch, channels_last", "others")
        lines = [heads, ("---",) + ("---:",) * 3 + ("---",), *self.rows]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def rate(value):
    return f"{value:,.0f}"


def seconds(value):
    return f"{value:.2f} s"


def megabytes(value):
    return f"{value / 1e6:,.0f} MB"


class Comparison:
    def __init__(self, options):
        self.options = options
        self.on_gpu = options.device != "cpu"
        self.extent = Extent(options.quick, self.on_gpu)
        self.table = Table()
        self.peer = PyTorch(options.python, options.threads, options.device)
        self.work = tempfile.TemporaryDirectory()
        self.precision = None  # set by the first bench
        self.data = None  # where the first training found MNIST

    def ours(self, *arguments):
        return run(self.options.program, *map(str, arguments))

    def bench(self, net, only, images):
        found, _, _ = self.ours(
            "bench", "--json", "--device", self.options.device, "--threads", self.options.threads, "--only", only,
            "--model", net, "--images", images,
            "--batch-size", TRAIN_BATCH, "--inference-batch-size", INFER_BATCH,
        )  # fmt: skip
        found = json.loads(found)
        self.precision = found["precision"]
        return found

    def train(self, out, *arguments):
        out = Path(self.work.name, out)
        device, threads = self.options.device, self.options.threads
        common = ("train", "--device", device, "--threads", threads, "--data", "mnist")
        _, _, memory = self.ours(*common, "--out", out, *arguments)
        return out, memory

    def rates(self, what, ours, job, images, batch):
        """A row of images per second for each network."""
        for net in NETS:
            say(f"{what}, {net}")

            def peer(channels_last, net=net):
                found = self.peer.ask(
                    job, net=net, channels_last=channels_last, images=images, batch=batch, passes=self.extent.passes
                )
                return found["images_per_second"]

            measures = {
                "ours": lambda net=net: self.bench(net, ours, images)[ours]["images_per_second"],
                "default": lambda: peer(False),
                "channels_last": lambda: peer(True),
            }
            candle = net == "tch" and job == "train" and self.options.candle and not self.on_gpu
            if candle:
                measures["other"] = self.candle_rate
            found = medians(self.extent.turns, measures)
            if candle:
                found["other"] = (f"candle {candle_version()}: ", found["other"])
            self.table.compare(f"{what}, net `{net}`, images/s", rate, **found)

    def candle_rate(self):
        found, _, _ = run(self.options.candle, str(self.extent.candle_steps))
        return json.loads(found)["images_per_second"]

    def achieved(self):
        """Ours alone: the share of what the processor could do."""
        say("training and inference, vgg")
        found = self.bench("vgg", "training,inference", self.extent.train_images)
        shares = (f"{part} {100 * found[part]['of_matrix_rate']:.0f} %" for part in ("training", "inference"))
        matrix = f"{found['matrix_gflops']:,.0f} GFLOP/s"
        self.table.add(f"share of the rate of matrix products ({matrix}), net `vgg`", ", ".join(shares))

    def one_epoch(self):
        """The fastest way to 99 % that each has, over several seeds."""
        found = {"ours": [], False: [], True: []}
        for seed in range(self.options.seeds):
            say(f"to 99 %, seed {seed}")
            out, _ = self.train(f"fast-{seed}", "--preset", "fast", "--seed", seed)
            results = json.loads((out / "results.json").read_text())
            found["ours"].append((results["training_seconds"], results["test_accuracy"]))
            self.data = json.loads((out / "config.json").read_text())["data"]["folder"]
            for channels_last in LAYOUTS:
                peer = self.peer.ask("fast99", data=self.data, seed=seed, channels_last=channels_last)
                found[channels_last].append((peer["seconds"], peer["accuracy"]))
        taken, accuracies = (
            [[one[index] for one in found[of]] for of in ("ours", *LAYOUTS)] for index in (0, 1)
        )
        self.table.compare("training to 99 %: `--preset fast`, one epoch", seconds, *map(statistics.median, taken))
        self.table.add("its test accuracy", *map(spread, accuracies))

    def start_up(self):
        say("start-up")
        picture = ROOT / "data/five.png"
        measures = {
            "ours": lambda: self.ours("infer", picture)[1],
            "default": lambda: run(self.options.python, "-c", "import torch")[1],
            "other": lambda: run(self.options.linked)[1],
        }
        for warm_up in measures.values():
            warm_up()
        found = medians(self.extent.turns, measures)
        found["other"] = ("a program that links libtorch: ", found["other"])
        self.table.compare("start-up: `infer` of a picture, `import torch`", seconds, **found)

    def memory(self):
        for net in self.extent.memory_nets:
            say(f"memory, {net}")
            images = self.extent.memory_images
            _, ours = self.train(
                f"memory-{net}", "--model", net, "--limit", images, "--epochs", 1,
                "--batch-size", TRAIN_BATCH, "--no-augment",
            )  # fmt: skip
            peers = [
                self.peer.peak_memory(
                    "epoch", data=self.data, net=net, channels_last=channels_last, limit=images, batch=TRAIN_BATCH
                )
                for channels_last in LAYOUTS
            ]
            self.table.compare(f"peak memory of training, net `{net}`", megabytes, ours, *peers)

    def growth(self):
        """Ours alone: the cost of more data."""
        counts = [times * self.extent.growth_images for times in (1, 4, 16)]
        say(f"growth, {', '.join(f'{count:,}' for count in counts)} images")
        found = in_turns(self.extent.turns, {count: partial(self.epoch, count) for count in counts})
        first = None
        for count in counts:
            taken, memory = map(statistics.median, zip(*found[count], strict=True))
            growth = ""
            if first:
                further = (memory - first[1]) / (count - counts[0])
                growth = f"{taken / first[0]:.1f}× the first's time, {further:,.0f} bytes for each further image"
            first = first or (taken, memory)
            title = f"an epoch of {count:,} images, net `fast`"
            self.table.add(title, f"{seconds(taken)}, {megabytes(memory)}", other=growth)

    def epoch(self, images):
        """Its seconds, and its peak memory in bytes, which the program reports on Linux only."""
        found = self.bench("fast", "training", images)
        return images / found["training"]["images_per_second"], found.get("peak_memory_bytes", 0)

    def machine(self):
        options = self.options
        program = self.ours("--version")[0].splitlines()[0]
        peer = self.peer.ask("version")
        gpu, precision = peer["gpu"] or "no GPU", "bf16" if self.on_gpu else "f32"
        seeds = f"seeds 0 to {options.seeds - 1}, mean ± standard deviation" if options.seeds > 1 else "seed 0"
        return (
            f"{os.cpu_count()} cores of {cpu()}, {options.threads} threads, {gpu}. {program} in "
            f"{self.precision}, libtorch 2.11.0; PyTorch {peer['version']}, eager, in {precision}; "
            f"batches of {TRAIN_BATCH} in training, of {INFER_BATCH} in inference.\n"
            f"Medians of {self.extent.turns} turns; {seeds}."
        )


def spread(values):
    deviation = f" ± {100 * statistics.stdev(values):.2f}" if len(values) > 1 else ""
    return f"{100 * statistics.mean(values):.2f}{deviation} %"


def candle_version():
    lock = (ROOT / "scripts/peers/candle/Cargo.lock").read_text()
    return re.search(r'name = "candle-core"\nversion = "(.*)"', lock)[1]


def main():
    parser = argparse.ArgumentParser()
    for path in ("program", "python"):
        parser.add_argument(f"--{path}", required=True)
    for path in ("linked", "candle"):
        parser.add_argument(f"--{path}")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seeds", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    comparison = Comparison(parser.parse_args())
    warn_if_busy(say)
    comparison.rates("training", "training", "train", comparison.extent.train_images, TRAIN_BATCH)
    comparison.rates("inference", "inference", "infer", comparison.extent.infer_images, INFER_BATCH)
    comparison.achieved()
    comparison.one_epoch()
    # The rest is measured on the CPU only.
    if not comparison.on_gpu:
        comparison.start_up()
        comparison.memory()
        comparison.growth()
    print(comparison.table, "", LEGEND, comparison.machine(), sep="\n")


main()
