"""Which digits Tesseract and RapidOCR find on rendered sheets, and where: scripts/compare-sheets calls it.

Usage: words.py FOLDER

FOLDER is what `mnist-tch scenes --sheets` wrote. The answers go to words.json in it, in pixels of the picture:
{READER: {FILE: {"sheet": checksum, "seconds": processor time, "digits": [[x, y, text], ...]}}}. An answer from an
earlier call stays if the sheet is the same; remove words.json after a change of settings.

Each reader works on one thread, on the picture as it is and on one that looks like a scan, in the settings that were
the best on other sheets (seed 5). Each digit has a place of its own, because words often reach across two cells.
Characters other than digits are dropped.
"""

import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy
from rapidocr import RapidOCR
from scan import scanned, scanned_without_lines

DIGITS = "0123456789"


def is_digit(text):
    return len(text) == 1 and text in DIGITS


def unchanged(picture, _):
    return picture, numpy.eye(3)


class Tesseract:
    MANNERS = {"": unchanged, ", as a scan without lines": scanned_without_lines}
    # A column of lines (4), sparse text with orientation (12), and its own adaptive threshold in place of even light
    # were worse.
    LAYOUTS = {"block": "6", "sparse text": "11"}

    def __init__(self, layout):
        found = subprocess.run(["tesseract", "--version"], capture_output=True, text=True, check=True)
        self.name = f"Tesseract {found.stdout.split()[1]}, {layout}"
        self.settings = (
            "--psm", self.LAYOUTS[layout],
            "-c", f"tessedit_char_whitelist={DIGITS}", "-c", "tessedit_create_boxfile=1",
        )  # fmt: skip

    def read(self, picture):
        """The digits with their middles, and the seconds of the whole process."""
        with tempfile.TemporaryDirectory() as folder:
            path, found = Path(folder, "picture.png"), Path(folder, "found")
            cv2.imwrite(str(path), picture)
            start = self.seconds()
            subprocess.run(
                ["tesseract", path, found, *self.settings],
                env=os.environ | {"OMP_THREAD_LIMIT": "1"}, stderr=subprocess.DEVNULL, check=True,
            )  # fmt: skip
            seconds = self.seconds() - start
            boxes = [line.split() for line in found.with_suffix(".box").read_text().splitlines()]
        height = picture.shape[0]
        # A character, and its left, bottom, right and top from the bottom left of the picture.
        middles = [
            ((int(left) + int(right)) / 2, height - (int(bottom) + int(top)) / 2, text)
            for text, left, bottom, right, top, _ in (box for box in boxes if is_digit(box[0]))
        ]
        return middles, seconds

    @staticmethod
    def seconds():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime


class Rapid:
    # Without lines it is worse, and with them Tesseract.
    MANNERS = {"": unchanged, ", as a scan": scanned}

    def __init__(self):
        self.name = f"RapidOCR {version('rapidocr')}"
        self.engine = RapidOCR(
            params={
                "Global.return_word_box": True,
                "Global.return_single_char_box": True,
                "Global.text_score": 0.0,  # drops nothing
                "Global.use_cls": False,  # no sheet is upside down
                "Global.log_level": "error",
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )

    def read(self, picture):
        """The digits with their middles, and the seconds without the start of the process."""
        start = time.process_time()
        found = self.engine(picture)
        seconds = time.process_time() - start
        lines = () if found.boxes is None else found.word_results
        middles = [
            (*(sum(ends) / len(ends) for ends in zip(*corners, strict=True)), text)
            for line in lines
            for text, _, corners in line
            if is_digit(text)
        ]
        return middles, seconds


def answer(reader, picture, to_original):
    digits, seconds = reader.read(picture)
    if digits:
        places = numpy.float64([[(x, y) for x, y, _ in digits]])
        places = cv2.perspectiveTransform(places, to_original)[0].tolist()
        digits = [(*place, text) for place, (_, _, text) in zip(places, digits, strict=True)]
    return {"seconds": seconds, "digits": digits}


def save(answers, path):
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(answers))
    partial.replace(path)


def main():
    folder = Path(sys.argv[1])
    sheets = json.loads((folder / "sheets.json").read_text())
    kept = folder / "words.json"
    earlier = json.loads(kept.read_text()) if kept.exists() else {}
    cv2.setNumThreads(1)
    readers = [*map(Tesseract, Tesseract.LAYOUTS), Rapid()]
    turns = {reader.name + manner: (reader, how) for reader in readers for manner, how in reader.MANNERS.items()}
    answers = {name: earlier.get(name, {}) for name in turns}
    for name, (reader, prepare) in turns.items():
        answered = answers[name]
        for at, sheet in enumerate(sheets):
            path, tables = folder / sheet["file"], sheet["tables"]
            checksum = hashlib.sha256(path.read_bytes() + json.dumps(tables).encode()).hexdigest()
            if answered.get(path.name, {}).get("sheet") == checksum:
                continue
            print(f"words.py: {name}: {at + 1} of {len(sheets)}", file=sys.stderr)
            found = answer(reader, *prepare(cv2.imread(str(path)), tables))
            answered[path.name] = {"sheet": checksum, **found}
            # After each sheet, so that an interrupted run goes on where it stopped.
            save(answers, kept)
    save(answers, kept)


if __name__ == "__main__":
    main()
