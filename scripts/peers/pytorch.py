"""PyTorch, eager: the peer that scripts/compare measures mnist-tch beside.

Usage: pytorch.py THREADS DEVICE

On a GPU it multiplies in bfloat16, as mnist-tch does there, with fused Adam and the fastest convolutions.

Reads one job per line as JSON, {"job": NAME, ...arguments of the function of that name}, and answers
each with one line of JSON. One process does many jobs, so that no start-up time is measured.
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

# The networks of the same names in mnist-tch, layer by layer.
NETS = {
    "keras": "conv64:3 relu pool conv64:3 relu pool conv64:3 relu pool flat dense64 relu dense32 relu dense10",
    "tch": "conv32:5 pool conv64:5 pool flat dense1024 relu drop0.5 dense10",
    "pytorch": "conv32:3 relu conv64:3 relu pool drop0.25 flat dense128 relu drop0.5 dense10",
    "fast": "conv24:5 pool relu conv32:3 pool relu flat dense256 relu dense10",
}

WARM_UP_STEPS = 1
THREADS, DEVICE = int(sys.argv[1]), torch.device(sys.argv[2])
ON_GPU = DEVICE.type != "cpu"


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
    made.eval()(torch.zeros(1, 1, 28, 28))  # gives the lazy layers their input shapes
    return arranged(made.to(DEVICE), channels_last)


def adam(net, rate, **how):
    return torch.optim.Adam(net.parameters(), rate, fused=ON_GPU or None, **how)


def in_precision():
    return torch.autocast(DEVICE.type, torch.bfloat16, enabled=ON_GPU)


def wait():
    """Waits for a GPU, whose calls return before it has finished."""
    if ON_GPU:
        torch.cuda.synchronize()


def arranged(what, channels_last):
    return what.to(memory_format=torch.channels_last) if channels_last else what


def step(net, optimizer, images, labels):
    optimizer.zero_grad()
    with in_precision():
        loss = cross_entropy(net(images), labels)
    loss.backward()
    optimizer.step()


def normalized(pixels):
    """Bytes [N, 28, 28] to the networks' input."""
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
        wait()
        rates.append(images / (time.perf_counter() - start))
    return {"images_per_second": statistics.median(rates)}


def train(net, channels_last, images, batch, passes):
    """Rate of training steps on random images, prepared as normalised floats."""
    made = build(net, channels_last).train()
    optimizer = adam(made, 1e-3)
    inputs, labels = torch.randn(images, 1, 28, 28, device=DEVICE), torch.randint(10, (images,), device=DEVICE)
    batches = list(zip(inputs.split(batch), labels.split(batch)))

    def some(chosen):
        for inputs, labels in chosen:
            step(made, optimizer, arranged(inputs, channels_last), labels)

    some(batches[:WARM_UP_STEPS])
    wait()
    return median_rate(images, passes, lambda: some(batches))


def infer(net, channels_last, images, batch, passes):
    """Rate of forward passes over such images."""
    made = build(net, channels_last)
    batches = torch.randn(images, 1, 28, 28, device=DEVICE).split(batch)

    def some(chosen):
        with torch.no_grad(), in_precision():
            for inputs in chosen:
                made(arranged(inputs, channels_last))

    some(batches[:WARM_UP_STEPS])
    wait()
    return median_rate(images, passes, lambda: some(batches))


def epoch(data, net, channels_last, limit, batch):
    """One epoch of MNIST, kept as bytes, which takes PyTorch the least memory."""
    (pixels, labels), _ = mnist(data)
    made = build(net, channels_last).train()
    optimizer = adam(made, 1e-3)
    for start in range(0, min(limit, len(pixels)), batch):
        chosen = slice(start, start + batch)
        step(made, optimizer, arranged(normalized(pixels[chosen]), channels_last), labels[chosen])
    return {}


def fast99(data, seed, channels_last):
    """The one-epoch recipe of github.com/tuomaso/train_mnist_fast: seconds of training, test accuracy."""
    (pixels, labels), (test_pixels, test_labels) = mnist(data)
    images, test_images = normalized(pixels.to(DEVICE)), normalized(test_pixels.to(DEVICE))
    labels, test_labels = labels.to(DEVICE), test_labels.to(DEVICE)
    torch.manual_seed(seed)
    net = build("fast", channels_last).train()
    batches = list(zip(images.split(256), labels.split(256)))
    start = time.perf_counter()
    optimizer = adam(net, 1e-2, betas=(0.7, 0.9))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, total_steps=len(batches), cycle_momentum=False)
    for inputs, targets in batches:
        step(net, optimizer, arranged(inputs, channels_last), targets)
        schedule.step()
    wait()
    seconds = time.perf_counter() - start
    net.eval()
    with torch.no_grad(), in_precision():
        answers = torch.cat([net(arranged(inputs, channels_last)).argmax(1) for inputs in test_images.split(500)])
    return {"seconds": seconds, "accuracy": (answers == test_labels).double().mean().item()}


def version():
    return {"version": torch.__version__, "gpu": torch.cuda.get_device_name() if ON_GPU else None}


JOBS = {job.__name__: job for job in (train, infer, epoch, fast99, version)}

if __name__ == "__main__":
    torch.set_num_threads(THREADS)
    torch.backends.cudnn.benchmark = True
    for line in sys.stdin:
        arguments = json.loads(line)
        print(json.dumps(JOBS[arguments.pop("job")](**arguments)), flush=True)
