"""Pen strokes in one format: source, writer, label and strokes, separated by tabs.

Strokes are separated by `;`, points by a space; a point is `x,y` in integers, y down.
"""

import re
import xml.etree.ElementTree as xml

SVG = "{http://www.w3.org/2000/svg}"


def line(source, writer, label, strokes):
    """A sample, without points that repeat the one before."""
    kept = []
    for stroke in strokes:
        points = [f"{x},{y}" for x, y in stroke]
        kept.append(" ".join(p for i, p in enumerate(points) if i == 0 or p != points[i - 1]))
    return "\t".join((source, writer, label, ";".join(kept)))


def unipen(text):
    """Label, comment and strokes of each sample of a UNIPEN text."""
    samples = []
    for row in text.splitlines():
        words = row.split()
        if row.startswith(".SEGMENT"):
            samples.append([row.split('"')[1], [], []])
        elif not words or not samples:
            continue
        elif words[0] == ".COMMENT":
            samples[-1][1] = words[1:]
        elif words[0] == ".PEN_DOWN":
            samples[-1][2].append([])
        elif re.fullmatch(r"-?\d+", words[0]):
            samples[-1][2][-1].append((int(words[0]), int(words[1])))
    return samples


def pendigits(name, text):
    """Pen-Based Recognition of Handwritten Digits: each sample's comment is label, writer, number."""
    part = "tra" if name.endswith("train") else "tes"
    for label, (_, writer, *_), strokes in unipen(text):
        down = [[(x, 500 - y) for x, y in stroke] for stroke in strokes]
        yield line("pendigits", f"{part}{int(writer):02}", label, down)


def uji(name, text, wanted):
    """UJI Pen Characters: one file per writer, with y already down."""
    for label, _, strokes in unipen(text):
        if wanted(label):
            yield line("uji1", name[-3:], label, strokes)


def single_line(name, text):
    """A single-line font, as SVG: an outline has only moves and lines."""
    font = name.rpartition("/")[2].removesuffix(".svg")
    for glyph in xml.fromstring(text).iter(f"{SVG}glyph"):
        label, outline = glyph.get("unicode", ""), glyph.get("d", "")
        if len(label) == 1 and label.isascii() and outline.strip():
            strokes = [numbers(piece) for piece in outline.split("M") if piece.strip()]
            yield line("single-line", font, label, strokes)


def numbers(piece):
    found = [round(float(word)) for word in re.findall(r"-?[\d.]+", piece)]
    return [(x, -y) for x, y in zip(found[::2], found[1::2])]


def of(file, parts):
    """A file of strokes from its parts: pairs of name and bytes."""
    wanted = str.isdigit if "digits" in file else str.isalpha
    lines = []
    for name, content in parts:
        text = content.decode("latin-1")
        if name.endswith(".svg"):
            lines.extend(single_line(name, content.decode()))
        elif "UJI" in name:
            lines.extend(uji(name, text, wanted))
        else:
            lines.extend(pendigits(name, text))
    return "".join(f"{row}\n" for row in lines).encode()
