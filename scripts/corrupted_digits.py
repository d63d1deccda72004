"""Writes digits of MNIST, corrupted in fifteen ways: corrupted_digits.py MNIST_DIR DIR [COUNT [SEED [PART]]].

The corruptions are those of MNIST-C (Mu and Gilmer, 2019), reimplemented from the paper's description, at about its
strengths. They are for evaluation: nothing is trained on them. PART is test, or validation (the last 5,000 training
images) to choose settings by. It needs numpy: `$(scripts/python) scripts/corrupted_digits.py …`.
"""

import gzip
import struct
import sys
import zlib
from pathlib import Path

import numpy as np

SIDE = 28


def idx(path, skip):
    return np.frombuffer(gzip.decompress(path.read_bytes()), np.uint8, offset=skip)


def png(image):
    """A grey PNG."""
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    height, width = image.shape
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row.tobytes() for row in image))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def sampled(image, x, y):
    """Interpolated values; black beyond the border."""
    padded = np.pad(image, 1)
    x, y = np.clip(x + 1, 0, SIDE + 0.999), np.clip(y + 1, 0, SIDE + 0.999)
    left, top = x.astype(int), y.astype(int)
    across, down = x - left, y - top
    rows = [padded[row, left] * (1 - across) + padded[row, left + 1] * across for row in (top, top + 1)]
    return rows[0] * (1 - down) + rows[1] * down


def mapped(image, matrix):
    """The image, each pixel sampled where the matrix maps it, about the centre."""
    y, x = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    middle = (SIDE - 1) / 2
    return sampled(image, matrix[0][0] * x + matrix[0][1] * y + middle, matrix[1][0] * x + matrix[1][1] * y + middle)


def blurred(image, deviation):
    reach = int(np.ceil(3 * deviation))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2)
    weights /= weights.sum()
    for axis in (0, 1):
        image = np.apply_along_axis(np.convolve, axis, np.pad(image, [(reach, reach) if axis == a else (0, 0) for a in (0, 1)]), weights, "valid")
    return image


def line(image, points):
    """Draws white dots at these points, one pixel each, spread over the four nearest pixels."""
    for x, y in points:
        for row in (int(np.floor(y)), int(np.floor(y)) + 1):
            for column in (int(np.floor(x)), int(np.floor(x)) + 1):
                if 0 <= row < SIDE and 0 <= column < SIDE:
                    share = (1 - abs(y - row)) * (1 - abs(x - column))
                    image[row, column] = max(image[row, column], min(1.5 * share, 1))
    return image


def across(rng):
    """A random straight line through the middle region: a point on it, and its direction."""
    angle = rng.uniform(0, np.pi)
    direction = np.array([np.cos(angle), np.sin(angle)])
    middle = SIDE / 2 + rng.uniform(-3, 3, 2)
    return middle, direction


def shot_noise(image, rng):
    return rng.poisson(image * 5) / 5


def impulse_noise(image, rng):
    hit, tone = rng.random(image.shape) < 0.17, rng.random(image.shape) < 0.5
    return np.where(hit, tone, image)


def glass_blur(image, rng):
    image = blurred(image, 0.7)
    for _ in range(2):
        for y in range(1, SIDE - 1):
            for x in range(1, SIDE - 1):
                down, right = rng.integers(-1, 2, 2)
                other = image[y + down, x + right]
                image[y + down, x + right], image[y, x] = image[y, x], other
    return blurred(image, 0.7)


def motion_blur(image, rng):
    angle = rng.uniform(-np.pi / 4, np.pi / 4)
    y, x = np.mgrid[:SIDE, :SIDE].astype(float)
    steps = np.arange(-10, 11)
    weights = np.exp(-0.5 * (steps / 3) ** 2)
    views = [w * sampled(image, x + s * np.cos(angle), y + s * np.sin(angle)) for w, s in zip(weights, steps)]
    return sum(views) / weights.sum()


