"""Letters of many scripts in the format of strokes.py."""

import io
import re
import zipfile

from strokes import line

# Omniglot's strokes have more points than needed; at this distance they keep their shape.
APART = 1.5


def omniglot(content, seen):
    """A set of alphabets; those in `seen` are left out, as the two sets share some."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        found = set()
        for path in sorted(archive.namelist()):
            parts = re.fullmatch(r".*?([^/]+)/character(\d+)/\d+_(\d+)\.txt", path)
            if parts is None or parts[1] in seen:
                continue
            found.add(parts[1])
            strokes = drawn(archive.read(path).decode())
            yield line("omniglot", f"d{parts[3]}", f"{parts[1]}/{parts[2]}", strokes)
        seen |= found


def drawn(text):
    """Strokes of a file of Omniglot: lines `x,y,t`, with BREAK after each stroke; y is up."""
    strokes, points = [], []
    for row in text.split():
        if row == "BREAK":
            strokes.append([(round(10 * x), round(-10 * y)) for x, y in thinned(points)])
            points = []
        elif row != "START":
            x, y, _ = row.split(",")
            points.append((float(x), float(y)))
    return [stroke for stroke in strokes if stroke]


def thinned(points):
    kept = points[:1]
    for x, y in points[1:]:
        if abs(x - kept[-1][0]) + abs(y - kept[-1][1]) >= APART:
            kept.append((x, y))
    return kept + points[-1:]


def tomoe(content):
    """Hiroyuki Komatsu's characters: a name, a count of strokes, and a line of points for each."""
    for entry in content.decode().split("\n\n"):
        label, _, *strokes = entry.strip("\n").split("\n") if entry.strip() else ("", "")
        if strokes:
            pairs = [re.findall(r"\((-?\d+) (-?\d+)\)", stroke) for stroke in strokes]
            yield line("tomoe", "komatsu", label, pairs)


def of(parts):
    """The file of symbols from its parts: pairs of name and bytes."""
    lines, seen = [], set()
    for name, content in parts:
        lines.extend(omniglot(content, seen) if name.endswith(".zip") else tomoe(content))
    return "".join(f"{row}\n" for row in lines).encode()
