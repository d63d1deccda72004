#!/usr/bin/env python3
"""Regenerates fuzz/seeds: small files of every kind that is read. Needs Pillow."""

import gzip
import json
import struct
from pathlib import Path

from PIL import Image, ImageDraw

SEEDS = Path(__file__).parent / "seeds"


def drawing(digits="4", side=24):
    """Digits of black ink on white paper, side by side."""
    strokes = {
        "4": [[(0.5, 0.15), (0.25, 0.6), (0.75, 0.6)], [(0.6, 0.4), (0.6, 0.85)]],
        "7": [[(0.25, 0.2), (0.75, 0.2), (0.4, 0.85)]],
    }
    picture = Image.new("L", (side * len(digits), side), 255)
    pen = ImageDraw.Draw(picture)
    for number, digit in enumerate(digits):
        for stroke in strokes[digit]:
            pen.line([((number + x) * side, y * side) for x, y in stroke], fill=0, width=2)
    return picture


def images():
    grey = drawing()
    ink = grey.point(lambda value: 255 - value)
    clear = grey.convert("RGBA")
    clear.putalpha(ink)
    palette = grey.convert("RGB").quantize(4)
    bits = grey.convert("1")
    deep = grey.convert("I;16").point(lambda value: value * 257)
    colour = Image.merge("RGB", (grey, grey, ink.point(lambda value: 200 - value // 4)))
    exif = Image.Exif()
    exif[0x0112] = 6
    save = {
        "grey.png": (grey, {}),
        "bits.png": (bits, {}),
        "palette.png": (palette, {"transparency": 0}),
        "clear.png": (clear, {}),
        "deep.png": (deep, {}),
        "colour.png": (colour, {"exif": exif}),
        "number.png": (drawing("4774"), {}),
        "blank.png": (Image.new("L", (9, 9), 255), {}),
        "grey.jpg": (grey, {"quality": 60}),
        "colour.jpg": (colour, {"quality": 60, "exif": exif}),
        "progressive.jpg": (colour, {"quality": 60, "progressive": True}),
        "cmyk.jpg": (colour.convert("CMYK"), {"quality": 60}),
        "restarts.jpg": (colour, {"quality": 60, "subsampling": 1, "restart_marker_blocks": 2}),
        "palette.gif": (palette, {}),
        "interlaced.gif": (grey, {"interlace": 1}),
        "frames.gif": (grey, {"save_all": True, "append_images": [ink], "disposal": 2}),
        "grey.bmp": (grey, {}),
        "bits.bmp": (bits, {}),
        "colour.bmp": (colour, {}),
        "clear.bmp": (clear, {}),
        "lossless.webp": (clear, {"lossless": True}),
        "lossy.webp": (colour, {"quality": 50, "exif": exif}),
        "alpha.webp": (clear, {"quality": 50}),
        "frames.webp": (grey.convert("RGB"), {"save_all": True, "append_images": [colour]}),
        "clear.tiff": (clear, {}),
        "deep.tiff": (deep, {}),
        "float.tiff": (grey.convert("F"), {}),
        "bits.tiff": (bits, {"compression": "group4"}),
        "cmyk.tiff": (colour.convert("CMYK"), {"compression": "packbits"}),
        "lzw.tiff": (colour, {"compression": "tiff_lzw", "exif": exif}),
        "deflate.tiff": (palette, {"compression": "tiff_deflate"}),
        "jpeg.tiff": (colour, {"compression": "jpeg"}),
    }
    for name, (picture, options) in save.items():
        picture.save(SEEDS / "image" / name, **options)


def idx():
    def array(kind, shape, data):
        return bytes([0, 0, kind, len(shape)]) + struct.pack(f">{len(shape)}I", *shape) + data

    files = {
        "images": array(8, [2, 3, 4], bytes(range(24))),
        "labels": array(8, [4], bytes([7, 0, 9, 1])),
        "integers": array(12, [2, 3], struct.pack(">6i", 5, 0, 1, 4, 2, 3)),
        "empty": array(8, [0, 28, 28], b""),
    }
    files |= {f"{name}.gz": gzip.compress(data, mtime=0) for name, data in files.items()}
    halves = files["images"][:9], files["images"][9:]
    files["members.gz"] = b"".join(gzip.compress(half, mtime=0) for half in halves)
    for name, data in files.items():
        (SEEDS / "idx" / name).write_bytes(data)


def weights(kind, prefixes=("",), description=None, extra=(), key="mnist-tch"):
    """A dense network with one hidden unit, or an ensemble of these, as a .safetensors file."""
    size = {"F32": 4, "BF16": 2, "F64": 8}[kind]
    # 1.0, little-endian.
    one = {"F32": b"\0\0\x80?", "BF16": b"\x80?", "F64": b"\0\0\0\0\0\0\xf0?"}[kind]
    shapes = {"fc1.weight": [1, 784], "fc1.bias": [1], "fc2.weight": [10, 1], "fc2.bias": [10]}
    header, data = {}, b""
    if description:
        header["__metadata__"] = {key: json.dumps(description)}
    for prefix in prefixes:
        for name, shape in shapes.items():
            count = shape[0] * (shape[1] if len(shape) > 1 else 1)
            end = len(data) + count * size
            header[prefix + name] = {"dtype": kind, "shape": shape, "data_offsets": [len(data), end]}
            data += one * count
    for name in extra:
        end = len(data) + 8
        header[name] = {"dtype": "I64", "shape": [], "data_offsets": [len(data), end]}
        data += bytes(8)
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def safetensors():
    described = {
        "architecture": {"name": "mlp", "hidden": [1]},
        "members": 1,
        "data": "synthetic",
        "epoch": 3,
        "validation_accuracy": 0.5,
        "test_accuracy": None,
        "temperature": 1.0,
        "version": "0.1.0",
    }
    pair = ("member0.", "member1.")
    files = {
        "own": weights("BF16", description=described),
        "own-pair": weights("BF16", pair, described | {"members": 2}),
        "own-small": weights("BF16", description=described | {"architecture": {"name": "small"}}),
        "foreign": weights("F32", extra=["fc1.num_batches_tracked"]),
        "foreign-pair": weights("BF16", pair),
    }
    for name, data in files.items():
        (SEEDS / "safetensors" / name).write_bytes(data)


TRAINING = {
    "epochs": 3,
    "batch_size": 128,
    "learning_rate": 0.004,
    "optimizer": "adamw",
    "weight_decay": 0.02,
    "label_smoothing": 0.0,
    "averaging": 0.998,
    "augmentation": None,
    "precision": "f32",
    "seed": 0,
    "patience": None,
}

DISTORTION = {
    "rotation": 12.0,
    "scale": 0.12,
    "shear": 0.15,
    "shift": 2.0,
    "bend": 0.9,
    "ink": {
        "wider": 0.7,
        "thinner": 0.5,
        "blur": 0.6,
        "strength": [0.7, 1.6],
        "gap": 1.5,
        "torn": 0.12,
    },
}

EPOCHS = [
    {
        "epoch": epoch,
        "learning_rate": 0.004 / epoch,
        "train_loss": 1.5 / epoch,
        "train_accuracy": 0.6,
        "validation_loss": 1.2 / epoch,
        "validation_accuracy": 0.7 + epoch / 100,
        "seconds": 1.25,
        "images_per_second": 2000.0,
    }
    for epoch in (1, 2)
]


def config():
    plain = {
        "architecture": {"name": "mlp", "hidden": [30]},
        "members": 1,
        "training": TRAINING,
        "mixture": None,
        "data": {"name": "synthetic", "folder": None, "sha256": {}},
        "limit": 1500,
        "images": {"train": 1500, "validation": 250, "test": 1500},
        "device": "cpu",
        "threads": 1,
        "started": "2026-01-02T03:04:05+00:00",
        "mnist_tch": "0.1.0",
        "libtorch": "2.11.0",
    }
    other = plain | {
        "architecture": {"name": "wide"},
        "training": TRAINING | {"augmentation": DISTORTION, "patience": 2, "optimizer": "sgd"},
        "mixture": {"digits": 0.35, "non_digits": 0.4},
        "data": {"name": "idx", "folder": "data", "sha256": {"train-images-idx3-ubyte": "00"}},
    }
    for name, settings in {"plain": plain, "other": other}.items():
        (SEEDS / "config" / name).write_text(json.dumps(settings, indent=1))


def metrics():
    rows = [list(EPOCHS[0])] + [epoch.values() for epoch in EPOCHS]
    text = "".join(",".join(map(str, row)) + "\n" for row in rows)
    (SEEDS / "metrics" / "rows").write_text(text)
    (SEEDS / "metrics" / "header").write_text(text.split("\n")[0] + "\n")
    (SEEDS / "metrics" / "strange").write_text(text.replace("2000.0", "inf").replace("0.6", "NaN"))


def state():
    begun = {
        "version": "0.1.0",
        "config": TRAINING,
        "history": EPOCHS,
        "kept": 2,
        "peak": 2,
        "seconds": 0.5,
    }
    fresh = begun | {"history": [], "kept": None, "peak": None}
    for name, training in {"begun": begun, "fresh": fresh}.items():
        data = weights("BF16", ("net.", "kept."), training, key="mnist-tch-training")
        (SEEDS / "state" / name).write_bytes(data)


for folder in ("image", "idx", "safetensors", "config", "metrics", "state"):
    (SEEDS / folder).mkdir(parents=True, exist_ok=True)
images()
idx()
safetensors()
config()
metrics()
state()
