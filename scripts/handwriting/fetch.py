"""Builds the folder of handwriting that the reader is trained on: scripts/material calls it.

    fetch.py FOLDER STAGING

Each file is put into place once its SHA-256 matches sources.tsv; existing files are kept.
The exit code is 3 if files are still missing at the end.
"""

import csv
import hashlib
import io
import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import chain
from pathlib import Path

from PIL import Image

import fonts
import packages
import strokes
import symbols

HERE = Path(__file__).parent
# Fetching a small package is mostly waiting.
AT_ONCE = 3
PHOTO_SIDE, PHOTO_QUALITY = 1024, 88


def say(text):
    print(f"material: {text}", file=sys.stderr, flush=True)


def photo(content):
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    picture.thumbnail((PHOTO_SIDE, PHOTO_SIDE), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=PHOTO_QUALITY)
    return out.getvalue()


def made(file, parts):
    """Bytes of a file from its parts: pairs of name and bytes."""
    if file.endswith(".ttf"):
        return fonts.plain(parts[0][1])
    if file.endswith(".jpg"):
        return photo(parts[0][1])
    if file.startswith("strokes/"):
        return strokes.of(file, parts)
    if file == "symbols/symbols-strokes.txt":
        return symbols.of(parts)
    return parts[0][1]


def put(path, content):
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    path.parent.mkdir(parents=True, exist_ok=True)
    beside.write_bytes(content)
    os.replace(beside, path)


class Work:
    """The files that are still missing, and the parts of them that have been fetched."""

    def __init__(self, folder):
        self.folder = folder
        self.rows = {}  # by missing file
        with open(HERE / "sources.tsv", newline="") as table:
            for row in csv.DictReader(table, delimiter="\t"):
                # An empty file is a placeholder for one that was left out.
                path = folder / row["file"]
                if not path.is_file() or path.stat().st_size == 0:
                    self.rows.setdefault(row["file"], []).append(row)
        self.fetched = {}

    def sources(self):
        """Names of the files that are needed from each source."""
        needed = {}
        for row in chain.from_iterable(self.rows.values()):
            needed.setdefault(row["source"], set()).add(row["file there"])
        return needed

    def take(self, source, files):
        """Makes what can be made now that the files of a source have been fetched."""
        self.fetched.update({(source, name): content for name, content in files.items()})
        for file, rows in list(self.rows.items()):
            places = [(row["source"], row["file there"]) for row in rows]
            if not all(place in self.fetched for place in places):
                continue
            try:
                content = made(file, [(name, self.fetched[source, name]) for source, name in places])
            except Exception as error:  # of any converter, on foreign data
                say(f"{file} cannot be made from {source}: {error!r}")
                continue
            if hashlib.sha256(content).hexdigest() != rows[0]["sha256"]:
                say(f"{file} from {source} has another checksum: left out")
                continue
            put(self.folder / file, content)
            del self.rows[file]
        # Only parts of files that need several sources have to be kept.
        rows = chain.from_iterable(self.rows.values())
        waiting = {(row["source"], row["file there"]) for row in rows}
        self.fetched = {place: content for place, content in self.fetched.items() if place in waiting}


def main():
    folder, staging = map(Path, sys.argv[1:])
    logging.disable()  # fontTools warns about every oddity of a font
    put(folder / "symbols/digit-like.txt", (HERE / "digit-like.txt").read_bytes())
    work = Work(folder)
    needed = work.sources()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        jobs = [pool.submit(packages.fetch, batch, needed, staging) for batch in packages.batches(needed)]
        for job in as_completed(jobs):
            for source, files in job.result().items():
                if isinstance(files, packages.Unavailable):
                    say(f"{source} is unavailable: {files}")
                else:
                    work.take(source, files)
            say(f"{len(work.rows)} files left")
    sys.exit(3 if work.rows else 0)


if __name__ == "__main__":
    main()