def shear(image, rng):
    return mapped(image, [[1, rng.choice([-1, 1]) * 0.4], [0, 1]])


def scale(image, rng):
    return mapped(image, [[1 / 0.7, 0], [0, 1 / 0.7]])


def rotate(image, rng):
    angle = rng.choice([-1, 1]) * 0.4
    return mapped(image, [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


def brightness(image, rng):
    return image + 0.5


def translate(image, rng):
    y, x = np.mgrid[:SIDE, :SIDE].astype(float)
    right, down = rng.choice([-3, 3], 2)
    return sampled(image, x - right, y - down)


def stripe(image, rng):
    image[:, :7] = 1 - image[:, :7]
    image[:, 21:] = 1 - image[:, 21:]
    return image


def fog(image, rng):
    cloud = sum(2.0**-k * np.kron(rng.random((2**k, 2**k)), np.ones((32 // 2**k,) * 2)) for k in range(1, 6))
    cloud = blurred(cloud, 1.5)[:SIDE, :SIDE]
    cloud = (cloud - cloud.min()) / (cloud.max() - cloud.min())
    return (image + 2 * cloud) / 3


def spatter(image, rng):
    drops = blurred(rng.normal(0.65, 0.3, image.shape), 1)
    mask = drops > 0.78
    return np.where(mask, 0.7, image)


def dotted_line(image, rng):
    middle, direction = across(rng)
    return line(image, [middle + direction * step for step in np.arange(-20, 20, 2.5)])


def zigzag(image, rng):
    middle, direction = across(rng)
    aside = np.array([-direction[1], direction[0]])
    steps = np.arange(-20, 20, 0.4)
    swing = 2.5 * (4 * np.abs((steps / 5) % 1 - 0.5) - 1)
    return line(image, [middle + direction * step + aside * off for step, off in zip(steps, swing)])


def canny_edges(image, rng):
    smooth = np.pad(blurred(image, 1.0), 1)
    right = smooth[1:-1, 2:] - smooth[1:-1, :-2]
    down = smooth[2:, 1:-1] - smooth[:-2, 1:-1]
    slope = np.hypot(right, down)
    y, x = np.mgrid[:SIDE, :SIDE].astype(float)
    unit = np.maximum(slope, 1e-9)
    sides = [sampled(slope, x + sign * right / unit, y + sign * down / unit) for sign in (-1, 1)]
    return ((slope > 0.25) & (slope >= sides[0]) & (slope > sides[1])).astype(float)


KINDS = [shot_noise, impulse_noise, glass_blur, motion_blur, shear, scale, rotate, brightness, translate, stripe,
         fog, spatter, dotted_line, zigzag, canny_edges]


def main(mnist, folder, count=100, seed=0, part="test"):
    name, last = {"test": ("t10k", 10_000), "validation": ("train", 5_000)}[part]
    images = idx(Path(mnist) / f"{name}-images-idx3-ubyte.gz", 16).reshape(-1, SIDE, SIDE)[-last:]
    labels = idx(Path(mnist) / f"{name}-labels-idx1-ubyte.gz", 8)[-last:]
    folder = Path(folder)
    (folder / "images").mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(int(seed))
    lines = ["file\tlabel\tkind\tsource"]
    for kind in KINDS:
        for index in rng.choice(len(images), int(count), replace=False):
            corrupted = np.clip(kind(images[index] / 255.0, rng), 0, 1)
            name = f"{kind.__name__}-{index}.png"
            (folder / "images" / name).write_bytes(png((corrupted * 255).round().astype(np.uint8)))
            lines.append(f"{name}\t{labels[index]}\t{kind.__name__}\tmnist")
    (folder / "labels.tsv").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    if not 3 <= len(sys.argv) <= 6 or sys.argv[5:] not in ([], ["test"], ["validation"]):
        sys.exit(__doc__)
    main(*sys.argv[1:])
