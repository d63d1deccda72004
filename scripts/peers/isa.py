"""The speed-up of our loops for each instruction set: rates of training and inference, in turns with libtorch's own
operations, which are restricted to the same set."""
import argparse
import json
import os
import statistics
import subprocess
import sys

from machine import cpu, warn_if_busy

# The names of each set in the two variables that restrict libtorch.
SETS = {
    "baseline": {"ATEN_CPU_CAPABILITY": "default", "ONEDNN_MAX_CPU_ISA": "SSE41"},
    "avx2": {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2"},
    "avx512": {"ATEN_CPU_CAPABILITY": "avx512", "ONEDNN_MAX_CPU_ISA": "AVX512_CORE_BF16"},
}
NETWORKS = ["small", "cnn", "vgg"]


def rates(program, network, precision, images, isa, limits):
    """Images per second in training and in inference."""
    command = [program, "bench", "--model", network, "--precision", precision, "--images", str(images), "--only",
               "training,inference", "--json"]
    environment = os.environ | limits | {"MNIST_TCH_ISA": isa}
    measured = json.loads(subprocess.run(command, env=environment, check=True, capture_output=True).stdout)
    return [measured[part]["images_per_second"] for part in ("training", "inference")]


def version(program):
    """The versions of the program and of libtorch."""
    output = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout
    return ", ".join(output.splitlines()[:2])


def is_available(program, isa):
    command = [program, "--version"]
    return subprocess.run(command, env=os.environ | {"MNIST_TCH_ISA": isa}, capture_output=True).returncode == 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--images", type=int, default=6400)
    arguments = parser.parse_args()
    program = arguments.program
    warn_if_busy(lambda text: print(text, file=sys.stderr))
    print(f"{cpu()}, {os.cpu_count()} cores; {version(program)}")
    print(f"ours over libtorch's own operations, median of {arguments.turns} turns (least to greatest)\n")
    print(f"{'set':<10}{'precision':<11}{'network':<9}{'training':>22}{'inference':>24}")
    for isa, limits in SETS.items():
        if not is_available(program, isa):
            print(f"{isa:<10}this processor lacks it")
            continue
        for precision in ("f32", "bf16") if isa == "avx512" else ("f32",):
            for network in NETWORKS:
                ratios = []
                for _ in range(arguments.turns):
                    sizes = precision, arguments.images
                    ours = rates(program, network, *sizes, isa, limits)
                    theirs = rates(program, network, *sizes, "libtorch", limits)
                    ratios.append([a / b for a, b in zip(ours, theirs)])
                columns = [f"{statistics.median(part):.2f} ({min(part):.2f} to {max(part):.2f})" for part in zip(*ratios)]
                print(f"{isa:<10}{precision:<11}{network:<9}{columns[0]:>22}{columns[1]:>24}", flush=True)


if __name__ == "__main__":
    main()
