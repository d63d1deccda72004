"""Reads pictures with a reader: python3 read_picture.py PICTURE... prints the digits, and the signs of numbers.

`mnist-tch export --model data/reader.safetensors --out reader.onnx` writes the two networks that it needs here;
`pip install onnxruntime numpy pillow` the rest.
"""
import sys
import numpy as np, onnxruntime

# Digits and signs, by class.
CHARACTERS = "0123456789.,-/:"

# Pixels of the picture's longer side as the detector sees it, with the sizes of the digits that it sees best
# there; scores below SURE are no digits.
SIZES, SURE = {128: (24, 999), 256: (0, 112)}, 0.3


def window(grey, left, top, step, height, width):
    """A part of the picture, its pixels `step` apart; beyond the border the border goes on."""
    n = int(np.clip(np.ceil(step), 1, 4))  # samples for a pixel along each side
    def places(start, count, length):
        at = np.clip(start + (np.arange(count * n) + 0.5) * step / n - 0.5, 0, length - 1)
        return (low := at.astype(int)), np.minimum(low + 1, length - 1), at - low
    (y0, y1, down), (x0, x1, across) = places(top, height, len(grey)), places(left, width, len(grey[0]))
    rows = grey[y0] + down[:, None] * (grey[y1] - grey[y0])
    values = rows[:, x0] + across * (rows[:, x1] - rows[:, x0])
    return values.reshape(height, n, width, n).mean((1, 3)).round()


def level(grey, longer):
    """The picture as the detector sees it; what fills its sides up to multiples of 32 has the border's middle tone."""
    sides = (max(side * longer // max(grey.shape), 1) for side in grey.shape)
    inside = window(grey, 0, 0, max(grey.shape) / longer, *sides)
    down, across = (-side % 32 for side in inside.shape)
    taller = np.pad(inside, ((0, down), (0, 0)), constant_values=np.median(inside[-1]))
    return np.pad(taller, ((0, 0), (0, across)), constant_values=np.median(inside[:, -1]))


def detections(maps):
    """Middles and sizes [N, 2] (across, down) of the characters in maps [21, H, W], the surest first."""
    best = maps[:15].max(0)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(best, 1, constant_values=-99), (3, 3))
    y, x = np.nonzero((best >= np.log(SURE / (1 - SURE))) & (best == around.max((2, 3))))
    y, x = np.stack([y, x])[:, np.argsort(-best[y, x])]
    offsets, sizes = maps[15:17, y, x].T, maps[17:19, y, x].T
    return 4 * (np.stack([x, y], 1) + 0.5 + offsets), 32 * np.exp(np.clip(sizes, -4, 4))


def crop(grey, middle, size):
    """What the second network looks at: a square of 40 by 40 with the digit in the middle."""
    side = max(1.4 * size.max(), 1)
    return window(grey, *(middle - side / 2), side / 40, 40, 40)


def read(grey, detect, look):
    """The text in a picture [H, W] of greys in 0..255."""
    digits = []
    for longer, (least, most) in SIZES.items():
        step = max(grey.shape) / longer
        maps = detect(level(grey, longer)[None])[0]
        for middle, size in zip(*(step * found for found in detections(maps))):
            fits = least <= size.max() / step <= most
            if fits and all((abs(middle - m) > 0.4 * np.maximum(size, s)).any() for m, s, _ in digits):
                digits.append((middle, size, look(crop(grey, middle, size)[None]).argmax()))
    rows = []
    for middle, size, digit in sorted(digits, key=lambda found: found[0][1]):
        if digit < len(CHARACTERS):  # else there is none
            if not rows or middle[1] > rows[-1][-1][0][1] + size[1] / 2:
                rows.append([])
            rows[-1].append((middle, digit))
    in_order = (sorted(row, key=lambda found: found[0][0]) for row in rows)
    return " ".join("".join(CHARACTERS[digit] for _, digit in row) for row in in_order)


def network(path):
    net = onnxruntime.InferenceSession(path)
    return lambda greys: net.run(None, {net.get_inputs()[0].name: np.float32(greys[:, None] / 255)})[0]


if __name__ == "__main__":
    from PIL import Image, ImageOps
    detect, look = network("reader-detector.onnx"), network("reader-crop.onnx")
    for path in sys.argv[1:]:
        picture = ImageOps.exif_transpose(Image.open(path)).convert("RGBA")
        paper = Image.new("RGBA", picture.size, "white")
        grey = np.asarray(Image.alpha_composite(paper, picture).convert("L"), "float32")
        print(read(grey, detect, look))
