"""Times whole processes of `infer`: speed.py PROGRAM LARGE_PHOTO SMALL_PICTURE."""

import statistics
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path


def png(width, rows):
    """A grey PNG of rows of bytes."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, len(rows), 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def drawing(side, number):
    """A 7 in black on white, each a little different."""
    pen, lean = max(side // 12, 1), side // 4 + number % max(side // 8, 1)
    top, bottom, left, right = side // 6, side * 5 // 6, side // 4, side * 3 // 4
    rows = []
    for y in range(side):
        row = bytearray(b"\xff" * side)
        if top <= y < top + pen:
            row[left:right] = bytes(right - left)
        elif top <= y < bottom:
            start = right - pen - lean * (y - top) // (bottom - top)
            row[start : start + pen] = bytes(pen)
        rows.append(bytes(row))
    return png(side, rows)


def median_time(runs, *command):
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return f"{statistics.median(times):.2f} s (median of {runs}, {min(times):.2f} to {max(times):.2f} s)", statistics.median(times)


def main():
    program, large, small = sys.argv[1:]
    print(f"`infer` of one small picture, whole process: {median_time(11, program, 'infer', small)[0]}")
    print(f"`infer` of a 12-megapixel JPEG, whole process: {median_time(11, program, 'infer', large)[0]}")
    for side in (28, 280):
        with tempfile.TemporaryDirectory() as folder:
            for number in range(1000):
                Path(folder, f"{number}.png").write_bytes(drawing(side, number))
            text, seconds = median_time(5, program, "infer", folder)
        print(f"`infer` of 1,000 drawings of {side}×{side}: {text}, {1000 / seconds:,.0f} images/s")


main()
