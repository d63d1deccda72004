"""PyTorch, eager, on the CPU: the peer that scripts/compare measures mnist-tch beside.

Usage: pytorch.py THREADS

Reads one job a line as JSON, {"job": NAME, ...arguments of the function of that name}, and answers
each with one line of JSON. One process does many jobs, so that what it measures holds no start-up.
"""

import functools
import gzip
import json
import statistics
import sys
import time
from pathlib import Path

import numpy
import torch
from torch import nn
from torch.nn.functional import cross_entropy

# The networks that mnist-tch knows by the same names, layer by layer.
NETS = {
    "keras": "conv64:3 relu pool conv64:3 relu pool conv64:3 relu pool flat dense64 relu dense32 relu dense10",
    "tch": "conv32:5 pool conv64:5 pool flat dense1024 relu drop0.5 dense10",
    "pytorch": "conv32:3 relu conv64:3 relu pool drop0.25 flat dense128 relu drop0.5 dense10",
    "fast": "conv24:5 pool relu conv32:3 pool relu flat dense256 relu dense10",
}

WARM_UP_STEPS = 1


def layer(word):
    name = word.rstrip("0123456789.:")
    sizes = word[len(name) :].split(":")
    match name:
        case "conv":
            return nn.LazyConv2d(int(sizes[0]), int(sizes[1]))
        case "dense":
            return nn.LazyLinear(int(sizes[0]))
        case "drop":
            return nn.Dropout(float(sizes[0]))
    return {"relu": nn.ReLU, "pool": lambda: nn.MaxPool2d(2), "flat": nn.Flatten}[name]()


def build(net, channels_last):
    made = nn.Sequential(*map(layer, NETS[net].split()))
    made.eval()(torch.zeros(1, 1, 28, 28))  # tells the lazy layers what comes in
    return arranged(made, channels_last)


def arranged(what, channels_last):
    return what.to(memory_format=torch.channels_last) if channels_last else what


def step(net, optimizer, images, labels):
    optimizer.zero_grad()
    cross_entropy(net(images), labels).backward()
    optimizer.step()


def normalized(pixels):
    """Bytes [N, 28, 28] to what the networks take."""
    return pixels.unsqueeze(1).float().div_(255).sub_(0.1307).div_(0.3081)


@functools.cache
def mnist(folder):
    """Images as bytes and labels, of training and test."""

    def read(name, header):
        path = Path(folder, name)
        data = path.read_bytes() if path.exists() else gzip.open(f"{path}.gz").read()
        return torch.from_numpy(numpy.frombuffer(data, numpy.uint8)[header:].copy())

    return [
        (
            read(f"{split}-images-idx3-ubyte", 16).view(-1, 28, 28),
            read(f"{split}-labels-idx1-ubyte", 8).long(),
        )
        for split in ("train", "t10k")
    ]


def median_rate(images, passes, one_pass):
    rates = []
    for _ in range(passes):
        start = time.perf_counter()
        one_pass()
        rates.append(images / (time.perf_counter() - start))
    return {"images_per_second": statistics.median(rates)}


def train(net, channels_last, images, batch, passes):
    """Rate of training steps on random images that lie ready as normalised floats."""
    made = build(net, channels_last).train()
    optimizer = torch.optim.Adam(made.parameters(), 1e-3)
    batches = list(zip(torch.randn(images, 1, 28, 28).split(batch), torch.randint(10, (images,)).split(batch)))

    def some(chosen):
        for inputs, labels in chosen:
            step(made, optimizer, arranged(inputs, channels_last), labels)

    some(batches[:WARM_UP_STEPS])
    return median_rate(images, passes, lambda: some(batches))


def infer(net, channels_last, images, batch, passes):
    """Rate of forward passes over such images."""
    made = build(net, channels_last)
    batches = torch.randn(images, 1, 28, 28).split(batch)

    def some(chosen):
        with torch.no_grad():
            for inputs in chosen:
                made(arranged(inputs, channels_last))

    some(batches[:WARM_UP_STEPS])
    return median_rate(images, passes, lambda: some(batches))


def epoch(data, net, channels_last, limit, batch):
    """One epoch of MNIST that rests as bytes, which takes PyTorch the least memory."""
    (pixels, labels), _ = mnist(data)
    made = build(net, channels_last).train()
    optimizer = torch.optim.Adam(made.parameters(), 1e-3)
    for start in range(0, min(limit, len(pixels)), batch):
        chosen = slice(start, start + batch)
        step(made, optimizer, arranged(normalized(pixels[chosen]), channels_last), labels[chosen])
    return {}


def fast99(data, seed, channels_last):
    """The one-epoch recipe of github.com/tuomaso/train_mnist_fast: seconds of training, test accuracy."""
    (pixels, labels), (test_pixels, test_labels) = mnist(data)
    images, test_images = normalized(pixels), normalized(test_pixels)
    torch.manual_seed(seed)
    net = build("fast", channels_last).train()
    batches = list(zip(images.split(256), labels.split(256)))
    start = time.perf_counter()
    optimizer = torch.optim.Adam(net.parameters(), 1e-2, betas=(0.7, 0.9))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, total_steps=len(batches), cycle_momentum=False)
    for inputs, targets in batches:
        step(net, optimizer, arranged(inputs, channels_last), targets)
        schedule.step()
    seconds = time.perf_counter() - start
    net.eval()
    with torch.no_grad():
        answers = torch.cat([net(arranged(inputs, channels_last)).argmax(1) for inputs in test_images.split(500)])
    return {"seconds": seconds, "accuracy": (answers == test_labels).double().mean().item()}


def version():
    return {"version": torch.__version__}


JOBS = {job.__name__: job for job in (train, infer, epoch, fast99, version)}

if __name__ == "__main__":
    torch.set_num_threads(int(sys.argv[1]))
    for line in sys.stdin:
        arguments = json.loads(line)
        print(json.dumps(JOBS[arguments.pop("job")](**arguments)), flush=True)
